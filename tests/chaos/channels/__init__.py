"""Campaigns over every channel and provider on real processes, against the emulated providers with faults on.

python -m tests.chaos.channels --rows 500 --seed 6 --ledger postgres
"""
