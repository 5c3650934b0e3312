"""Timings, run by `make bench` and never by the tests. Each module has a `main()` that prints what it measured."""
