"""Message templates that a provider has approved: their slots, which column fills each, and the text it makes.

Not to be taken for `domain.templates`, whose placeholders are ours and may hold anything: these are sent by name, and
the provider puts the values in. The limits are WhatsApp's; Twilio's templates for WhatsApp have the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.domain.message import Choice, FilledTemplate
from server.domain.table import fold
from server.domain.templates import nearest

LONGEST = 1024
"""Characters of a filled body (Meta: "Template components"; beyond it error 132005)."""

_SLOT = re.compile(r"\{\{[ \t]{0,9}([A-Za-z0-9_]{1,64})[ \t]{0,9}\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r" {5,}")


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """A template as the plan holds it.

    `name` is Meta's template name or Twilio's ContentSid, `body` the text with its slots ({{1}} or {{name}}), `columns`
    a slot's name -> the title of the column that fills it. `buttons` are the titles of its buttons in order, "" for
    one that is no quick reply (a link, a number to call).
    """

    name: str
    language: str = "en"
    body: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """A template as its provider lists it. `status` is "approved" or "paused"; `unfit` says why it can't be sent, ""
    when it can."""

    template: ProviderTemplate
    status: str
    category: str = ""
    unfit: str = ""

    @property
    def variables(self) -> int:
        """How many columns it asks for."""
        return len(slots(self.template.body))


def slots(body: str) -> tuple[str, ...]:
    """The slots of a body, each once: numbered ones by number, named ones in their order."""
    found = dict.fromkeys(match[1] for match in _SLOT.finditer(body))
    numbered = sorted((slot for slot in found if _is_number(slot)), key=int)
    return (*numbered, *(slot for slot in found if not _is_number(slot)))


def suggest(body: str, titles: Iterable[str]) -> dict[str, str]:
    """A column for each slot where its name tells: {{start_time}} is "Start time"; "" where nothing is near."""
    known = {_plain(title): title for title in titles if title.strip()}
    return {
        slot: "" if _is_number(slot) else known.get(_plain(slot)) or nearest(slot.replace("_", " "), known.values())
        for slot in slots(body)
    }


def faults(template: ProviderTemplate, titles: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with the template for this sheet, a sentence each: told when it is chosen, before any row."""
    return (*body_faults(template.body), *_column_faults(template, titles))


def body_faults(body: str) -> tuple[str, ...]:
    """What WhatsApp would not approve in a body, a sentence each (Meta: "Template review", rejection reasons)."""
    if not body.strip():
        return ("The template has no text. Paste its body as it was approved.",)
    parts = _SLOT.split(body)  # text, slot, text, slot, ..., text
    texts, names = parts[::2], parts[1::2]
    numbers = {int(name) for name in names if _is_number(name)}
    found = []
    if names and not (texts[0].strip() and texts[-1].strip()):
        found.append("The template's text starts or ends with a variable: WhatsApp approves no such template.")
    if any(not text.strip() for text in texts[1:-1]):
        found.append("Two variables follow each other with nothing between: WhatsApp approves no such template.")
    if numbers and len(numbers) < len(set(names)):
        found.append("The template mixes numbered and named variables: use one kind.")
    elif numbers and numbers != set(range(1, len(numbers) + 1)):
        found.append("The numbers of the template's variables must be 1, 2, 3 and so on, without a gap.")
    if any(_BRACES.search(text) for text in texts):
        found.append("The template has braces that are no variable: write {{1}} or {{start_time}}, without spaces.")
    if len(body) > LONGEST:
        found.append(f"The template's text has {len(body)} characters: WhatsApp takes {LONGEST}.")
    return tuple(found)


def row_faults(template: ProviderTemplate, record: Mapping[str, str]) -> tuple[str, ...]:
    """Why this row can't be sent with the template, a sentence each; () when it can."""
    cells = _cells(record)
    found = [fault for slot in slots(template.body) if (fault := _value_fault(slot, template, cells))]
    if not found and (length := len(shown(template.body, _values(template, cells)))) > LONGEST:
        found.append(
            f"With this row's values the text has {length} characters: WhatsApp takes {LONGEST} in a template."
        )
    return tuple(found)


def fill(template: ProviderTemplate, record: Mapping[str, str]) -> FilledTemplate:
    """The template with its slots filled from a record (title -> shown text).

    Raises ValueError with the sentences of `row_faults` when this row can't be sent with it.
    """
    if found := row_faults(template, record):
        raise ValueError(" ".join(found))
    return FilledTemplate(template.name, template.language, _values(template, _cells(record)))


def shown(body: str, values: Mapping[str, str]) -> str:
    """The text as the recipient will see it, filled in one pass: a value's own braces stay text."""
    return _SLOT.sub(lambda match: values.get(match[1], match[0]), body)


def pressable(template: ProviderTemplate, offered: Iterable[Choice]) -> tuple[Choice, ...]:
    """The choices in the order of the template's buttons, so that each button brings back its own answer.

    A button's title says which choice it is, never its place: the template may have No before Yes. A button that is no
    answer of the plan ("Other", a link) holds its place with an empty code.
    """
    known = {fold(choice.title): choice for choice in offered}
    return tuple(known.get(fold(title), Choice("", title)) for title in template.buttons)


def _column_faults(template: ProviderTemplate, titles: Iterable[str]) -> list[str]:
    known = {fold(title): title for title in titles if title.strip()}
    found = []
    for slot in slots(template.body):
        column = template.columns.get(slot, "")
        if not column.strip():
            found.append(f"No column is chosen for the variable {{{{{slot}}}}}.")
        elif fold(column) not in known:
            meant = nearest(column, known.values())
            found.append(
                f"The variable {{{{{slot}}}}} is to come from “{column}”, but the sheet has no such column."
                + (f" Is “{meant}” meant?" if meant else "")
            )
    return found


def _value_fault(slot: str, template: ProviderTemplate, cells: Mapping[str, str]) -> str:
    column = template.columns.get(slot, "")
    if not column.strip():
        return f"No column is chosen for the template's variable {{{{{slot}}}}}."
    if fold(column) not in cells:
        return f"The sheet has no column “{column}” for the template's variable {{{{{slot}}}}}."
    value = cells[fold(column)]
    if not value:
        return f"“{column}” is empty, and the template needs it."
    if _BREAK.search(value):
        return f"“{column}” has more than one line: WhatsApp takes one line for a template's variable."
    if "\t" in value:
        return f"“{column}” holds a tab: WhatsApp refuses it in a template."
    if _SPACES.search(value):
        return f"“{column}” holds more than four spaces in a row: WhatsApp refuses that in a template."
    return ""


def _values(template: ProviderTemplate, cells: Mapping[str, str]) -> dict[str, str]:
    return {slot: cells[fold(template.columns[slot])] for slot in slots(template.body)}


def _cells(record: Mapping[str, str]) -> dict[str, str]:
    """Folded title -> shown text without white space at its ends; of two equal titles the first one's."""
    return {fold(title): value.strip() for title, value in reversed(list(record.items()))}


def _plain(name: str) -> str:
    """A title and the slot's name that people make of it, alike: "Start time", start_time."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _is_number(slot: str) -> bool:
    return slot.isascii() and slot.isdigit()
