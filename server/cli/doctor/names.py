"""Look-ups in the DNS with short time limits. "Not there" and "nobody answered" are told apart."""

from __future__ import annotations

from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver

SECONDS = 3.0
"""For one look-up with all its tries."""
SPECIAL = (
    *("example", "test", "invalid", "localhost", "local", "internal", "home.arpa"),
    *("example.com", "example.org", "example.net"),
)
"""Names without an owner, or of a network of one's own (RFC 2606, RFC 6761, RFC 6762)."""


class Unanswered(Exception):
    """No name server answered, or none could."""


class Names:
    """Texts and mail servers of names."""

    def __init__(self, resolver: dns.asyncresolver.Resolver | None = None) -> None:
        """`resolver` is the system's own unless given."""
        self._resolver = resolver

    async def texts(self, name: str) -> list[str]:
        """TXT records, their pieces joined. Raises Unanswered."""
        found = await self._ask(name, "TXT")
        return [b"".join(one.strings).decode("utf-8", "replace") for one in found]

    async def mail_servers(self, name: str) -> list[str]:
        """Names of the MX, most preferred first, lower-case. Raises Unanswered."""
        found = sorted(await self._ask(name, "MX"), key=lambda one: int(one.preference))
        return [str(one.exchange).rstrip(".").lower() for one in found]

    async def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            if self._resolver is None:
                self._resolver = dns.asyncresolver.Resolver()
            return list(await self._resolver.resolve(name, kind, lifetime=SECONDS))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(type(error).__name__) from None


def is_special(domain: str) -> bool:
    """Whether nothing in the public DNS can be said of it."""
    return any(domain == one or domain.endswith(f".{one}") for one in SPECIAL) or "." not in domain
