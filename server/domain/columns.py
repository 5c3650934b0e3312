"""Our columns: what they look like, and how they are followed when people rename them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from server.domain.campaign import Campaign
from server.domain.look import KEY_NOTE, Look, of_answer, of_role
from server.domain.table import NewColumn, Table, fold
from server.domain.words import ROW_KEY_TITLE, Role

ENOUGH = 0.8
"""Share of the texts that we wrote which a column must still hold to be taken for the renamed one."""


def new_column(campaign: Campaign, role: str) -> NewColumn:
    """The column of a role (or of an answer) as it is to be made."""
    return NewColumn(campaign.columns.get(role, role), tag=tag_of(campaign, role))


def looks_of(campaign: Campaign) -> tuple[Look, ...]:
    """How the columns that we made for it are to look; those that the organiser made are theirs in every way."""
    found = []
    for role, title in campaign.columns.items():
        tag = tag_of(campaign, role)
        answer = campaign.plan.answer(role)
        if role in set(Role):
            found.append(of_role(Role(role), title, tag))
        elif answer is not None and campaign.adopted is not None and role not in campaign.adopted:
            found.append(of_answer(title, answer.allowed, tag))
    return (*found, Look(ROW_KEY_TITLE, note=KEY_NOTE))


def tag_of(campaign: Campaign, role: str) -> str:
    """What a role's column is marked with: short, since all marks of a sheet share some 30,000 characters."""
    return f"{campaign.id}.{blake2b(fold(role).encode(), digest_size=4).hexdigest()}"


def renamed(
    table: Table,
    columns: Mapping[str, str],
    written: Mapping[tuple[str, str], str],
    tags: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Role -> new title, for each of our columns that stands under another title than the one we know.

    `columns` maps roles to the titles we know, `tags` to the marks that their columns got; `written` maps (row key,
    folded title) to the text we last wrote. Without a mark a column whose title is gone is known by its texts.
    A column that is gone for good is in neither: it is to be made again.
    """
    found: dict[str, str] = {}
    for role, tag in (tags or {}).items():
        marked = table.tagged(tag)
        if marked is not None and table.columns[marked].title and role in columns:
            found[role] = table.columns[marked].title
    marks = set(found)
    found = {role: title for role, title in found.items() if fold(title) != fold(columns[role])}
    known = {fold(title) for title in (*columns.values(), *found.values())}
    lost = {role: title for role, title in columns.items() if table.find(title) is None and role not in marks}
    strange = [index for index, column in enumerate(table.columns) if fold(column.title) not in known and column.title]
    for role, title in lost.items():
        ours = {key: text for (key, folded), text in written.items() if folded == fold(title) and text}
        best, share = None, 0.0
        for index in strange:
            hits = sum(ours.get(row.key) == row.cells[index].shown for row in table.rows if row.key in ours)
            if ours and hits / len(ours) > share:
                best, share = index, hits / len(ours)
        if best is not None and share >= ENOUGH:
            found[role] = table.columns[best].title
            strange.remove(best)
    return found
