"""plan -> plan: what a person changes in it, field by field, and what of it must make sense first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from server.domain.plan import Plan, Settled
from server.domain.table import Table, fold
from server.domain.usage import NOT_MADE
from server.errors import InvalidInput
from server.flow import planning

ANYTIME = frozenset({"counts", "remind_after"})
"""Fields that no text was made from: they may be changed while a campaign runs."""

LONGEST_TONE, LONGEST_COUNTS, LONGEST_WAIT = 60, 300, 365


def edited(plan: Plan, changes: Mapping[str, object], table: Table | None) -> Plan:
    """The plan with some fields changed by a person; its version is still the old one.

    Without a table the columns are not looked at: for fields of `ANYTIME`. `held` says which column holds words of
    `missing`. Words that are taken off `missing` are settled: by the columns that the same change adds to
    `read_columns`, one after the other, or by leaving them out where it names no columns. Raises InvalidInput with the
    field.
    """
    changes = _checked(plan, changes)
    named = "read_columns" in changes
    held = _held(plan, changes)
    changed = planning.edit_plan(plan, changes, table) if table is not None else replace(plan, **changes)  # type: ignore[arg-type]
    if "missing" in changes:
        off = [words for words in plan.missing if words not in changed.missing and words not in held]
        if named:
            added = [title for title in changed.read_columns if title not in plan.read_columns]
            made = [Settled(words, title) for words, title in zip(off, added, strict=False)]
        else:
            made = [Settled(words) for words in off]
        held_by = [Settled(words, title) for words, title in held.items()]
        changed = replace(changed, settled=(*plan.settled, *held_by, *made))
    if changed.answer_columns != plan.answer_columns and "counts" not in changes:
        changed = replace(changed, counts="")  # it spoke of other answers
    if "template" in changes:  # it is a person's text now
        changed = replace(changed, doubt="", text_made=NOT_MADE)
    return changed


def _held(plan: Plan, changes: dict[str, object]) -> dict[str, str]:
    """Takes `held` out of the changes: its words are missing no more, and its columns are read. Raises InvalidInput."""
    given = changes.pop("held", None)
    if not isinstance(given, Mapping) or not given:
        return {}
    known = {fold(words): words for words in plan.missing}
    if unknown := next((str(words) for words in given if fold(str(words)) not in known), ""):
        raise InvalidInput(f"“{unknown[:80]}” is not among what is missing.", field="held", suggestions=plan.missing)
    held = {known[fold(str(words))]: str(title) for words, title in given.items()}
    left = cast("tuple[str, ...]", changes.get("missing", plan.missing))
    read = cast("tuple[str, ...]", changes.get("read_columns", plan.read_columns))
    changes["missing"] = tuple(words for words in left if words not in held)
    changes["read_columns"] = tuple(dict.fromkeys([*read, *held.values()]))
    return held


def numbered(old: Plan, new: Plan) -> Plan:
    """The new plan with a version of its own, if anything in it changed."""
    same = replace(new, version=old.version) == old
    return old if same else replace(new, version=old.version + 1)


def _checked(plan: Plan, changes: Mapping[str, object]) -> dict[str, object]:
    """The changes as they may stand. Raises InvalidInput."""
    found = dict(changes)
    if "tone" in found:
        found["tone"] = in_one_line("tone", "The tone", str(found["tone"]), LONGEST_TONE)
    if "counts" in found:
        found["counts"] = in_one_line("counts", "What counts as an answer", str(found["counts"]), LONGEST_COUNTS)
    if "remind_after" in found:
        found["remind_after"] = days(found["remind_after"])
    if "language" in found:
        found["language"] = language(str(found["language"]))
    if "missing" in found:
        found["missing"] = _left(plan, found["missing"])
    return found


def in_one_line(field: str, name: str, text: str, most: int) -> str:
    """A short text on one line. Raises InvalidInput when it is too long."""
    said = " ".join(text.split())
    if len(said) > most:
        raise InvalidInput(f"{name} has {len(said)} characters; at most {most} are read. Shorten it.", field=field)
    return said


def days(value: object) -> int:
    """Whole days until a row counts as without an answer, 0 for never. Raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_WAIT:
        raise InvalidInput(
            f"“{value}” is no number of days to wait for an answer. Write 0 (never) to {LONGEST_WAIT}.",
            field="remind_after",
        )
    return value


def language(text: str) -> str:
    """A language as a code of two letters. Raises InvalidInput."""
    code = text.strip().casefold()
    if not re.fullmatch(r"[a-z]{2}", code):
        raise InvalidInput(
            f"“{text[:40]}” is no language code. Write two letters, such as en, de, fr or es.", field="language"
        )
    return code


def _left(plan: Plan, value: object) -> tuple[str, ...]:
    """What stays missing: a person takes words off, and adds none. Raises InvalidInput."""
    wanted = [str(words) for words in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
    known = {fold(words): words for words in plan.missing}
    for words in wanted:
        if fold(words) not in known:
            raise InvalidInput(
                f"“{words[:80]}” is not among what is missing: words are only taken off here, once they are settled.",
                field="missing",
                suggestions=plan.missing,
            )
    return tuple(dict.fromkeys(known[fold(words)] for words in wanted))
