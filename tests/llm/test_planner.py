"""The offline planner: what an instruction means for a sheet."""

from __future__ import annotations

import pytest

from server.domain.plan import AnswerColumn, Plan
from server.domain.words import AnswerKind, ChannelName
from server.errors import InvalidInput
from server.llm.offline import OfflinePlanner
from server.ports import PlanRequest
from tests.llm.sheet import table

YES_NO = ("Yes", "No")


def plan(instruction: str = "", *lines: tuple[str, ...], **given: object) -> Plan:
    return OfflinePlanner().plan(PlanRequest(instruction, table(*lines), **given))  # type: ignore[arg-type]


def test_it_plans_the_organisers_first_instruction() -> None:
    made = plan("Send each contestant their individual start time and ask them to confirm availability")
    assert made.channel is ChannelName.OUTBOX
    assert made.address_column == "Email"
    assert made.name_column == "Contestant"
    assert made.read_columns == ("Contestant", "Start time")
    assert made.answer_columns == (AnswerColumn("Availability", AnswerKind.CHOICE, YES_NO),)
    assert made.question == "Could you please confirm your availability?"
    assert made.subject == "Your start time"


@pytest.mark.parametrize(
    ("instruction", "column"),
    [
        ("Send them their room and ask them to confirm", AnswerColumn("Confirmed", allowed=YES_NO)),
        ("Ask each volunteer whether they can attend", AnswerColumn("Attendance", allowed=YES_NO)),
        ("Ask each volunteer whether they need parking", AnswerColumn("Need parking", allowed=YES_NO)),
        ("Ask each player for their T-shirt size", AnswerColumn("T-shirt size", AnswerKind.TEXT)),
        ("Ask which T-shirt size they need (S, M or L)", AnswerColumn("T-shirt size", allowed=("S", "M", "L"))),
        (
            "Ask which meal they would like: fish, meat or vegan",
            AnswerColumn("Meal", allowed=("Fish", "Meat", "Vegan")),
        ),
        ("Ask everyone if they can come on Saturday or Sunday", AnswerColumn("Day", allowed=("Saturday", "Sunday"))),
        ("Ask all members how many guests they will bring", AnswerColumn("Guests", AnswerKind.NUMBER)),
        ("Ask them what time they will arrive", AnswerColumn("Time", AnswerKind.TIME)),
        ("Ask each guest when they can come", AnswerColumn("Date", AnswerKind.DATE)),
        ("Ask each contestant to confirm their start time", AnswerColumn("Start time confirmed", allowed=YES_NO)),
    ],
)
def test_it_makes_the_answer_column_that_the_question_needs(instruction: str, column: AnswerColumn) -> None:
    assert plan(instruction).answer_columns == (column,)


@pytest.mark.parametrize("instruction", ["Send each contestant their room", "Tell everyone that the gate opens at 8"])
def test_it_makes_no_answer_column_when_nothing_is_asked(instruction: str) -> None:
    made = plan(instruction)
    assert made.answer_columns == ()
    assert made.question == ""


def test_it_takes_the_answer_columns_that_were_given_over_its_own() -> None:
    made = plan("Send them their room and ask them to confirm", answers=("Coming=Yes|No|Maybe", "Guests=number"))
    assert made.answer_columns == (
        AnswerColumn("Coming", allowed=("Yes", "No", "Maybe")),
        AnswerColumn("Guests", AnswerKind.NUMBER),
    )


def test_it_refuses_an_answer_without_a_column_name() -> None:
    with pytest.raises(InvalidInput, match="names no column") as caught:
        plan("Ask them to confirm", answers=("=Yes|No",))
    assert caught.value.field == "answers"


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("their start time and room", ("Start time", "Room")),
        ("their strat time", ("Start time",)),
        ("their start times", ("Start time",)),
        ("the START TIME", ("Start time",)),
        ("their appointment", ("Appointment date", "Appointment time")),
    ],
)
def test_it_finds_the_columns_that_words_name(words: str, columns: tuple[str, ...]) -> None:
    assert plan(f"Send each contestant {words}").read_columns == ("Contestant", *columns)


@pytest.mark.parametrize(
    ("channel", "column"),
    [(ChannelName.EMAIL, "Email"), (ChannelName.SMS, "Phone"), (ChannelName.OUTBOX, "Email"), (None, "Email")],
)
def test_it_picks_the_address_column_of_the_channel(channel: ChannelName | None, column: str) -> None:
    assert plan("Ask them to confirm", channel=channel).address_column == column


def test_it_picks_the_address_column_by_values_rather_than_by_title() -> None:
    lines = (
        ("Name", "Address", "Reach"),
        ("Ana", "1 High Street", "ana@example.org"),
        ("Ben", "2 Low Road", "ben@example.org"),
    )
    assert plan("Ask them to confirm", *lines).address_column == "Reach"


def test_it_picks_the_address_column_that_the_instruction_names() -> None:
    lines = (("Name", "Email", "Parent email"), ("Ana", "ana@example.org", "mum@example.org"))
    assert plan("Write to each parent and ask them to confirm", *lines).address_column == "Parent email"


def test_it_takes_no_ids_or_dates_for_phone_numbers() -> None:
    lines = (("Name", "Bib", "Born", "Mobile"), ("Ana", "10023456", "2001-02-03", "+44 7700 900123"))
    assert plan("Ask them to confirm", *lines, channel=ChannelName.SMS).address_column == "Mobile"


def test_it_says_what_it_looked_for_when_there_is_no_address_column() -> None:
    with pytest.raises(InvalidInput, match=r"No column with phone numbers was found in “Contestants”.*“Name”, “Room”"):
        plan("Ask them to confirm", ("Name", "Room"), ("Ana", "5"), channel=ChannelName.SMS)


def test_it_suggests_the_address_column_that_was_meant() -> None:
    with pytest.raises(InvalidInput, match="Did you mean “Email”") as caught:
        plan("Ask them to confirm", address_column="Emial")
    assert caught.value.suggestions == ("Email",)


def test_it_takes_a_given_address_column_whatever_it_holds() -> None:
    assert plan("Ask them to confirm", address_column="room").address_column == "Room"


def test_it_reads_the_columns_that_a_template_names() -> None:
    made = plan(template="Hi {{contestant}}, you start at {{ Start Time }}. Can you make it?", subject="Room {{room}}")
    assert made.read_columns == ("Contestant", "Start time", "Room")
    assert made.question == "Can you make it?"
    assert made.answer_columns == (AnswerColumn("Attendance", allowed=YES_NO),)


def test_it_refuses_a_template_that_names_a_column_that_is_not_there() -> None:
    with pytest.raises(InvalidInput, match=r"There is no column “Strat time”. Did you mean “Start time”") as caught:
        plan(template="You start at {{Strat time}}.")
    assert caught.value.field == "template"
    assert caught.value.suggestions == ("Start time",)


def test_it_refuses_an_empty_instruction() -> None:
    with pytest.raises(InvalidInput, match="There is no instruction"):
        plan("  ")


def test_it_refuses_an_instruction_of_20_000_characters_and_says_the_limit() -> None:
    with pytest.raises(InvalidInput, match="20,000 characters; at most 8,000"):
        plan("x" * 20_000)


@pytest.mark.parametrize(
    ("instruction", "language", "column"),
    [
        (
            "Sende jedem Teilnehmer seine Startzeit und bitte ihn, seine Teilnahme zu bestätigen.",
            "de",
            AnswerColumn("Teilnahme", allowed=("Ja", "Nein")),
        ),
        (
            "Envoie à chaque participant son horaire et demande-lui de confirmer sa présence",
            "fr",
            AnswerColumn("Présence", allowed=("Oui", "Non")),
        ),
        (
            "Envía a cada concursante su hora y pídele que confirme su disponibilidad",
            "es",
            AnswerColumn("Disponibilidad", allowed=("Sí", "No")),
        ),
    ],
)
def test_it_plans_in_the_language_of_the_instruction(instruction: str, language: str, column: AnswerColumn) -> None:
    made = plan(
        instruction, ("Name", "Mail", "Startzeit", "Horaire", "Hora"), ("Ana", "ana@example.org", "9", "9", "9")
    )
    assert made.language == language
    assert made.answer_columns == (column,)
    assert made.read_columns[1:] != ()


def test_it_greets_by_first_and_last_name_when_a_sheet_has_both() -> None:
    lines = (("Last name", "First name", "Mail"), ("Souza", "Ana", "ana@example.org"))
    made = plan("Ask them to confirm", *lines)
    assert made.name_column == "First name"
    assert made.read_columns == ("First name", "Last name")
