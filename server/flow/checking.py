"""A draft against its row: it may say what that row and the organiser's own words say, and nothing else. Code tells,
whoever wrote it; what fails is named, and a person looks at it first."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from server.domain import asking, factcheck, templates
from server.domain.choices import offered
from server.domain.factcheck import Ground
from server.domain.plan import Plan
from server.domain.table import Row
from server.flow.records import Reader

_TURNED = re.compile("[\u202d\u202e]")
"""Marks after which letters are shown in another order than they stand in."""


@dataclass(frozen=True)
class Checker:
    """Holds the texts of one campaign against the rows of one look at its sheet.

    What all rows share, and the names of everybody in the table, is worked out once a look, and only where a text has
    to be held against it: one that is the plan's template, filled from the row, holds nothing else.
    """

    reader: Reader
    instruction: str
    today: datetime.date

    def doubts(self, row: Row, text: str, subject: str) -> list[str]:
        """Sentences about what a text and its subject say, as a drafter gave them, and nothing gives."""
        found = [factcheck.sentence(self.unfounded(row, text, subject))]
        if len(text) > factcheck.LONGEST and text != self._filled(row, self.reader.plan.template):
            found.append(f"The text has {len(text):,} characters: too many to be held against its row.")
        return found

    def unfounded(self, row: Row, text: str, subject: str) -> tuple[str, ...]:
        """The words of text and subject that neither the row nor the organiser says, each once."""
        plan = self.reader.plan
        own = {part: self._filled(row, part) for part in (plan.template, plan.subject) if part}
        both = ((subject, True), (text, False))
        checked = [(one, heading) for one, heading in both if one.strip() and one not in own.values()]
        if not checked:
            return ()
        ground = self._ground(row, text, own.values())
        words = [word for one, heading in checked for word in factcheck.unfounded(one, ground, heading=heading)]
        return tuple(dict.fromkeys(words))

    def leftover(self, row: Row, text: str, subject: str) -> str:
        """A sentence about what must never leave, be it the organiser's or a cell's (an unfilled placeholder, `#REF!`,
        `undefined`, letters that are shown turned round), or ""."""
        if found := self.reader.leftover(row, text, subject):
            return f"The text still holds “{found}”."
        if _TURNED.search(f"{subject}\n{text}"):
            return "The text holds a mark that turns letters round: what people would read is not what stands there."
        return ""

    def _ground(self, row: Row, text: str, own: Iterable[str]) -> Ground:
        """What this text may rest on."""
        reader, plan = self.reader, self.reader.plan
        columns = dict.fromkeys((*plan.read_columns, plan.name_column, *plan.address_columns))
        texts = [*(reader.shown(row, column) for column in columns), *own]
        if "{" in self.instruction:
            texts.append(self._filled(row, self.instruction))
        pressed = offered(plan)
        if pressed and asking.names(text, pressed[1]):  # “1 for Yes”: how to answer is no fact of the row
            texts.append(asking.line(pressed[1], plan.language))
        return factcheck.both(
            self._common, factcheck.ground_of(texts, language=self._common.language, today=self.today)
        )

    def _filled(self, row: Row, template: str) -> str:
        """The organiser's own text with this row's cells in it."""
        if not template:
            return ""
        reader = self.reader
        return templates.render(template, {name: reader.shown(row, name) for name in reader.plan.read_columns}).text

    @cached_property
    def _common(self) -> Ground:
        """What every text may rest on: the organiser's words, and the titles of the columns that it may use."""
        plan, table = self.reader.plan, self.reader.table
        index = table.find(plan.name_column)
        names = factcheck.name_words(row.shown(index) for row in table.rows) if index is not None else frozenset[str]()
        said = [*said_by_organiser(plan, self.instruction), *plan.read_columns, plan.name_column]
        return factcheck.ground_of(said, others=names, language=plan.language, today=self.today)


def said_by_organiser(plan: Plan, instruction: str) -> list[str]:
    """What a text may rest on beside its row: words that the organiser wrote, or saw in the plan."""
    answers = [text for column in plan.answer_columns for text in (column.name, *column.allowed)]
    return [instruction, plan.question, plan.subject, plan.template, plan.tone, *answers]
