"""Numbers in the digits of a format section: padding, thousands, percent, exponents, fractions, and General."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

GENERAL_WIDTH = 11
"""General shows 11 characters at most, sign apart; a longer integer gets an exponent (Excel's own behaviour)."""

_FRACTION = re.compile(r"(?:(?P<whole>[#0?]+)[^#0?/]+)?(?P<top>[#0?]+)\s*/\s*(?P<bottom>[1-9]\d*|[#0?]+)")


def render(value: int | float, pieces: Sequence[tuple[str, str]]) -> str:
    """What a section shows for a number of 0 and more; `pieces` are (kind, text) as `number_format` cuts them."""
    kinds = {kind for kind, _ in pieces}
    if "digit" not in kinds:
        return "".join(general(value) if kind in {"general", "text"} else text for kind, text in pieces)
    code = "".join(text if kind in {"digit", "literal"} else "\0" for kind, text in pieces)
    fraction = _FRACTION.search(code) if "/" in code and "point" not in kinds else None
    if fraction:
        return code[: fraction.start()] + _fraction(value, fraction) + code[fraction.end() :].replace("\0", "")
    return _Decimals(pieces).render(_exact(value))


def general(value: int | float) -> str:
    """A number in the format General.

    >>> general(447900900123), general(0.1 + 0.2), general(12345678901)
    ('4.47901E+11', '0.3', '12345678901')
    """
    short = str(value)
    if len(short) <= GENERAL_WIDTH and "e" not in short:
        return short.removesuffix(".0")
    number = _exact(value)
    whole = len(str(int(abs(number))))
    if abs(number) >= Decimal(10) ** GENERAL_WIDTH:
        return _exponential(number)
    shown = _plain(_rounded(number, max(GENERAL_WIDTH - 1 - whole, 0)))
    if number and abs(number) < Decimal("0.0001") and len(_plain(abs(number))) > GENERAL_WIDTH:
        return _exponential(number)
    return shown


def _exact(value: int | float) -> Decimal:
    """The 15 significant digits that Excel keeps of a number."""
    return Decimal(f"{value:.15g}")


def _rounded(number: Decimal, places: int) -> Decimal:
    """Rounded to that many decimal places, halves away from zero as Excel does."""
    with localcontext() as context:
        context.prec = 1_000  # a code of 255 characters on the largest number
        return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _exponential(number: Decimal) -> str:
    mantissa, exponent = f"{number:.5E}".split("E")
    return f"{_plain(Decimal(mantissa))}E{int(exponent):+03d}"


def _fraction(value: int | float, form: re.Match[str]) -> str:
    """`# ?/?` and its kin, without the blanks that align them."""
    exact = Fraction(str(_exact(value)))
    bottom = form["bottom"]
    whole, part = divmod(exact, 1) if form["whole"] else (0, exact)
    if bottom.isdigit() and int(bottom):
        top, under = int(part * int(bottom) + Fraction(1, 2)), int(bottom)
    else:
        top, under = _near(part, 10 ** len(bottom) - 1)
    if form["whole"] and top == under:
        whole, top = whole + 1, 0
    if form["whole"] and not top:
        return str(whole)
    return f"{whole} {top}/{under}" if whole else f"{top}/{under}"


def _near(part: Fraction, limit: int) -> tuple[int, int]:
    """The last convergent whose denominator is within the limit: Excel's choice, not always the nearest fraction."""
    before, found, rest = (1, 0), (int(part), 1), part - int(part)
    while rest:
        whole, rest = divmod(1 / rest, 1)
        after = (before[0] + whole * found[0], before[1] + whole * found[1])
        if after[1] > limit:
            break
        before, found = found, after
    return found


def _commas_behind(kinds: list[str]) -> int:
    """Commas right behind the last digit: each divides by a thousand."""
    last = max((index for index, kind in enumerate(kinds) if kind == "digit"), default=len(kinds))
    commas = itertools.takewhile(lambda kind: kind == "comma", kinds[last + 1 :])
    return sum(1 for _ in commas)


class _Decimals:
    """A section of digit places: what stands before the point, after it, in the exponent, and between."""

    def __init__(self, pieces: Sequence[tuple[str, str]]) -> None:
        kinds = [kind for kind, _ in pieces]
        self.mark = kinds.index("exponent") if "exponent" in kinds else len(pieces)
        point = kinds.index("point") if "point" in kinds[: self.mark] else self.mark
        digits = [index for index, kind in enumerate(kinds[:point]) if kind == "digit"]
        self.before = list(pieces[:point])
        self.after = list(pieces[point : self.mark])
        self.tail = list(pieces[self.mark :])
        self.places = sum(kind == "digit" for kind, _ in self.after)
        self.percent = kinds.count("percent")
        self.grouped = "comma" in (kinds[digits[0] : digits[-1]] if digits else [])
        self.thousands = _commas_behind(kinds[:point]) + _commas_behind(kinds[point : self.mark])

    def render(self, number: Decimal) -> str:
        number = number.scaleb(2 * self.percent - 3 * self.thousands)
        if self.tail:
            return self._with_exponent(number)
        return self._fixed(_rounded(number, self.places))

    def _with_exponent(self, number: Decimal) -> str:
        step = max(sum(kind == "digit" for kind, _ in self.before), 1)
        exponent = number.adjusted() // step * step if number else 0
        mantissa = _rounded(number.scaleb(-exponent), self.places)
        if mantissa >= Decimal(10) ** step:
            exponent += step
            mantissa = _rounded(number.scaleb(-exponent), self.places)
        return self._fixed(mantissa) + self._exponent(exponent)

    def _exponent(self, exponent: int) -> str:
        sign = "-" if exponent < 0 else "+" if self.tail[0][1].endswith("+") else ""
        places = [text for kind, text in self.tail[1:] if kind == "digit"]
        rest = "".join(text for kind, text in self.tail[1:] if kind in {"literal", "percent"})
        return f"E{sign}{abs(exponent):0{max(len(places), 1)}d}{rest}"

    def _fixed(self, number: Decimal) -> str:
        whole, _, part = f"{number:f}".partition(".")
        return self._whole("" if whole == "0" else whole) + self._part(part)

    def _whole(self, digits: str) -> str:
        """Digits from the right into the places; what is left over goes into the first one."""
        places = sum(kind == "digit" for kind, _ in self.before)
        out: list[str] = []
        todo, written = list(digits), 0
        for kind, text in reversed(self.before):
            if kind != "digit":
                out.append(text if kind in {"literal", "percent"} else "")
                continue
            places -= 1
            for digit in self._fill(todo, text, rest=not places):
                out.append("," if self.grouped and written and written % 3 == 0 else "")
                out.append(digit)
                written += 1
        if digits and not any(kind == "digit" for kind, _ in self.before):
            out.append(digits[::-1])
        return "".join(reversed(out))

    @staticmethod
    def _fill(todo: list[str], place: str, *, rest: bool) -> Iterator[str]:
        if todo:
            yield todo.pop()
        elif place == "0":
            yield "0"
        elif place == "?":
            yield " "
        while rest and todo:
            yield todo.pop()

    def _part(self, digits: str) -> str:
        out, index = [], 0
        for kind, text in self.after:
            if kind == "digit":
                rest = digits[index:]
                blank = {"#": "", "?": " "}.get(text)
                out.append(blank if blank is not None and not rest.strip("0") else rest[0])
                index += 1
            elif kind in {"literal", "percent", "point"}:
                out.append(text)
        return "".join(out)
