"""A plan as people change it: fields and versions, what is asked about before drafting, one text for all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import pytest

from jobs import context
from jobs.drafting import draft_chunk
from server.campaigns import CampaignService
from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.plan import AnswerColumn, Plan, Settled
from server.domain.table import Table
from server.domain.usage import NOT_MADE, Usage
from server.domain.words import AnswerKind, CampaignState, ChannelName, MessageState, Problem, Status
from server.errors import Conflict, InvalidInput
from server.llm import prompting
from server.ports import ReadRequest, Sheet
from server.queue import DRAFT
from server.services import Services
from server.store import codec
from tests.emulators.openai import ModelServer, Question, Said
from tests.emulators.openai.brain import sensible
from tests.fakes import FakeQueue, FakeSheet

TITLES = ["Name", "Email", "Start time", "Room", "Secret"]
ASKS = "Send each person their start time and ask them to confirm availability"
SHIRT = "Send each person their start time, mention their T-shirt size, and ask them to confirm"


def rows(count: int = 3) -> list[list[str]]:
    return [
        [f"Person {at} Zqn", f"zqm{at}@example.org", f"{8 + at // 60:02d}:{at % 60:02d}", f"R{at}zqr", f"zqs{at}"]
        for at in range(count)
    ]


class Stage(Services):
    """The real services, with a queue and a sheet in memory."""

    book: FakeSheet

    @cached_property
    def queue(self) -> FakeQueue:  # type: ignore[override]
        return FakeQueue()

    def open_sheet(self, workbook: str, sheet: str = "", header_row: int | None = None) -> Sheet:
        return self.book

    def draft_all(self, campaign: Campaign) -> None:
        """As a worker does."""
        for _, chunk in self.queue.of(DRAFT):
            draft_chunk(campaign.id, chunk)


class Hiding(FakeSheet):
    """A sheet in which somebody hid the column Secret."""

    def read(self, max_age: float = 0.0) -> Table:
        table = super().read(max_age)
        columns = tuple(replace(one, hidden=one.hidden or one.title == "Secret") for one in table.columns)
        return replace(table, columns=columns)


Make = Callable[..., CampaignService]


@pytest.fixture
def make(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    made: list[Stage] = []

    def service(
        lines: Sequence[Sequence[str]] = (), titles: Sequence[str] = TITLES, **variables: object
    ) -> CampaignService:
        stage = Stage(settings(**variables))
        stage.book = FakeSheet(titles, lines or rows(), name="Contestants")
        made.append(stage)
        monkeypatch.setattr(context, "services", lambda: stage)
        monkeypatch.setattr(context, "wake", lambda *_: None)
        return CampaignService(stage)

    yield service
    context.hang_up()
    for one in made:
        one.close()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as found:
        yield found


def stage_of(service: CampaignService) -> Stage:
    assert isinstance(service.services, Stage)
    return service.services


def drafted(service: CampaignService, campaign: Campaign) -> list[str]:
    """All texts, in the order of their rows."""
    service.draft(campaign.id)
    stage_of(service).draft_all(campaign)
    return [one.text for one in service.services.ledger.messages.of_campaign(campaign.id)]


# field by field, under versions


def test_every_change_that_changes_something_is_a_version(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    assert campaign.plan.version == 1
    first = service.edit_plan(campaign.id, {"tone": " warm \n and short "})
    assert (first.plan.version, first.plan.tone) == (2, "warm and short")
    assert service.edit_plan(campaign.id, {"tone": "warm and short", "remind_after": 0}).plan.version == 2
    last = service.edit_plan(campaign.id, {"language": "DE", "counts": "A yes or a no.", "remind_after": 3})
    assert (last.plan.language, last.plan.counts, last.plan.remind_after, last.plan.version) == (
        "de",
        "A yes or a no.",
        3,
        3,
    )
    assert service.services.ledger.campaigns.get(campaign.id).plan == last.plan


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tone", "x" * 61, "The tone has 61 characters; at most 60"),
        ("counts", "x" * 301, "What counts as an answer has 301 characters; at most 300"),
        ("remind_after", -1, "“-1” is no number of days"),
        ("remind_after", 366, "“366” is no number of days"),
        ("remind_after", True, "“True” is no number of days"),
        ("language", "deu", "“deu” is no language code"),
        ("language", "", "“” is no language code"),
        ("missing", ("the moon",), "“the moon” is not among what is missing"),
        ("read_columns", ("Nowhere",), "There is no column “Nowhere”"),
    ],
)
def test_what_can_not_be_is_refused_and_says_where(make: Make, field: str, value: object, said: str) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")) as refused:
        service.edit_plan(campaign.id, {field: value})
    assert refused.value.field in {field, "plan"}
    assert service.services.ledger.campaigns.get(campaign.id).plan == campaign.plan


def test_after_drafting_only_what_no_text_is_made_from_may_change(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    drafted(service, campaign)
    stage_of(service).book.gone = True  # the sheet is not even looked at
    changed = service.edit_plan(campaign.id, {"remind_after": 5, "counts": "A yes or a no."})
    assert (changed.plan.remind_after, changed.plan.version) == (5, 2)
    for change in ({"tone": "formal"}, {"remind_after": 6, "language": "de"}):
        with pytest.raises(Conflict, match="drafts of this plan are written"):
            service.edit_plan(campaign.id, change)
    with pytest.raises(Conflict):
        service.write_text(campaign.id, "one")


def test_what_counted_as_an_answer_goes_with_the_answers(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    service.edit_plan(campaign.id, {"counts": "Only a yes or a no."})
    other = (AnswerColumn("Guests", AnswerKind.NUMBER),)
    assert service.edit_plan(campaign.id, {"answer_columns": other}).plan.counts == ""
    both = service.edit_plan(campaign.id, {"answer_columns": (), "counts": "Any words."})
    assert both.plan.counts == "Any words."


def test_a_plan_from_before_these_fields_opens_with_their_defaults() -> None:
    plan = Plan(ChannelName.EMAIL, "smtp", "Email", "Name", ("Name",), question="Coming?")
    old = codec.plain(plan)
    assert not {"tone", "counts", "remind_after", "missing", "settled", "doubt", "own_subject", "version"} & set(old)
    assert codec.read(Plan, old) == plan
    full = replace(plan, settled=(Settled("size", "Room"),), own_subject="", missing=("fee",), version=3)
    assert codec.read(Plan, codec.plain(full)) == full


# asked about before drafting


def test_nothing_is_drafted_while_the_instruction_asks_for_what_no_column_holds(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    assert campaign.plan.missing == ("T-shirt size",)
    with pytest.raises(InvalidInput) as refused:
        service.draft(campaign.id)
    assert refused.value.sentence == (
        "The instruction asks for “T-shirt size”, and no column of “Contestants” holds it. "
        "Choose a column for it, add one to the sheet, or leave it out."
    )
    assert (refused.value.field, refused.value.suggestions) == ("missing", tuple(TITLES))
    with pytest.raises(InvalidInput):
        service.write_text(campaign.id, "one")
    assert stage_of(service).book.titles == TITLES
    assert service.services.ledger.campaigns.get(campaign.id).state is CampaignState.PLANNED


def test_what_a_person_leaves_out_is_in_no_text_and_no_doubt(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    left = service.edit_plan(campaign.id, {"missing": ()})
    assert (left.plan.missing, left.plan.left_out) == ((), ("T-shirt size",))
    texts = drafted(service, campaign)
    assert all("08:0" in text and "shirt" not in text for text in texts)
    assert service.overview(campaign.id).statuses == {Status.DRAFT: 3}


def test_a_column_that_a_person_chose_is_told_instead(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    columns = (*campaign.plan.read_columns, "Room")
    chosen = service.edit_plan(campaign.id, {"missing": (), "read_columns": columns})
    assert (chosen.plan.settled, chosen.plan.left_out) == ((Settled("T-shirt size", "Room"),), ())
    assert all(f"Your room is R{at}zqr." in text for at, text in enumerate(drafted(service, campaign)))
    assert service.overview(campaign.id).statuses == {Status.DRAFT: 3}


def test_a_column_that_is_told_already_may_be_what_was_meant(make: Make) -> None:
    service = make()
    asked = "Send each person their start time and their arrival time, mention their T-shirt size"
    campaign = service.create("book", instruction=asked)
    assert campaign.plan.missing == ("arrival time", "T-shirt size")
    change = {"held": {"arrival time": "Start time"}, "missing": ()}
    plan = service.edit_plan(campaign.id, change).plan
    assert plan.settled == (Settled("arrival time", "Start time"), Settled("T-shirt size"))
    assert (plan.missing, plan.read_columns, plan.version) == ((), campaign.plan.read_columns, 2)
    assert all("08:0" in text and "shirt" not in text for text in drafted(service, campaign))
    assert service.overview(campaign.id).statuses == {Status.DRAFT: 3}


@pytest.mark.parametrize("held", [{"the moon": "Room"}, {"T-shirt size": "Nowhere"}])
def test_what_holds_it_must_be_there_and_be_asked_for(make: Make, held: dict[str, str]) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    with pytest.raises(InvalidInput):
        service.edit_plan(campaign.id, {"held": held})


def test_a_column_of_that_name_that_was_added_since_answers_by_itself(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    book = stage_of(service).book
    book.insert_column(5, "T-shirt size")
    for at in range(3):
        book.type(at, "T-shirt size", "XL")
    seen = service.overview(campaign.id).campaign.plan
    assert (seen.missing, seen.read_columns[-1]) == ((), "T-shirt size")
    assert all("T-shirt size is XL." in text for text in drafted(service, campaign))
    assert service.services.ledger.campaigns.get(campaign.id).plan.version == 2


def test_words_to_leave_out_must_be_the_instructions_own(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    with pytest.raises(InvalidInput, match="does not say “shoe size”"):
        service.leave_out(campaign.id, ["shoe size"])
    assert service.leave_out(campaign.id, ["t-shirt size"]).plan.left_out == ("T-shirt size",)
    assert service.leave_out(campaign.id, ["T-shirt size"]).plan.version == 2


def test_a_look_that_a_change_overtakes_does_not_bear_the_changes_version(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make()
    campaign = service.create("book", instruction=SHIRT)
    book = stage_of(service).book
    read = book.read

    def slowly(max_age: float = 0.0) -> Table:
        monkeypatch.setattr(book, "read", read)
        service.edit_plan(campaign.id, {"missing": ()})  # somebody answers while the sheet is being read
        return read(max_age)

    monkeypatch.setattr(book, "read", slowly)
    before = service.overview(campaign.id)
    after = service.overview(campaign.id)
    assert (before.campaign.plan.missing, after.campaign.plan.missing) == (("T-shirt size",), ())
    assert before.version != after.version == service.version(campaign.id)


# one text for all rows


def test_one_text_is_filled_for_each_row_and_can_be_taken_away(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    one = service.write_text(campaign.id, "one").plan
    assert "{{Start time}}" in one.template
    assert (one.subject, one.version, one.doubt) == (campaign.plan.subject, 2, "")
    each = service.write_text(campaign.id, "each").plan
    assert replace(each, version=1) == campaign.plan
    assert service.write_text(campaign.id, "each").plan.version == each.version
    own = drafted(service, campaign)
    other = make()
    again = other.create("book", instruction=ASKS)
    other.write_text(again.id, "one")
    assert drafted(other, again) == own


def test_a_campaign_that_began_with_a_text_has_no_other(make: Make) -> None:
    service = make()
    campaign = service.create("book", template="Hi {{Name}}, you start at {{Start time}}. Coming?")
    for way in ("one", "each"):
        with pytest.raises(InvalidInput, match="no instruction to write another from"):
            service.write_text(campaign.id, way)  # type: ignore[arg-type]


def test_a_campaign_is_found_by_its_instruction_whatever_became_of_its_text(make: Make) -> None:
    service = make()
    campaign = service.create("book", instruction=ASKS)
    service.write_text(campaign.id, "one")
    service.edit_plan(campaign.id, {"template": "Hi {{Name}}!"})
    found = service.find("fake.xlsx", "Contestants", instruction=ASKS, template="")
    assert found is not None
    assert found.id == campaign.id
    assert service.find("fake.xlsx", "Contestants", instruction="", template="Hi {{Name}}!") is None
    assert service.find("fake.xlsx", "Contestants", instruction=ASKS, template="Other") is None


def test_a_text_that_the_model_can_not_vouch_for_is_looked_at_before_it_leaves(make: Make, server: ModelServer) -> None:
    service = make(**server.environment())
    campaign = service.create("book", instruction=ASKS)
    server.script(Said({"missing": [], "subject": "", "text": "Hello {{Name}}, pay 50 EUR at {{Start time}}."}))
    plan = service.write_text(campaign.id, "one").plan
    assert "50" in plan.doubt
    drafted(service, campaign)
    messages = service.services.ledger.messages.of_campaign(campaign.id)
    assert {one.problem for one in messages} == {Problem.CHECK}
    other = service.create("book", instruction=f"{ASKS}.")
    server.script(Said({"missing": [], "subject": "", "text": "Hello {{Name}}, pay 50 EUR at {{Start time}}."}))
    service.write_text(other.id, "one")
    assert service.services.ledger.campaigns.get(other.id).plan.text_made.model == server.model
    own = service.edit_plan(other.id, {"template": "Hello {{Name}}, be there at {{Start time}}."}).plan
    assert (own.doubt, own.text_made) == ("", NOT_MADE)


def test_a_thousand_rows_with_one_text_are_one_call(make: Make, server: ModelServer) -> None:
    service = make(rows(1_000), **server.environment())
    campaign = service.create("book", instruction=ASKS)
    service.write_text(campaign.id, "one")
    asked = len(server.calls)
    texts = drafted(service, campaign)
    assert [call.question.name for call in server.calls if call.question] == ["plan", "template"]
    assert (asked, len(server.calls), len(texts)) == (2, 2, 1_000)
    assert all(row[0] in text and row[2] in text for row, text in zip(rows(1_000), texts, strict=True))
    messages = service.services.ledger.messages
    assert messages.states(campaign.id) == {MessageState.DRAFTED: 1_000}
    by = {one.drafted_by for one in messages.of_campaign(campaign.id)}
    assert {(one.prompt, one.model, one.usage) for one in by} == {
        (prompting.load("template").id, server.model, Usage())
    }


# what a model sees


def test_no_cell_outside_the_named_columns_reaches_a_model(make: Make, server: ModelServer) -> None:
    """Not in planning (addresses, hidden columns, more than a few examples), writing, or reading."""
    seen: list[Question] = []

    def listening(question: Question) -> Said:
        seen.append(question)
        return sensible(question)

    server.answer = listening
    service = make(rows(30), **server.environment())
    stage_of(service).book = Hiding(TITLES, rows(30), name="Contestants")
    campaign = service.create("book", instruction=ASKS)
    service.write_text(campaign.id, "one")
    service.write_text(campaign.id, "each")
    drafted(service, campaign)
    record = dict(zip(TITLES, rows()[0], strict=True))
    reader = service.services.interpreter_for(campaign)
    asked = ReadRequest("yes", campaign.plan.question, campaign.plan, record)
    service.services.models.wait_for(lambda: reader.read(asked))
    by_name = {name: [one.text for one in seen if one.name == name] for name in ("plan", "template", "draft", "read")}
    assert {name: len(texts) for name, texts in by_name.items()} == {"plan": 1, "template": 1, "draft": 30, "read": 1}
    (planned,), (template,), (read,) = by_name["plan"], by_name["template"], by_name["read"]
    assert "zqm" not in planned + template + read + "".join(by_name["draft"])  # no address
    assert "zqs" not in planned + template + read + "".join(by_name["draft"])  # nothing that is hidden
    assert (planned.count("zqr"), planned.count("Zqn")) == (3, 3)  # examples
    assert "zqr" not in template + read + "".join(by_name["draft"])  # a column that the plan does not name
    assert "Zqn" not in template
    for text in by_name["draft"]:
        assert text.count("Zqn") == 1  # this row's, and nobody else's
    assert (read.count("Zqn"), read.count("08:00")) == (1, 1)
