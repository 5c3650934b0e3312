"""The rig that tries to break the promises of section 4 of the design, on real processes: `python -m tests.chaos`."""
