"""Redis, workers and whole installations that go away in mid-campaign: real processes, a real mail server."""
