"""Tests of the ledger."""

from tests.databases import SECRET

__all__ = ["SECRET"]
