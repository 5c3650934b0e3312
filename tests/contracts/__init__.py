"""Contracts as tests: every adapter of a port passes the same class."""
