"""What a campaign's SMS will come to, before any of them is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from server.domain.sms import Encoding, Odd, cost, segments

_MOST = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """`messages` SMS in `segments`; `unicode` of them need Unicode, because of the characters in `odd` (those that most
    messages hold first, at most five). `price` is that of a segment, None where nobody told us."""

    messages: int = 0
    segments: int = 0
    unicode: int = 0
    odd: tuple[Odd, ...] = ()
    price: Decimal | None = None
    currency: str = ""

    @property
    def cost(self) -> Decimal | None:
        """What they cost together, None without a price."""
        return None if self.price is None else cost(self.segments, self.price)

    @property
    def sentence(self) -> str:
        """For a person who is about to send them; "" when there are none."""
        if not self.messages:
            return ""
        total = self.cost
        price = f", about {total.quantize(Decimal('0.01'))} {self.currency}" if total is not None else ""
        first = f"{self.messages} SMS in {_many(self.segments, 'segment')}{price}."
        if not self.unicode:
            return first
        named = " and ".join(f"“{one.character}” ({one.name.lower()})" for one in self.odd[:2])
        return f"{first} {self.unicode} of them need Unicode (70 characters instead of 160) because of {named}."


def estimate(texts: Iterable[str], *, price: Decimal | None = None, currency: str = "") -> Estimate:
    """The estimate for the texts of all SMS that are to be sent; `price` is that of one segment."""
    messages = total = unicode = 0
    found: Counter[Odd] = Counter()
    for text in texts:
        size = segments(text)
        messages += 1
        total += size.segments
        unicode += size.encoding is Encoding.UCS2
        found.update(size.odd)
    odd = tuple(one for one, _ in found.most_common(_MOST))
    return Estimate(messages, total, unicode, odd, price, currency if price is not None else "")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
