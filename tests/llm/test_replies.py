"""How well the offline reader reads labelled replies of seven languages: never below what its page promises."""

from __future__ import annotations

import dataclasses
import functools
import time

import pytest

from server.domain.words import Flag, Outcome
from tests.llm.replies import HALVES, INJECTIONS, LANGUAGES, Read, labelled, read_all, score

MOST_WRONG = 0.01
LEAST_COVERED = {"tuning": 0.95, "unseen": 0.90}
LEAST_COVERED_LANGUAGE = 0.80


@functools.cache
def reads(language: str) -> list[Read]:
    return read_all(labelled(language))


def half(name: str) -> list[Read]:
    return [read for language in LANGUAGES for read in reads(language) if read.label.half == name]


@pytest.mark.parametrize("name", HALVES)
def test_it_is_wrong_in_at_most_one_of_a_hundred_readings_that_it_calls_sure(name: str) -> None:
    mine = half(name)
    wrong = [(read.label.reply, read.made) for read in mine if read.sure and not read.right]
    assert len(mine) >= 1000
    assert len(wrong) <= MOST_WRONG * score(mine).sure, wrong


@pytest.mark.parametrize("name", HALVES)
def test_it_is_sure_of_most_replies_that_need_no_person(name: str) -> None:
    assert (score(half(name)).coverage or 0) >= LEAST_COVERED[name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_reads_every_language_of_the_list(language: str) -> None:
    assert (score(reads(language)).coverage or 0) >= LEAST_COVERED_LANGUAGE


def test_no_reply_that_gives_orders_or_plays_tricks_is_surely_read_as_it_wants() -> None:
    harmful = [(read.label.reply, read.made) for read in reads(INJECTIONS) if read.sure and not read.right]
    assert len(reads(INJECTIONS)) >= 100
    assert harmful == []


def test_it_quotes_its_evidence_from_the_reply() -> None:
    every = [read for language in (*LANGUAGES, INJECTIONS) for read in reads(language)]
    assert [read.label.reply for read in every if read.sure and not read.made.evidence] == []


def test_the_halves_are_about_as_large_and_share_no_reply() -> None:
    tuning, unseen = ({(r.label.language, r.label.reply.casefold()) for r in half(name)} for name in HALVES)
    assert not tuning & unseen
    assert 0.8 < len(tuning) / len(unseen) < 1.25


@pytest.mark.parametrize(
    ("reply", "flag"),
    [
        ("See you Friday", Flag.SURE),
        ("See you Saturday", Flag.CHECK),
        ("Yes, I'll be there", Flag.SURE),
        ("Yes, received", Flag.CHECK),
        ("Thanks, I'll come by tomorrow", Flag.CHECK),
        ("Thanks, Anna", Flag.CHECK),
        ("I can't wait!", Flag.SURE),
        ("No, I can't wait", Flag.CHECK),
        ("Yes [1 file: no.pdf]", Flag.CHECK),
        ("[1 file: yes.pdf]", Flag.CHECK),
        ("Yes\n[1 file: passport.pdf]", Flag.SURE),
        ("http://yes.example/yes", Flag.CHECK),
        ("Yes. " + "so it goes. " * 60, Flag.CHECK),
    ],
)
def test_it_tells_a_yes_from_what_looks_like_one(reply: str, flag: Flag) -> None:
    made = read_all([dataclasses.replace(labelled("en")[0], reply=reply)])[0].made
    assert made.flag is flag, made


@pytest.mark.parametrize(
    "reply",
    [
        "Stop sending me these emails!!!",
        "Löschen Sie meine Nummer",
        "ne m'envoyez plus de messages",
        "no me manden más mensajes",
        "parem de me mandar mensagens",
        "smettetela di scrivermi, basta messaggi",
        "stuur me geen berichten meer",
    ],
)
def test_it_takes_no_more_messages_for_what_it_is_in_every_language(reply: str) -> None:
    made = read_all([dataclasses.replace(labelled("en")[0], reply=reply)])[0].made
    assert (made.outcome, made.flag) == (Outcome.OPT_OUT, Flag.SURE)


HOSTILE = [
    "yes I will be there and then we go home " * 5_000,
    "abcdefgh ijklmnop qrstuvwx " * 7_500,
    "Yes\n" + "\n".join(">" * level + " no I can't come" for level in range(1, 401)),
    "Yes\n" + "\n".join(">" * level + " On 4 May 2026 at 10:12, Cellback <r@x.org> wrote:" for level in range(1, 401)),
    *(
        piece * (20_000 // len(piece))
        for piece in ("=", "<", "a", "a@", "%a", "\n", "confrmied ", "set ", "{ ", "10:30 ")
    ),
]


@pytest.mark.parametrize("reply", HOSTILE, ids=lambda reply: repr(reply[:8]))
def test_no_reply_takes_long_to_read(reply: str) -> None:
    label = dataclasses.replace(labelled("en")[0], reply=reply, answers="A=Yes|No;B=number;C=date;D=Saturday|Sunday")
    start = time.process_time()
    read_all([label])
    assert time.process_time() - start < 0.5


def test_an_ordinary_reply_is_read_in_less_than_50_milliseconds() -> None:
    replies = labelled("en")
    reads("en")  # the vocabularies are read once
    start = time.process_time()
    read_all(replies)
    assert (time.process_time() - start) / len(replies) < 0.05
