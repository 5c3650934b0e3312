"""Microsoft's refusals of a token, as our errors: who has to do what. Their own texts quote ids, and stay out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from server.errors import CellbackError, ConsentNeeded, SheetUnavailable, SignedOut, SignInToMicrosoft

CONSENT = frozenset({65001, 65004, 90094, 90095, 650057})
"""Nobody agreed yet, or a person may not agree by themselves."""

ASSERTION = frozenset({50013, 500131, 500133, 5000224})
"""What the pane brought counts no more, or was never for us."""

OURS: Mapping[int, str] = {
    7000215: "MSGRAPH_CLIENT_SECRET is wrong. It must be the secret's value, not its id",
    7000222: "MSGRAPH_CLIENT_SECRET has expired. Make a new one in the app registration, under Certificates & secrets",
    700016: "MSGRAPH_CLIENT_ID is not known in that directory. Look at both, or let its administrator add the app",
    90002: "MSGRAPH_TENANT_ID names no directory that Microsoft knows",
    7000112: "the app is switched off in that directory",
    1002012: "MSGRAPH_SCOPE is none that Graph has",
    70011: "MSGRAPH_SCOPE is none that Graph has",
}
"""What only the operator can mend (Microsoft's error numbers)."""

SIGN_IN = frozenset({"invalid_grant", "interaction_required", "login_required"})


@dataclass(frozen=True, slots=True)
class Registration:
    """Our app with Microsoft Entra. `graph` is Graph's address, and the only one that is told a
    token; `resource` its name in scopes, `scope` what we ask people for."""

    client_id: str
    client_secret: str = field(repr=False)
    authority: str
    graph: str
    resource: str
    scope: str
    back: str
    """Where Microsoft leads an administrator who has agreed: an address that is registered."""

    def consent_page(self, tenant: str) -> str:
        """Where an administrator of that directory agrees for everybody in it."""
        query = {"client_id": self.client_id, "scope": self.scope, "redirect_uri": self.back}
        return f"{self.authority}/{tenant}/v2.0/adminconsent?{urlencode(query)}"


def to_error(found: Mapping[str, Any], registration: Registration, tenant: str) -> CellbackError:
    """The error for an answer without a token."""
    error, more = str(found.get("error", ""))[:60], str(found.get("suberror", ""))[:60]
    numbers = [number for number in found.get("error_codes") or () if isinstance(number, int)]
    detail = f"{error} {more} {numbers}"
    if "consent_required" in (error, more) or CONSENT & set(numbers):
        return ConsentNeeded(
            "Your organisation has not agreed yet that Cellback works on workbooks for its people. An administrator "
            "has to agree once, for everybody.",
            address=registration.consent_page(tenant),
            detail=detail,
        )
    ours = next((OURS[number] for number in numbers if number in OURS), "")
    if ours or error in {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_resource"}:
        return SheetUnavailable(
            f"Microsoft does not accept Cellback itself, so whoever runs it has to mend that: "
            f"{ours or 'look at MSGRAPH_CLIENT_ID, MSGRAPH_CLIENT_SECRET and MSGRAPH_SCOPE'}.",
            detail=detail,
        )
    if ASSERTION & set(numbers):
        return SignedOut("Your sign-in is too old. Close Cellback’s pane and open it again.", detail=detail)
    if error in SIGN_IN:
        return ended(
            "Microsoft wants you to sign in again before Cellback may work on this workbook. Open Cellback in the "
            "workbook and sign in.",
            detail,
        )
    return unreachable(detail)


def ended(sentence: str, detail: str = "") -> SignInToMicrosoft:
    """Somebody has to sign in again."""
    return SignInToMicrosoft(sentence, detail=detail)


def unreachable(detail: str) -> SheetUnavailable:
    """Microsoft's bad day, or the network's."""
    return SheetUnavailable(
        "Microsoft's sign-in does not answer for now. Nothing is lost: it is tried again.", detail=detail
    )
