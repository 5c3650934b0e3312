"""A worker that is killed, or only held up: its claims are in doubt, never sent by another, and its receipts count."""

from __future__ import annotations

import os
import signal

from server.domain.words import MessageState
from tests.outages.conftest import ROWS, Plant
from tests.waiting import gone

SENDERS = 2


def test_the_claims_of_a_killed_worker_become_in_doubt_and_the_rest_is_sent(plant: Plant) -> None:
    plant.sending()
    os.kill(plant.worker(), signal.SIGKILL)
    plant.until(plant.done, what="the campaign to end")
    states = plant.states
    assert 1 <= states[MessageState.IN_DOUBT] <= 8
    assert states[MessageState.SENT] + states[MessageState.IN_DOUBT] == ROWS
    assert set(plant.received.values()) == {1}
    words = {"Sent": states[MessageState.SENT], "In doubt": states[MessageState.IN_DOUBT]}
    plant.until(lambda: plant.words == words, what=f"the cells to say {words}")


def test_a_worker_that_was_held_up_comes_back_and_brings_its_receipts(plant: Plant) -> None:
    """Its lease is taken away as if its 15 seconds were over: the process lives, so that only time can tell."""
    plant.sending()
    stopped = plant.worker()
    os.kill(stopped, signal.SIGSTOP)
    try:
        for lease, owner in plant.services.ledger.leases.held():
            if lease.startswith("send-"):
                plant.services.ledger.leases.release(lease, owner)
        plant.until(lambda: plant.states.get(MessageState.IN_DOUBT), what="its claims to become doubtful")
        in_doubt = plant.states[MessageState.IN_DOUBT]
        plant.until(plant.done, what="the other worker to send the rest")
        assert plant.states == {MessageState.SENT: ROWS - in_doubt, MessageState.IN_DOUBT: in_doubt}
    finally:
        os.kill(stopped, signal.SIGCONT)
    plant.until(lambda: plant.states == {MessageState.SENT: ROWS}, what="late receipts")
    plant.until(lambda: plant.done() and plant.words == {"Sent": ROWS}, what="the cells")
    assert set(plant.received.values()) == {1}
    assert stopped in plant.workers()
    assert not gone(stopped)
