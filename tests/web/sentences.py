"""Which sentences people may meet, read from the code itself: every literal that looks like one, with named holes.

What only whoever runs Cellback can mend stays English: a sentence that names a setting, and what the modules of
OTHERS say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from server.web.speaking import HOLE

SERVER = Path(__file__).parents[2] / "server"

OTHERS = re.compile(
    r"(cli|local|llm/(?!offline/(interpreter|reading|notices|planner|drafter|sharing)|failures|usage|drafter)"
    r"|identity/(google|invitations|microsoft_refusals|people|published)|store/(schema|migrations|database|ledger|codec)"
    r"|domain/(plan_words|stop|away|away_words|picture|usage|remark|confidence|factcheck/(?!check)|machine/states)"
    r"|channels/(?!addresses|mailbox|mail_parts|bounce_reasons|http|mail\.|smtp\.|mailgun_mail"
    r"|resend\.|resend_mail|sendgrid_mail|meta/(words|errors|channel|requests|templates)"
    r"|twilio/(words|account|content|messages))"
    r"|web/(docs|plan_said|speaking|metrics|examples|webhooks|schemas|plan_schemas|health|cors|headers|excel_pane)"
    r"|__main__|config|logs|queue|pacing|providers|provider_settings|model_settings|microsoft_access|ports)"
)
"""Command line, settings, webhooks, documents of the API, prompts, words to match: nobody in the panel reads those."""

NOT_OURS = re.compile(
    r"= \?|< \?|\? OFFSET|LIMIT \?|Antworten Sie|This is a reminder of|no file is attached"
    r"|SMTP has no webhooks|webhook's body|[Ss]ignature"
)
"""Queries of a database, texts of drafts, and what only posts of providers are told."""
NOTED = re.compile(r"channels/(meta|twilio)/words")
"""What these say is an error with its full stop, and part of a note without it: the catalogues hold both."""
COMPOSED = frozenset(
    {
        "This campaign is being sent already.{who}{when}.",
        "{messages} SMS in {many}{price}.",
        "{texts} used {tokens} tokens{in_money}.",
        "{so_far}Nothing is left to write.",
        "{so_far}One text for all rows: the rows themselves need no model.",
        "The instruction asks for {listed}, and no column of “{sheet}” holds {it}. "
        "Choose {one} to the sheet, or leave {it2} out.",
    }
)
"""Put together from pieces that may be empty: the catalogues hold what comes of them."""
SETTING = re.compile(r"[A-Z]{3,}_[A-Z]{2,}|make run|python -m|--[a-z]")
SENTENCE = re.compile(r"[A-Z“{].*[.?!]”?", re.DOTALL)
QUIET = frozenset(
    {
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "log",
        "compile",
        "Field",
        "sub",
        "match",
        "search",
        "AssertionError",
        "ValueError",
        "RuntimeError",
        "TypeError",
        "KeyError",
        "NotImplementedError",
    }
)
Trees = dict[str, ast.Module]


def found() -> dict[str, str]:
    """Every pattern, such as "There is no column “{name}”.", with the first place that says it."""
    trees = {path.relative_to(SERVER).as_posix(): ast.parse(path.read_text()) for path in sorted(SERVER.rglob("*.py"))}
    everywhere = _everywhere(trees)
    patterns: dict[str, str] = {}
    for name, tree in trees.items():
        if not OTHERS.match(name):
            noted = bool(NOTED.match(name))
            for line, pattern in Reader({**everywhere, **_constants(tree)}).sentences(tree, undotted=noted):
                bare = pattern.removesuffix(".")
                for one in (bare, f"{bare}.") if noted else (pattern,):
                    patterns.setdefault(one, f"{name}:{line}")
    return patterns


class Reader:
    """Reads one module; `constants` are the texts that it may name in capitals."""

    def __init__(self, constants: Mapping[str, str]) -> None:
        self.constants = constants

    def sentences(self, tree: ast.Module, *, undotted: bool = False) -> Iterator[tuple[int, str]]:
        """Each sentence with its line; where asked, those as well that lack their full stop."""
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call) and _name(node.func) in QUIET:
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring
            if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) and (said := self.said(node)):
                yield from (
                    (node.lineno, one) for one in said if _is_sentence(one) or (undotted and _is_sentence(f"{one}."))
                )
                continue
            waiting.extend(ast.iter_child_nodes(node))

    def said(self, node: ast.AST) -> list[str]:
        """What an expression says, once for each way it can go, with a named hole for what is not known here."""
        if isinstance(node, ast.Constant):
            text = node.value if isinstance(node.value, str) else ""
            return [_once(text.replace("{}", "{it}").replace("{0}", "{it}"))] if text else []
        if isinstance(node, ast.JoinedStr):
            return _ways([self.part(value) for value in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.said(node.left), self.said(node.right)
            return _ways([left, right]) if left and right else []
        return []

    def part(self, node: ast.expr) -> list[str]:
        """A piece of an f-string."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        assert isinstance(node, ast.FormattedValue)
        inner = node.value
        if isinstance(inner, ast.IfExp) and (ways := [*self._way(inner.body), *self._way(inner.orelse)])[1:]:
            return ways
        if isinstance(inner, ast.Name) and inner.id in self.constants:
            return [self.constants[inner.id]]
        return [str(inner.value)] if isinstance(inner, ast.Constant) else ["{" + _hole(inner) + "}"]

    def _way(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        return self.said(node) if isinstance(node, ast.JoinedStr) else []


def _is_sentence(pattern: str) -> bool:
    if pattern in COMPOSED or "\n" in pattern or SETTING.search(pattern) or NOT_OURS.search(pattern):
        return False
    words = re.findall(r"[A-Za-z’']{2,}", re.sub(r"\{\w+\}", "", pattern))
    return bool(SENTENCE.fullmatch(pattern)) and len(words) >= 2


def _hole(node: ast.expr) -> str:
    """A name for what stands in a hole: the last word of the expression that says what it is."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and _name(one.func) == "len":
            return "count"
        if isinstance(one, ast.BinOp) and isinstance(one.op, (ast.RShift, ast.FloorDiv)):
            return "count"
        if isinstance(one, ast.Attribute):
            return one.attr.strip("_").lower()
        if isinstance(one, ast.Name):
            return one.id.strip("_").lower()
    return "it"


def _ways(parts: list[list[str]]) -> list[str]:
    """All ways through the parts, each hole's name once."""
    whole = [""]
    for part in parts:
        whole = [before + way for before in whole for way in part]
    return [_once(one) for one in whole]


def _once(pattern: str) -> str:
    seen: dict[str, int] = {}

    def name(hole: re.Match[str]) -> str:
        word = hole[2].rstrip("0123456789")
        seen[word] = seen.get(word, 0) + 1
        return "{" + word + (str(seen[word]) if seen[word] > 1 else "") + "}"

    return HOLE.sub(name, pattern)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constants(tree: ast.Module) -> dict[str, str]:
    """Texts under names in capitals, which sentences are put together from."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.isupper()
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _everywhere(trees: Trees) -> dict[str, str]:
    """Such texts that have their name alone, for the modules that import them."""
    named: dict[str, set[str]] = {}
    for tree in trees.values():
        for name, text in _constants(tree).items():
            named.setdefault(name, set()).add(text)
    return {name: texts.pop() for name, texts in named.items() if len(texts) == 1}
