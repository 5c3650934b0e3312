"""Prompts: files with a name and a hash, and how data goes along with them. The static part comes first, so that a
server that keeps what it has read (prompt caching) reads it once; what strangers wrote comes last, as JSON strings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "prompts"
LONGEST_CELL = 2_000
"""Characters of one cell that a model is shown."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told. `id` is kept with each result: its name and the hash of its text ("read@1f0c…")."""

    name: str
    text: str

    @property
    def hash(self) -> str:
        """Twelve digits of the SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def id(self) -> str:
        """Name and hash."""
        return f"{self.name}@{self.hash}"


@cache
def load(name: str) -> Prompt:
    """The prompt of that name. Raises FileNotFoundError: the names are our own."""
    return Prompt(name, (FOLDER / f"{name}.md").read_text("utf-8").strip())


def with_remark(name: str) -> Prompt:
    """The prompt of that name for a text that is written anew as somebody remarked: with what that means behind it, so
    that what is asked without a remark stays the very same."""
    return Prompt(f"{name}-anew", f"{load(name).text}\n\n{load('remark').text}")


def names() -> tuple[str, ...]:
    """All prompts that there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def messages(prompt: Prompt, same: Mapping[str, Any], data: Mapping[str, Any]) -> list[dict[str, str]]:
    """Three messages: the prompt, what is the same for the whole campaign, and this call's data.

    Only the last one differs from row to row.
    """
    return [
        {"role": "system", "content": prompt.text},
        {"role": "user", "content": fenced("campaign", same)},
        {"role": "user", "content": fenced("data", data)},
    ]


def fenced(name: str, data: Mapping[str, Any]) -> str:
    """Data between two marks that nothing in it can close: `<` and `>` are escaped inside its strings."""
    shown = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    safe = shown.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<{name}>\n{_UNSEEN.sub(_escaped, safe)}\n</{name}>"


_UNSEEN = re.compile(r"[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
"""What a person does not see and a model reads: shown as escapes, so that both read the same."""


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group(0))
    if code > 0xFFFF:  # JSON has escapes of four digits: two of them for such a character
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def cells(record: Mapping[str, str], titles: tuple[str, ...], *, longest: int = LONGEST_CELL) -> dict[str, str]:
    """The cells under these titles and no others, each cut to what a model is shown."""
    return {title: record.get(title, "")[:longest] for title in titles}
