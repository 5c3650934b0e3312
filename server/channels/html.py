"""HTML of mails: ours made from text, theirs turned into text. Nothing in it is executed, and no link is followed."""

from __future__ import annotations

import re
from html import escape

from lxml import etree

LONGEST = 1_000_000
"""Characters of a stranger's HTML that are read; what a person wrote stands at the top of it."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINK = re.compile(r"https?://[^\s<>\"“”«»\x00-\x1f]{1,2000}", re.IGNORECASE)
_LINK_END = re.compile(r"[.,;:!?'’*_~\])}]+$")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_SPACES = re.compile(r"^ | {2,}|\t", re.MULTILINE)


def as_html(text: str) -> str:
    """The text as a small HTML document: the same words, paragraphs and line breaks, everything escaped.

    Plain http(s) links can be clicked and read as they were written. Each paragraph finds its own direction, for
    Hebrew and Arabic. There is no style that a mail program could get wrong.
    """
    plain = _SPACES.sub(_kept, _CONTROL.sub("", _NEWLINE.sub("\n", text)).strip("\n"))
    parts = (part for part in _PARAGRAPHS.split(plain) if part)
    paragraphs = "\n".join(f'<p dir="auto">{_paragraph(part)}</p>' for part in parts)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{paragraphs}\n</body></html>\n'


def _paragraph(text: str) -> str:
    if "://" not in text:
        return _inline(text)
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        address = _address(found[0])
        pieces += [_inline(text[end : found.start()]), f'<a href="{escape(address)}">{escape(address)}</a>']
        end = found.start() + len(address)
    return "".join([*pieces, _inline(text[end:])])


def _address(found: str) -> str:
    """The link without what belongs to the sentence around it; a bracket that it opened itself stays."""
    bare = _LINK_END.sub("", found)
    if found[len(bare) :].startswith(")") and bare.count("(") > bare.count(")"):
        bare += ")"
    return bare


def _kept(run: re.Match[str]) -> str:
    """Leading and doubled spaces that show, for lists and sums that were laid out by hand."""
    return "\u00a0" * (4 if run[0] == "\t" else len(run[0]))


def _inline(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


_SKIPPED = frozenset(
    {"head", "title", "script", "style", "template", "noscript", "object", "iframe", "svg", "math", "audio", "video"}
)
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "table", "tbody", "thead", "tr", "ul"),
    )
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "hr", "pre"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_INDENT = re.compile(r"border\s*:\s*(?:none|0|medium none)", re.IGNORECASE)
_QUOTES = re.compile(
    r"gmail_quote|yahoo_quoted|protonmail_quote|zmail_extra|tutanota_quote|moz-forward-container|"
    r"OutlookMessageHeader|gmail_attr|moz-cite-prefix|yahoo-quoted"
)
"""Classes by which mail programs mark what they repeat, and the line over it."""


def as_text(html: str) -> str:
    """What a reader of this HTML sees, as lines of text; what it marks as quoted begins with "> ".

    Scripts, styles, comments and hidden parts are left out, links are their words. Never raises: what is no HTML at
    all comes back as it is read by browsers, as text.
    """
    data = _CONTROL.sub("", html[:LONGEST]).encode("utf-8", "replace")
    parser = etree.HTMLParser(
        recover=True, no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return ""
    return "" if root is None else _Page().read(root)


class _Page:
    """Lines in the making: the one being filled, how deep it is quoted, whether a blank one is due."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._quotes: list[etree._Element] = []
        self._lead: etree._Element | None = None
        self._pre = 0

    def read(self, root: etree._Element) -> str:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start" and self._unseen(element):
                walk.skip_subtree()
            elif event == "start":
                self._open(element)
            else:
                self._close(element)
        self._break()
        return "\n".join(self._lines).strip("\n")

    def _unseen(self, element: etree._Element) -> bool:
        if element.tag in _SKIPPED or element.get("hidden") is not None:
            return True
        return bool(_HIDDEN.search(element.get("style") or ""))

    def _open(self, element: etree._Element) -> None:
        if element.tag == "br":
            self._break(always=True)
        elif element.tag == "img":
            self._line.append(_emoji(element.get("alt") or ""))
        elif element.tag in {"td", "th"} and self._line:
            self._line.append(" ")
        elif element.tag in _BLOCKS:
            self._block(element.tag)
        kind = _quotes(element)
        if kind or element.tag == "blockquote":
            self._end_lead()
        if kind:
            self._break()
            self._depth += 1
            if kind == "all":
                self._quotes.append(element)
            else:
                self._lead = element
        if element.tag == "pre":
            self._pre += 1
        if element.tag == "li":
            self._line.append("- ")
        self._say(element.text)

    def _close(self, element: etree._Element) -> None:
        if not self._unseen(element):
            if self._lead is element:
                self._end_lead()
            if self._quotes and self._quotes[-1] is element:
                self._break()
                self._quotes.pop()
                self._depth -= 1
            if element.tag in _BLOCKS:
                self._block(element.tag)
            if element.tag == "pre":
                self._pre -= 1
        self._say(element.tail)

    def _end_lead(self) -> None:
        """Where the line over a quote ends: at the quote."""
        if self._lead is not None:
            self._break()
            self._lead = None
            self._depth -= 1

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self._break(always=True)
                self._line.append(line)
        else:
            self._line.append(text)

    def _block(self, tag: str) -> None:
        self._break()
        if tag in _SPACED:
            self._blank()

    def _break(self, *, always: bool = False) -> None:
        """End the line; an empty one only when a person made it (`always`)."""
        text = "".join(self._line)
        text = text.rstrip() if self._pre else " ".join(text.split())
        self._line.clear()
        if text or always:
            self._lines.append(("> " * self._depth + text).rstrip())

    def _blank(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * self._depth).rstrip())


def _quotes(element: etree._Element) -> str:
    """Whether "all" of the element was written earlier, only the line that "leads" to a quote in it, or nothing ("").

    A container that holds marked quotes is not one itself: people answer between them. A blockquote without its line
    at the side is how some programs indent what one writes oneself.
    """
    if element.tag == "blockquote":
        return "" if _INDENT.search(element.get("style") or "") else "all"
    if element.tag != "div" or not _QUOTES.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
        return ""
    return "all" if element.find(".//blockquote") is None else "leads"


def _emoji(alt: str) -> str:
    """Mail programs send an emoji as a picture; the words of any other picture are not the person's own."""
    return alt if len(alt) <= 10 and not any(char.isascii() and char.isprintable() for char in alt) else ""
