"""The plan: what an instruction means for this sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from server.domain.words import AnswerKind, ChannelName


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column that a reply may fill. `allowed` lists the values of a choice; empty means any value of `kind`."""

    name: str
    kind: AnswerKind = AnswerKind.CHOICE
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read, said and filled. Column names are titles of the sheet, as shown.

    `read_columns` are the only columns that a text (and a model) may use. With `template` every row gets that
    text with its `{{placeholders}}` filled; without it the drafter writes each text. `question` is what the
    recipient is asked, in words: the interpreter reads a reply against it.
    """

    channel: ChannelName
    provider: str
    address_column: str
    name_column: str = ""
    read_columns: tuple[str, ...] = ()
    answer_columns: tuple[AnswerColumn, ...] = ()
    template: str = ""
    subject: str = ""
    question: str = ""
    language: str = "en"

    def answer(self, name: str) -> AnswerColumn | None:
        """The answer column of that name, or None."""
        return next((column for column in self.answer_columns if column.name == name), None)

    def with_channel(self, channel: ChannelName, provider: str) -> Plan:
        """The same plan over another channel."""
        return replace(self, channel=channel, provider=provider)


def parse_answer_column(text: str) -> AnswerColumn:
    """`Column=Value|Value|...` (a choice) or `Column`, `Column=text|number|date|time` (one typed value).

    Raises ValueError with a sentence when there is no column name.
    """
    name, _, values = text.partition("=")
    name = name.strip()
    if not name:
        raise ValueError(f"“{text}” names no column. Write it as Column=Value|Value, for example Availability=Yes|No.")
    allowed = tuple(dict.fromkeys(value.strip() for value in values.split("|") if value.strip()))
    if not allowed:
        return AnswerColumn(name, AnswerKind.TEXT)
    if len(allowed) == 1 and allowed[0].casefold() in {"text", "number", "date", "time"}:
        return AnswerColumn(name, AnswerKind(allowed[0].casefold()))
    return AnswerColumn(name, AnswerKind.CHOICE, allowed)
