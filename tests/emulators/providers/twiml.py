"""Reads TwiML as Twilio does: a strict reader of the verbs that a call of ours may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

VERBS: Mapping[str, frozenset[str]] = {
    "Say": frozenset(("voice", "language", "loop")),
    "Play": frozenset(("loop", "digits")),
    "Pause": frozenset(("length",)),
    "Gather": frozenset((
        "action", "method", "timeout", "numDigits", "finishOnKey", "input", "language", "hints", "speechTimeout",
        "actionOnEmptyResult", "bargeIn", "profanityFilter", "enhanced", "speechModel", "partialResultCallback",
    )),
    "Redirect": frozenset(("method",)),
    "Hangup": frozenset(),
    "Reject": frozenset(("reason",)),
}  # fmt: skip
NESTED = frozenset(("Say", "Play", "Pause"))
MAX_INLINE = 4000


class TwimlError(ValueError):
    """12100: the document can't be parsed; 12200: it does not fit the schema."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


@dataclass(frozen=True)
class Verb:
    """One step. `inside`: what a Gather says while it waits."""

    name: str
    text: str
    attributes: Mapping[str, str]
    inside: list[Verb] = field(default_factory=list)


def parse(document: str) -> list[Verb]:
    """The verbs of a document. Raises TwimlError."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        raise TwimlError(12100, str(error)) from None
    if root.tag != "Response":
        raise TwimlError(12100, f"the root must be Response, not {root.tag}")
    return list(_verbs(root, VERBS.keys()))


def _verbs(element: ElementTree.Element, allowed: object) -> Iterator[Verb]:
    for each in element:
        if each.tag not in VERBS or each.tag not in allowed:  # type: ignore[operator]
            raise TwimlError(12200, f"{each.tag} is not allowed in {element.tag}")
        for name in each.attrib:
            if name not in VERBS[each.tag]:
                raise TwimlError(12200, f"{each.tag} has no attribute {name}")
        inside = list(_verbs(each, NESTED)) if each.tag == "Gather" else []
        yield Verb(each.tag, (each.text or "").strip(), dict(each.attrib), inside)
