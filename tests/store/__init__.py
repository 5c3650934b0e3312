"""Tests of the ledger."""

SECRET = "a secret of thirty-two characters or more"
