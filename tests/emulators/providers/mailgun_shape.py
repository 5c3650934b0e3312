"""The form of POST /v3/<domain>/messages. Source: Mailgun's API reference, "Send an email"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.emulators.providers.mail import address_list, is_address

FIELDS = frozenset((
    "from", "to", "cc", "bcc", "subject", "text", "html", "amp-html", "template", "t:version", "t:text", "t:variables",
    "recipient-variables", "o:tag", "o:dkim", "o:secondary-dkim", "o:secondary-dkim-public", "o:deliverytime",
    "o:deliverytime-optimize-period", "o:time-zone-localize", "o:testmode", "o:tracking", "o:tracking-clicks",
    "o:tracking-opens", "o:require-tls", "o:skip-verification", "o:sending-ip", "o:sending-ip-pool",
    "o:tracking-pixel-location-top", "o:archive-to", "o:suppress-headers",
))  # fmt: skip
SWITCHES = frozenset(("o:testmode", "o:tracking", "o:tracking-opens", "o:require-tls", "o:skip-verification", "o:dkim"))
YES_NO = frozenset(("yes", "no", "true", "false", "htmlonly"))
REPEATED = frozenset(("to", "cc", "bcc", "o:tag"))
MAX_VARIABLES = 4096 * 4
MAX_TAGS = 10


def wrong(form: Mapping[str, list[str]]) -> str:
    """The first thing that Mailgun would say against it; empty for a good one."""
    for name, values in form.items():
        if name not in FIELDS and not name.startswith(("h:", "v:")):
            return f"{name} is not a supported parameter"
        if len(values) > 1 and name not in REPEATED:
            return f"{name} may be given once only"
        if name in SWITCHES and values[0] not in YES_NO:
            return f"{name} parameter is not a valid boolean"
        if name.startswith("h:") and (not name.isascii() or any(bad in name + values[0] for bad in "\r\n")):
            return f"{name} is not a valid header"
    return _missing(form) or _addresses(form) or _sizes(form)


def _missing(form: Mapping[str, list[str]]) -> str:
    for name in ("from", "to"):
        if not any(form.get(name, [])):
            return f"{name} parameter is missing"
    if not any(name in form for name in ("text", "html", "amp-html", "template")):
        return "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
    return ""


def _addresses(form: Mapping[str, list[str]]) -> str:
    for name in ("from", "to", "cc", "bcc"):
        found = everybody(form.get(name, []))
        if any(form.get(name, [])) and (not found or not all(map(is_address, found))):
            return f"{name} parameter is not a valid address. please check documentation"
        if len(found) > 1000:
            return f"{name} parameter holds more than 1000 addresses"
    return ""


def everybody(values: Iterable[str]) -> list[str]:
    """The bare addresses in all values of a field."""
    return [address for value in values for address in address_list(value)]


def _sizes(form: Mapping[str, list[str]]) -> str:
    if sum(len(name) + len(values[0]) for name, values in form.items() if name.startswith("v:")) > MAX_VARIABLES:
        return "user variables are too large"
    tags = form.get("o:tag", [])
    if len(tags) > MAX_TAGS or any(len(tag) > 128 or not tag.isascii() for tag in tags):
        return "o:tag parameter is not valid"
    return ""
