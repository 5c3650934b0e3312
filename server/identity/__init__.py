"""Who somebody is, by what their host's provider signed; and what they permit us to do for them. No web, no ledger."""
