"""Many threads, several processes and any order of events: once is once, and the machine's word is what is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain import machine
from server.domain.machine import MessageEvent
from server.domain.message import Approval, Extras, Message
from server.domain.reply import Interpretation
from server.domain.usage import Made
from server.domain.words import (
    CampaignState,
    ChannelName,
    DeliveryStatus,
    Flag,
    MessageState,
    Outcome,
    Problem,
    SuppressionReason,
)
from server.ports import CellWrite
from server.store import SqlLedger, open_ledger
from server.store.crypto import SecretCipher
from tests.contracts.ledger import AT, PLAN, approved, message, sending, stored
from tests.fakes import FakeClock

S = MessageState
WORDS = st.sampled_from(["", "Yes", "Nö 🏁"])
MOMENTS = st.integers(0, 3).map(lambda minutes: AT + timedelta(minutes=minutes))
READINGS = st.builds(
    Interpretation,
    outcome=st.sampled_from(Outcome),
    values=st.dictionaries(st.just("Coming"), WORDS, max_size=1),
    evidence=WORDS,
    confidence=st.sampled_from([0.0, 0.5, 1.0]),
    flag=st.sampled_from(Flag),
    reason=WORDS,
)
APPROVALS = st.builds(Approval, who=st.just("anna"), at=MOMENTS, fingerprint=WORDS)
FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    bool: st.booleans(),
    int: st.integers(0, 3),
    type(AT): MOMENTS,
    type(AT) | None: st.none() | MOMENTS,
    int | None: st.none() | st.integers(0, 3),
    Approval: APPROVALS,
    ChannelName | None: st.none() | st.sampled_from(ChannelName),
    Extras: st.builds(Extras, cc=st.lists(WORDS, max_size=1).map(tuple), text=WORDS),
    Interpretation: READINGS,
    Made: st.builds(Made, prompt=WORDS, plan=st.integers(0, 3)),
}
OTHERS = {"values": st.dictionaries(st.just("Coming"), WORDS, max_size=1)}


def _events(kind: type) -> st.SearchStrategy[MessageEvent]:
    """Any event of that kind, from a small world, so that values meet again."""
    hints = get_type_hints(kind)
    parts = {}
    for name, form in hints.items():
        if name in OTHERS:
            parts[name] = OTHERS[name]
        elif form in {DeliveryStatus, Problem, Outcome}:
            parts[name] = st.sampled_from(form)
        else:
            parts[name] = FIELDS[form]
    return st.builds(kind, **parts)


EVENTS = st.one_of([_events(kind) for kind in sorted(machine.MESSAGE_MOVES, key=lambda kind: kind.__name__)])
"""Every event that the machine knows: one that is added there is tried here."""

_numbers = count(1)


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory, cipher: SecretCipher) -> Iterator[SqlLedger]:
    """A ledger with a campaign that is sending, for all examples."""
    ledger = open_ledger(f"sqlite:///{tmp_path_factory.mktemp('any') / 'ledger.db'}", cipher)
    sending(ledger)
    yield ledger
    ledger.close()


def _expected(before: Message, event: MessageEvent) -> Message | None:
    """The machine's word; a claim also has to be due."""
    if isinstance(event, machine.Claimed) and before.due_at is not None and before.due_at > event.at:
        return None
    return machine.after(before, event)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(0, 2), EVENTS), max_size=40),
    states=st.tuples(*[st.sampled_from(S)] * 3),
    cuts=st.sets(st.integers(0, 40)),
)
def test_any_events_in_any_batches_leave_what_the_machine_says(
    worked_on: SqlLedger, moves: list[tuple[int, MessageEvent]], states: tuple[S, ...], cuts: set[int]
) -> None:
    now = [message(next(_numbers), state=state) for state in states]
    worked_on.messages.add(now)
    waiting: list[tuple[str, MessageEvent]] = []
    expected: list[Message | None] = []
    results: list[Message | None] = []
    for place, (which, event) in enumerate(moves):
        if place in cuts:
            results += worked_on.messages.move_many(waiting)
            waiting = []
        waiting.append((now[which].id, event))
        new = _expected(now[which], event)
        expected.append(new)
        now[which] = new or now[which]
    results += worked_on.messages.move_many(waiting)
    assert results == expected
    assert [worked_on.messages.get(found.id) for found in now] == now


def test_threads_that_want_the_same_messages_each_get_their_own(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledger = open_at(ledger_url)
    sending(ledger, *(approved(number) for number in range(60)))
    won: list[str] = []

    def work(owner: str) -> None:
        for number in range(60):
            found = ledger.messages.claim_soon(approved(number).id, owner, AT).result(30)
            if found is not None:
                assert found.owner == owner
                won.append(found.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Counter(won) == dict.fromkeys((approved(number).id for number in range(60)), 1)


def test_processes_that_want_the_same_messages_each_get_their_own(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledger = open_at(ledger_url)
    sending(ledger, *(approved(number) for number in range(400)))
    program = [sys.executable, "-m", "tests.store.second", "claim", ledger_url, "400"]
    started = [subprocess.Popen([*program, f"p{n}"], stdout=subprocess.PIPE, text=True) for n in range(2)]
    while any(process.poll() is None for process in started):  # we write all the while
        ledger.leases.take("busy", "me", 10)
    won = [found for process in started for found in json.loads(process.communicate(timeout=30)[0])]
    assert Counter(won) == dict.fromkeys((approved(number).id for number in range(400)), 1)
    assert ledger.messages.states("c_1") == {S.SENDING: 400}


def test_a_stop_that_comes_first_is_seen_by_every_claim_after_it(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledger, other = open_at(ledger_url), open_at(ledger_url)
    sending(ledger, *(approved(number) for number in range(40)))
    claims = [ledger.messages.claim_soon(approved(number).id, "w", AT) for number in range(20)]
    other.campaigns.move("c_1", CampaignState.PAUSED)
    late = [ledger.messages.claim_soon(approved(number).id, "w", AT) for number in range(20, 40)]
    assert [future.result(10) for future in late] == [None] * 20
    taken = sum(future.result(10) is not None for future in claims)
    assert ledger.messages.states("c_1").get(S.SENDING, 0) == taken


def test_an_opt_out_that_comes_first_is_seen_by_every_claim_after_it(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledger, other = open_at(ledger_url), open_at(ledger_url)
    sending(ledger, approved(1), approved(2))
    other.suppressions.add(approved(1).address, PLAN.channel, SuppressionReason.OPT_OUT)
    claims = ledger.messages.move_many([(approved(n).id, machine.Claimed("w", AT)) for n in (1, 2)])
    assert claims[0] is None
    assert claims[1] is not None


def test_the_same_events_from_many_threads_are_stored_once(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledger = open_at(ledger_url)
    new: list[str] = []

    def bring(who: int) -> None:
        for number in range(20):
            event = stored(number)
            new.extend(ledger.inbox.store([stored(number, id=f"e_{number}_{who}", event=event.event)]))

    threads = [threading.Thread(target=bring, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(new) == 20
    assert sorted(ledger.inbox.waiting(99)) == sorted(new)


def test_of_many_that_want_a_lease_one_gets_it(ledger_url: str, open_at: Callable[[str], SqlLedger]) -> None:
    ledgers = [open_at(ledger_url) for _ in range(3)]
    got: list[bool] = []
    ready = threading.Barrier(6)

    def take(number: int) -> None:
        ready.wait(10)
        got.append(ledgers[number % 3].leases.take("sweep", f"w{number}", 20))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(got) == [False] * 5 + [True]


def test_a_forked_child_goes_on_with_connections_of_its_own(
    ledger_url: str, open_at: Callable[[str], SqlLedger], clock: FakeClock
) -> None:
    ledger = open_at(ledger_url)
    sending(ledger, *(approved(number) for number in range(20)))
    assert ledger.messages.move(approved(0).id, machine.Skipped())
    child = os.fork()
    if child == 0:
        ok = False
        try:
            moved = [ledger.messages.move(approved(number).id, machine.Skipped()) for number in range(1, 10)]
            ok = all(moved) and ledger.messages.get(approved(3).id).state is S.SKIPPED
            ledger.close()
        finally:
            os._exit(0 if ok else 1)
    for number in range(10, 20):
        assert ledger.messages.move(approved(number).id, machine.Skipped())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ledger.messages.states("c_1") == {S.SKIPPED: 20}
    ledger.ping()


def test_ledgers_that_want_the_same_new_cells_do_not_get_in_each_others_way(
    ledger_url: str, open_at: Callable[[str], SqlLedger]
) -> None:
    ledgers = [open_at(ledger_url) for _ in range(2)]
    sending(ledgers[0], *(message(number) for number in range(50)))
    ready = threading.Barrier(2)
    failed: list[BaseException] = []

    def want(which: int) -> None:
        try:
            ready.wait(10)
            for turn in range(20):
                keys = [f"r_{number}" for number in range(turn, turn + 30)][:: 1 if which else -1]
                rendered = {message(number).id: turn for number in range(50)}
                cells = [CellWrite("c_1", key, "Status", f"{which}") for key in keys]
                ledgers[which].cells.want("c_1", rendered, cells)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=want, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    cells = ledgers[0].cells.of_campaign("c_1")
    assert len({cell.row_key for cell in cells}) == len(cells) == 49
