"""Our columns: how they are made, and how they are followed when people rename them."""

from __future__ import annotations

from dataclasses import replace

from server.domain.campaign import Campaign
from server.domain.columns import new_column, renamed, tag_of
from server.domain.plan import AnswerColumn, Plan
from server.domain.table import BLANK, Column, Row, Table, Tone
from server.domain.words import NEEDS_PERSON, AnswerKind, ChannelName, Role, Status

PLAN = Plan(
    ChannelName.OUTBOX, "outbox", "Email", answer_columns=(AnswerColumn("Fits", AnswerKind.CHOICE, ("Yes", "No")),)
)
CAMPAIGN = Campaign("c_1", "book", "gid:0", "Start", "Ask", PLAN, columns={"Status": "Status", "Note": "Note"})


def table(*columns: Column) -> Table:
    return Table("book", "People", columns, (Row(2, "", (BLANK,) * len(columns)),), "v")


def ours(role: str, title: str, letter: str = "B") -> Column:
    return Column(title, letter, tag=tag_of(CAMPAIGN, role))


def test_every_word_of_status_can_be_chosen_and_those_that_need_a_person_stand_out() -> None:
    choices = dict(new_column(CAMPAIGN, Role.STATUS).choices)
    assert set(Status) <= choices.keys()
    assert {choices[word] for word in NEEDS_PERSON} <= {Tone.BAD, Tone.ASK}


def test_answers_can_be_chosen_as_the_plan_allows_them_and_texts_are_free() -> None:
    assert [word for word, _ in new_column(CAMPAIGN, "Fits").choices] == ["Yes", "No"]
    assert new_column(CAMPAIGN, Role.MESSAGE).choices == ()


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
