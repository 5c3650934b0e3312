"""Yes or no: what the marked clauses of a reply amount to, and what speaks against being sure of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from server.llm.offline.tokens import Clause, Token

STRENGTH = {"Y": 0.97, "N": 0.97, "AC": 0.94, "C": 0.92, "G": 0.9, "A": 0.88, "+": 0.85, "g": 0.72, "r": 0.6}
"""How plainly the words say it, when nothing speaks against them."""
NO_STRENGTH = {"N": 0.97, "Z": 0.94, "X": 0.92, "B": 0.93, "b": 0.72}


@dataclass(slots=True)
class Said:
    """What one clause says: "yes", "no", "odd" (both, or a double no), "" (neither), and how plainly."""

    way: str = ""
    strength: float = 0.0


@dataclass(slots=True)
class Verdict:
    """What the whole reply says. `doubts` are short reasons; `unknown` counts words that nothing explains.

    `tokens` are the words of the deciding clauses, for the evidence.
    """

    way: str = ""
    strength: float = 0.0
    doubts: list[str] = field(default_factory=list)
    unknown: int = 0
    reasons: int = 0
    tokens: list[Token] = field(default_factory=list)
    asks: bool = False
    moves: bool = False


def clause_says(marks: str, *, sorry: bool = False) -> Said:
    """Read one clause from its marks; `sorry` when another clause regrets, which makes a "not this time" a no."""
    able = "c" in marks and re.search("[PAZXY]", marks)
    bare = re.sub("[F0PStW]", "", marks.replace("c", "0" if "W" in marks else "C" if able else "U"))
    if re.search(r"[AZ]U", bare) and not re.search("[YN]", bare):
        return Said()
    if bare == "X" and (sorry or "S" in marks):
        return Said("no", NO_STRENGTH["X"])
    negations = len(re.findall("[XZ]", bare))
    positive = next((kind for kind in ("Y", "C", "G", "A", "+", "g", "r") if kind in bare), "")
    if "N" in bare:
        if re.fullmatch("N+[XZ]*", bare):  # "no I haven't"
            return Said("no", NO_STRENGTH["N"])
        rest = clause_says(bare.replace("N", ""))
        return Said("odd", 0.5) if rest.way in {"yes", "odd"} else Said("no", NO_STRENGTH["N"])
    if negations >= 2 or ("Y" in bare and (negations or "B" in bare)):
        return Said("odd", 0.5)
    if negations == 1:
        return _negated(bare, positive)
    if "B" in bare or "b" in bare:
        kind = "B" if "B" in bare else "b"
        return (
            Said("odd", 0.5)
            if positive in {"Y", "G"} or (positive == "C" and kind == "b")
            else Said("no", NO_STRENGTH[kind])
        )
    if not positive:
        return Said()
    return Said("yes", STRENGTH["AC" if "A" in bare and "C" in bare else positive])


def _negated(bare: str, positive: str) -> Said:
    if "B" in bare or "b" in bare or "+" in bare:
        return Said("odd", 0.5)
    if "Z" in bare:
        return Said("no", NO_STRENGTH["Z"])
    return Said("no", NO_STRENGTH["X"]) if positive in {"C", "G", "A"} else Said("odd", 0.5)


_DOUBTS = {
    "H": "it hedges",
    "I": "it sets a condition",
    "O": "it speaks of somebody else",
    "T": "it names a time or number of its own",
    "W": "it only wishes",
}


def judge(clauses: list[Clause]) -> Verdict:
    """Add the clauses up. Certain only when all of them point one way and every word is accounted for."""
    verdict = Verdict()
    sorry = any("S" in clause.marks for clause in clauses)
    said = [(clause, clause_says(clause.marks, sorry=sorry)) for clause in clauses if clause.tokens]
    ways = {each.way for clause, each in said if each.way and not (clause.signature and each.strength < 0.9)}
    verdict.asks = any(clause.stop in {"?", "？"} or "Q" in clause.marks for clause in clauses)
    verdict.moves = any("L" in clause.marks for clause in clauses)
    wish = "yes" in ways and "no" in ways and _wish_then_no(said)
    if wish:
        ways.discard("yes")
    if len(ways) == 1:
        verdict.way = ways.pop()
    elif ways:
        verdict.way = "odd"
    if verdict.way == "odd":
        verdict.way = _last_way(said)
        verdict.doubts.append("it says both yes and no")
    deciding = [(clause, each) for clause, each in said if each.way == verdict.way and each.way]
    if deciding:
        verdict.strength = max(each.strength for _, each in deciding)
        verdict.tokens = [token for clause, _ in deciding[:1] for token in clause.tokens]
    _weigh(verdict, said, clauses, wish)
    return verdict


def _wish_then_no(said: list[tuple[Clause, Said]]) -> bool:
    """`I'd love to come but I can't`: the wish is no yes."""
    yes = [index for index, (_, each) in enumerate(said) if each.way == "yes"]
    no = [index for index, (_, each) in enumerate(said) if each.way == "no"]
    wished = all(
        "love to" in words or "like to" in words or "happy to" in words
        for words in map(_words, (said[i][0] for i in yes))
    )
    return wished and max(yes) < min(no)


def _words(clause: Clause) -> str:
    return " ".join(token.text for token in clause.tokens)


def _last_way(said: list[tuple[Clause, Said]]) -> str:
    ways = [each.way for _, each in said if each.way in {"yes", "no"}]
    return ways[-1] if ways and len(set(ways)) == 1 else ""


def _weigh(verdict: Verdict, said: list[tuple[Clause, Said]], clauses: list[Clause], wish: bool) -> None:
    """Collect what speaks against being sure."""
    marks = "".join(clause.marks for clause, _ in said)
    explicit_no = verdict.way == "no" and verdict.strength >= 0.9
    for mark, reason in _DOUBTS.items():
        counted = [clause for clause, _ in said if mark in clause.marks and not (clause.signature and mark == "T")]
        if mark == "O" and explicit_no:
            plain = [clause for clause, each in said if each.way == "no" and each.strength >= 0.9]
            counted = [clause for clause in counted if any(clause is other for other in plain)]
        if mark == "W" and explicit_no:
            counted = []
        if mark == "T" and explicit_no:
            counted = [clause for clause in counted if "U" not in clause.marks and "b" not in clause.marks]
        if counted:
            verdict.doubts.append(reason)
    if verdict.moves:
        verdict.doubts.append("it asks for another time")
    if verdict.asks:
        verdict.doubts.append("it asks something")
    if "K" in marks and not wish and not _still_no(said):
        verdict.doubts.append("it makes a reservation")
    if verdict.way == "no" and "t" in marks:
        verdict.doubts.append("it may only be about being on time")
    if verdict.way == "yes" and "r" in marks and not set(marks) & set("CA+"):
        verdict.doubts.append("it may only say that the message came")
    if verdict.way == "yes" and "S" in marks:
        verdict.doubts.append("it says sorry and yes")
    if any(clause.stop == "…" for clause in clauses) or _trailing_dots(clauses):
        verdict.doubts.append("it trails off")
    for clause, each in said:
        unknown = 0 if clause.signature else clause.marks.count("U")
        if explicit_no and each.strength < 0.9 and _gives_reason(clause):
            verdict.reasons += unknown
        else:
            verdict.unknown += unknown
    verdict.unknown += sum(token.typo for clause, _ in said for token in clause.tokens) // 2


def _gives_reason(clause: Clause) -> bool:
    """`I have work`, `busy that day`: about the person themself, and short."""
    return len(clause.tokens) <= 12 and ("b" in clause.marks or clause.tokens[0].mark == "P")


def _still_no(said: list[tuple[Clause, Said]]) -> bool:
    """`No, but thanks`, `Sorry, but I can't`: the "but" leads from a no to courtesy, or from courtesy to a no."""
    first = next(index for index, (clause, _) in enumerate(said) if "K" in clause.marks)
    before, after = said[:first], said[first:]
    courtesy = {"", "no"} >= {each.way for _, each in said}
    spare = after if any(each.way == "no" for _, each in before) else before
    return courtesy and all(set(clause.marks) <= set("KF0PS+Wc") for clause, _ in spare)


def _trailing_dots(clauses: list[Clause]) -> bool:
    """Three stops in a row with nothing between them."""
    run = 0
    for clause in clauses:
        run = run + 1 if not clause.tokens and clause.stop == "." else 1 if clause.stop == "." else 0
        if run >= 3:
            return True
    return False
