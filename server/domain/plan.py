"""The plan: what an instruction means for this sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from server.domain.provider_templates import ProviderTemplate
from server.domain.table import fold
from server.domain.usage import NOT_MADE, Made
from server.domain.words import AnswerKind, ChannelName


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column that a reply may fill. `allowed` lists the values of a choice; empty means any value of `kind`."""

    name: str
    kind: AnswerKind = AnswerKind.CHOICE
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A way to reach people: a channel, the provider that carries it, the column with their address on it."""

    channel: ChannelName
    provider: str
    address_column: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person said about words of the instruction that no column holds: take this one, or ("") leave them out."""

    words: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read, said and filled. Column names are titles of the sheet, as shown.

    `read_columns` are the only columns that a text (and a model) may use. With `template` every row gets that
    text with its `{{placeholders}}` filled; without it the drafter writes each text. `question` is what the
    recipient is asked, in words: the interpreter reads a reply against it.

    `routes` are tried in order where the plan's own channel has no usable address, or the provider says that nobody
    of that address is on it. `channel_column` names each row's channel in words (see `channel_named`); an empty cell
    leaves it to the order. `whatsapp_template` is what reaches people outside WhatsApp's 24 hours. The other columns
    hold, for mails: a file or link that goes along, addresses that get a copy, the sender, and where replies go.

    `tone` is how texts are to sound, in a few words; `counts` what counts as an answer, in a sentence for whoever reads
    the replies. After `remind_after` days without an answer a row is No answer (0: never). `missing` are words of the
    instruction that ask for what no column holds: nothing is drafted before a person said what to do about them, which
    is then `settled`. `doubt` is what a person must look at in a text that was written for all rows, `text_made` what
    wrote it; its subject stands in for `own_subject` (None: it was not replaced). `version` grows with each change by a
    person; `made` is what made the first one, `note` why it was made otherwise than it should have been. `remark` is
    what was remarked about the text for all rows, `former` what one step back leads to: the name of that remark's
    batch, then template, subject, language and remark as they were.
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
    routes: tuple[Route, ...] = ()
    channel_column: str = ""
    whatsapp_template: ProviderTemplate | None = None
    attachment_column: str = ""
    cc_column: str = ""
    sender_column: str = ""
    reply_to_column: str = ""
    tone: str = ""
    counts: str = ""
    remind_after: int = 0
    missing: tuple[str, ...] = ()
    settled: tuple[Settled, ...] = ()
    doubt: str = ""
    text_made: Made = NOT_MADE
    own_subject: str | None = None
    version: int = 1
    made: Made = NOT_MADE
    note: str = ""
    remark: str = ""
    former: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[Route, ...]:
        """All routes in their order, the plan's own first."""
        return (Route(self.channel, self.provider, self.address_column), *self.routes)

    @property
    def address_columns(self) -> tuple[str, ...]:
        """The columns that hold addresses, each once, in the order of the routes."""
        return tuple(dict.fromkeys(way.address_column for way in self.ways))

    @property
    def row_columns(self) -> tuple[str, ...]:
        """The columns that decide, beside the text, what a row's message is and where it goes; "" left out."""
        filled = self.whatsapp_template.columns.values() if self.whatsapp_template else ()
        extras = (self.attachment_column, self.cc_column, self.sender_column, self.reply_to_column)
        names = (self.name_column, self.channel_column, *self.address_columns, *extras, *filled)
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def asked(self) -> tuple[str, ...]:
        """What people are asked and may answer, in the organiser's own words."""
        return (self.question, *(text for column in self.answer_columns for text in (column.name, *column.allowed)))

    def answer(self, name: str) -> AnswerColumn | None:
        """The answer column of that name, or None."""
        return next((column for column in self.answer_columns if column.name == name), None)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Words of the instruction that texts are not to mention."""
        return tuple(one.words for one in self.settled if not one.column)

    def told(self, instruction: str) -> str:
        """The instruction as a drafter is to read it: with the columns that a person chose for words of it."""
        for one in self.settled:
            if one.column:
                found = re.compile(r"\s+".join(re.escape(word) for word in one.words.split()), re.IGNORECASE)
                plain = self.language != "de" and one.column[1:2].islower()
                title = one.column[:1].lower() + one.column[1:] if plain else one.column
                instruction = found.sub(lambda _, title=title: title, instruction, count=1)  # type: ignore[misc]
        return instruction

    def with_channel(self, channel: ChannelName, provider: str) -> Plan:
        """The same plan over another channel."""
        return replace(self, channel=channel, provider=provider)


# fmt: off
_WORDS = {
    ChannelName.EMAIL: ("email", "e-mail", "e mail", "mail", "correo", "courriel", "posta"),
    ChannelName.WHATSAPP: ("whatsapp", "whats app", "whats-app", "wa"),
    ChannelName.SMS: ("sms", "text", "text message", "texto", "txt"),
    ChannelName.VOICE: ("voice", "call", "phone call", "voice call", "anruf", "appel", "llamada", "chiamata"),
    ChannelName.OUTBOX: ("outbox",),
}
# fmt: on
_NAMED = {fold(word): channel for channel, words in _WORDS.items() for word in words}


def channel_named(text: str) -> ChannelName | None:
    """The channel that a cell names in words of people (email, text, call ...; any case), None for another word."""
    return _NAMED.get(fold(text))


SHOWN = {
    ChannelName.OUTBOX: "the local mailbox",
    ChannelName.EMAIL: "email",
    ChannelName.WHATSAPP: "WhatsApp",
    ChannelName.SMS: "SMS",
    ChannelName.VOICE: "a call",
}
"""A channel in a sentence: “drafted for SMS instead”, “by a call”."""


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
