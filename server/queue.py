"""Job names, the queue each one goes to, and the RQ adapter of the Queue port.

Jobs are named by strings, so that nothing here imports `jobs/`; `tests/test_layout.py` resolves each of them.
"""

from __future__ import annotations

DRAFT = "jobs.drafting.draft_chunk"
"""(campaign_id, chunk)"""
SEND = "jobs.sending.send_chunk"
"""(campaign_id, chunk)"""
RECEIVE = "jobs.receiving.receive"
"""(event_id)"""
INTERPRET = "jobs.interpreting.interpret"
"""(reply_id)"""
SYNC = "jobs.writing.sync"
"""(campaign_id): read what people changed in the sheet, write what is pending"""

FAST = "fast"
"""Inbound, write-back and what a person waits for."""
BULK = "bulk"
"""Drafting and sending."""

JOBS: dict[str, str] = {DRAFT: BULK, SEND: BULK, RECEIVE: FAST, INTERPRET: FAST, SYNC: FAST}
"""Job name -> queue."""
