"""The web adapter: HTTP in, one call of a use case, HTTP out. No decision about a campaign is made here."""
