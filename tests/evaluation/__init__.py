"""`make eval`: how well a configured model plans, drafts and reads, by cases with known answers.

`cases/*.jsonl` hold what is asked and what is right; `recorded/*.jsonl` answers to it, for a run without a key. A run
goes the whole way of the product: prompt, wire, form, checks in code, second reader. See docs/model.md.
"""
