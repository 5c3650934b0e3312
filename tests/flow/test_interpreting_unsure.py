"""Replies that are not plain, through the whole way to the cells: by the offline reader, and by a model that is surer
than it should be. What is not plainly said is a proposal, and the row is Review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from server.domain.message import Message
from server.domain.plan import AnswerColumn, parse_answer_column
from server.domain.words import ChannelName, Flag, Outcome
from server.llm.offline import OfflineInterpreter
from tests.emulators.openai import ModelServer, Said
from tests.flow.readers import Modelled, surely
from tests.flow.stage import PLAN, Stage

MakeStage = Callable[..., Stage]
GUESTS = (PLAN.answer_columns[0], parse_answer_column("Guests=number"))
YES, NO = "Yes", "No"


@dataclass(frozen=True)
class Case:
    """A reply, what an overconfident model says of it, and what must come of it with either reader."""

    reply: str
    said: Said
    outcomes: str
    sure: bool = False
    columns: tuple[AnswerColumn, ...] = PLAN.answer_columns
    question: str = PLAN.question
    more: dict[str, object] = field(default_factory=dict)
    offline_sure: bool | None = None


CASES = {
    "two answers at once": Case(
        "Yes, 3 guests", surely("confirmed", "Yes, 3 guests", "Yes", "3"), "confirmed answered", True, GUESTS
    ),
    "one answer of two": Case("Yes", surely("confirmed", "Yes", YES, None), "confirmed", False, GUESTS),
    "a number that may count the writer": Case(
        "Yes, and we will be 3", surely("confirmed", "Yes, and we will be 3", "Yes", "3"), "confirmed", False,
        GUESTS, "Can you come, and how many guests do you bring?",
    ),
    "a condition": Case(
        "yes, but only after 10", surely("confirmed", "yes", YES, condition="but only after 10"), "confirmed reschedule"
    ),
    "a condition that the model overlooks": Case(
        "yes, but only after 10", surely("confirmed", "yes", YES), "confirmed reschedule"
    ),
    "a condition in German": Case("Ja, aber erst ab 10", surely("confirmed", "Ja", YES), "confirmed reschedule"),
    "if": Case("Yes if my train is on time", surely("confirmed", "Yes", YES, condition="if my train"), "confirmed"),
    "a counter-proposal": Case(
        "could we do 10:30 instead?",
        surely("reschedule", "could we do 10:30 instead?", None, asks="could we do 10:30 instead?"),
        "reschedule",
    ),
    "a counter-proposal taken for a yes": Case(
        "could we do 10:30 instead?", surely("confirmed", "could we do 10:30 instead?", YES), "confirmed reschedule"
    ),
    "a question": Case(
        "is there parking?", surely("question", "is there parking?", None, asks="is there parking?"), "question"
    ),
    "a question beside the answer": Case("Yes. Where do I park?", surely("confirmed", "Yes", YES), "confirmed"),
    "the wrong person": Case(
        "Sorry, you have the wrong number", surely("wrong_person", "wrong number", None), "wrong_person"
    ),
    "somebody else's answer": Case(
        "Ana doesn't work here any more", surely("wrong_person", "Ana doesn't work here", None), "wrong_person"
    ),
    "an absence": Case(
        "I am out of the office until Monday.", surely("automatic", "out of the office", None), "automatic", True
    ),
    "an absence that a model takes for a no": Case(
        "I am out of the office until Monday.", surely("declined", "out of the office", NO), "declined automatic",
        offline_sure=True,
    ),
    "a cross": Case("❌", surely("declined", "❌", NO), "declined", True),
    "a tick": Case("✅", surely("confirmed", "✅", YES), "confirmed", True),
    "a thumb": Case("👍", surely("confirmed", "👍", YES), "confirmed", True),
    "a shrug": Case("🤷", surely("confirmed", "🤷", YES), "confirmed unclear"),
    "folded hands": Case("🙏", surely("confirmed", "🙏", YES), "confirmed unclear"),
    "a heart": Case("❤️", surely("confirmed", "❤️", YES), "confirmed unclear"),
    "two signs that differ": Case("👍❌", surely("confirmed", "👍", YES), "confirmed unclear"),
    "a yes with an unhappy face": Case("yes 🙄", surely("confirmed", "yes", YES), "confirmed"),
    "doubt": Case("should be fine I guess", surely("confirmed", "should be fine", YES), "confirmed unclear"),
    "irony": Case("yeah right, dream on", surely("confirmed", "yeah right", YES), "confirmed unclear declined"),
    "thanks": Case("Thanks!", surely("confirmed", "Thanks", YES), "confirmed unclear"),
    "a language that the offline reader does not know": Case(
        "Mahtavaa, nähdään siellä", surely("confirmed", "Mahtavaa, nähdään siellä", YES), "confirmed unclear"
    ),
    "another script": Case("我可以来", surely("confirmed", "我可以来", YES), "confirmed unclear"),
    "a sign to a question turned round": Case(
        "👍",
        surely("confirmed", "👍", YES),
        "confirmed unclear declined answered",
        question="Do you have any objection?",
    ),
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as found:
        yield found


@pytest.fixture(params=["offline", "model"])
def reader(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(make: MakeStage, server: ModelServer, reader: str, case: Case, people: int = 1) -> Stage:
    """Sent to so many people what the case asks."""
    plan = replace(PLAN, answer_columns=case.columns, question=case.question)
    stage = make(
        [("Ben", "ben@example.org", "09:45"), *((f"P{n}", f"p{n}@example.org", "09:40") for n in range(people))], plan
    )
    stage.interpreter = Modelled(server) if reader == "model" else OfflineInterpreter()
    stage.out()
    return stage


def read(stage: Stage, server: ModelServer, case: Case, person: int = 0) -> Message:
    """The case's reply, read."""
    server.script(case.said)
    stage.reply(f"P{person}", case.reply, **case.more)
    return stage.of(f"P{person}")


ASKED = {(case.columns, case.question): case for case in CASES.values()}


@pytest.mark.parametrize("asked", ASKED, ids=range(len(ASKED)))
def test_what_is_not_plainly_said_goes_to_a_person(
    make_stage: MakeStage, server: ModelServer, reader: str, asked: tuple[tuple[AnswerColumn, ...], str]
) -> None:
    cases = {name: case for name, case in CASES.items() if (case.columns, case.question) == asked}
    stage = opened(make_stage, server, reader, ASKED[asked], len(cases))
    for person, (name, case) in enumerate(cases.items()):
        made = read(stage, server, case, person)
        sure = case.sure if reader == "model" or case.offline_sure is None else case.offline_sure
        assert made.outcome is not None, name
        assert made.outcome.value in case.outcomes.split(), name
        assert made.flag is (Flag.SURE if sure else Flag.CHECK), (name, made.note)
        if not sure:
            written = [stage.cell(f"P{person}", column.name) for column in case.columns]
            assert written == [""] * len(written), name
            assert stage.cell(f"P{person}", "Status") in {"Review", "Away"}, name
            assert stage.cell(f"P{person}", "Note"), name
    assert stage.cell("Ben", "Status") == "Sent"
    assert server.refused == []


def test_both_answers_of_one_reply_are_written(make_stage: MakeStage, server: ModelServer, reader: str) -> None:
    stage = opened(make_stage, server, reader, CASES["two answers at once"])
    read(stage, server, CASES["two answers at once"])
    assert (stage.cell("P0", "Availability"), stage.cell("P0", "Guests")) == ("Yes", "3")


# files and no words


@pytest.mark.parametrize("files", [("yes.pdf",), ("a.jpg", "confirmed.png")])
def test_files_without_words_are_no_answer_whatever_they_are_called(
    make_stage: MakeStage, server: ModelServer, reader: str, files: tuple[str, ...]
) -> None:
    case = Case("", surely("confirmed", "yes", YES), "unclear", more={"files": files})
    stage = opened(make_stage, server, reader, case)
    read(stage, server, case)
    assert (stage.cell("P0", "Status"), stage.cell("P0", "Availability")) == ("Review", "")
    assert "files and no words" in stage.cell("P0", "Note")
    assert server.calls == []


def test_words_beside_a_file_are_read(make_stage: MakeStage, server: ModelServer, reader: str) -> None:
    case = Case("Yes, I'll be there", surely("confirmed", "Yes", YES), "confirmed", more={"files": ("no.pdf",)})
    stage = opened(make_stage, server, reader, case)
    read(stage, server, case)
    assert (stage.cell("P0", "Status"), stage.cell("P0", "Availability")) == ("Confirmed", "Yes")
    assert "no.pdf" in stage.cell("P0", "Reply")


# the telephone


SPEECH = {
    "uh yeah that works": True,
    "hello yes this is ana uh I can come thank you bye": True,
    "um yes i'll be there": True,
    "er no i can't": True,
    "uh no wait yes": False,
    "hmm let me see": False,
    "yeah uh i think so": False,
    "um yes I will be there at nine forty": False,  # a time that only a person matches with the row's own
    "nine forty five": False,
}


def test_what_was_said_on_the_telephone_is_read_without_its_hesitations(make_stage: MakeStage) -> None:
    people = [(f"P{n}", f"+3460011122{n}", "09:40") for n in range(len(SPEECH))]
    stage = make_stage(people, replace(PLAN, channel=ChannelName.VOICE))
    stage.interpreter = OfflineInterpreter()
    stage.channel.name = ChannelName.VOICE
    stage.out()
    for person, (speech, sure) in enumerate(SPEECH.items()):
        stage.reply(f"P{person}", speech)
        made = stage.of(f"P{person}")
        assert made.flag is (Flag.SURE if sure else Flag.CHECK), (speech, made.note)
        assert made.evidence in speech
        assert (stage.cell(f"P{person}", "Availability") != "") is sure, speech


def test_in_writing_a_hesitation_is_one(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.interpreter = OfflineInterpreter()
    stage.out()
    stage.reply("Ana", "er yes")
    assert stage.of("Ana").flag is Flag.CHECK


def test_a_spelled_number_is_read_where_a_number_was_asked_for(make_stage: MakeStage, server: ModelServer) -> None:
    columns = (parse_answer_column("Guests=number"),)
    case = Case("three of us", surely("answered", "three of us", "3"), "answered", False, columns, "How many?")
    stage = opened(make_stage, server, "model", case)
    read(stage, server, case)
    assert dict(stage.of("P0").values) == {"Guests": "3"}


@pytest.mark.parametrize("sure", [0.3, 0.999])
def test_an_opt_out_in_a_language_that_only_the_model_knows_counts_at_any_confidence(
    make_stage: MakeStage, server: ModelServer, sure: float
) -> None:
    words = "Palun ärge mulle enam kirjutage"
    case = Case(words, replace(surely("opt_out", words, None), certain=sure), "opt_out")
    stage = opened(make_stage, server, "model", case)
    read(stage, server, case)
    assert stage.of("P0").outcome is Outcome.OPT_OUT
    assert stage.cell("P0", "Status") == "Opted out"
    assert stage.ledger.suppressions.stands(stage.of("P0").address, stage.channel.name)
