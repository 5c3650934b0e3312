"""VERBS: one file per arrow of the flow, plain functions, ports passed in by name. No I/O library is imported here.

Two files have no arrow of their own: `observing` reads what people typed into our columns (part of `write`), and
`sweeping` finds the work that is open in the ledger (what makes every arrow restartable).
"""
