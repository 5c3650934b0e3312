"""Our columns: how they are made, and how they are followed when people rename them."""

from __future__ import annotations

from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.columns import looks_of, renamed, tag_of
from server.domain.look import Tone
from server.domain.plan import AnswerColumn, Plan
from server.domain.table import BLANK, Column, Row, Table
from server.domain.words import NEEDS_PERSON, AnswerKind, ChannelName, Command, Status

PLAN = Plan(
    ChannelName.OUTBOX, "outbox", "Email", answer_columns=(AnswerColumn("Fits", AnswerKind.CHOICE, ("Yes", "No")),)
)
CAMPAIGN = Campaign("c_1", "book", "gid:0", "Start", "Ask", PLAN, columns={"Status": "Status", "Note": "Note"})


def table(*columns: Column) -> Table:
    return Table("book", "People", columns, (Row(2, "", (BLANK,) * len(columns)),), "v")


def ours(role: str, title: str, letter: str = "B") -> Column:
    return Column(title, letter, tag=tag_of(CAMPAIGN, role))


def test_every_word_of_status_may_be_chosen_and_has_a_colour() -> None:
    [status] = [look for look in looks_of(CAMPAIGN) if look.title == "Status"]
    assert set(Status) | set(Command) <= set(status.choices)
    assert set(dict(status.tones)) == set(Status)
    assert {dict(status.tones)[word] for word in NEEDS_PERSON} <= {Tone.BAD, Tone.WARN}


def test_answers_offer_what_the_plan_allows() -> None:
    campaign = replace(CAMPAIGN, columns={**CAMPAIGN.columns, "Fits": "Fits (Start)"}, adopted=())
    [fits] = [look for look in looks_of(campaign) if look.title == "Fits (Start)"]
    assert fits.choices == ("Yes", "No")
    assert fits.tag == tag_of(campaign, "Fits")


def test_a_column_that_the_organiser_made_gets_no_look_of_ours() -> None:
    campaign = replace(CAMPAIGN, columns={"Status": "Status", "Fits": "Fits"}, adopted=("Fits",))
    assert {look.title for look in looks_of(campaign)} == {"Status", "Row key"}
    unknown = replace(campaign, adopted=None)  # from before that was written down
    assert {look.title for look in looks_of(unknown)} == {"Status", "Row key"}


def test_a_mark_is_another_one_for_each_role_and_campaign() -> None:
    marks = {tag_of(one, role) for one in (CAMPAIGN, replace(CAMPAIGN, id="c_2")) for role in ("Status", "Note")}
    assert len(marks) == 4


def test_a_renamed_column_is_known_by_its_mark_even_before_anything_was_written() -> None:
    found = renamed(table(ours("Status", "Stand")), CAMPAIGN.columns, {}, {"Status": tag_of(CAMPAIGN, "Status")})
    assert found == {"Status": "Stand"}


def test_a_column_of_theirs_with_the_name_of_ours_does_not_take_its_place() -> None:
    seen = table(Column("Status", "A"), ours("Status", "Status"), ours("Note", "Note", "C"))
    assert seen.find("Status") == 1
    assert renamed(seen, CAMPAIGN.columns, {}, {role: tag_of(CAMPAIGN, role) for role in CAMPAIGN.columns}) == {}


def test_without_marks_it_is_known_by_what_we_wrote() -> None:
    columns = (Column("Key", "A"), Column("Stand", "B"))
    rows = tuple(Row(n, f"r{n}", (BLANK, replace(BLANK, shown="Sent"))) for n in range(2, 7))
    seen = Table("book", "People", columns, rows, "v")
    written = {(f"r{n}", "status"): "Sent" for n in range(2, 7)}
    assert renamed(seen, {"Status": "Status"}, written) == {"Status": "Stand"}
