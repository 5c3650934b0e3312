"""What the DNS must say so that our mail is believed and replies come home: SPF, DKIM, DMARC, MX. Each with its fix."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from server.cli.doctor.finding import Finding, fail, ok, warn
from server.cli.doctor.names import SECONDS, Names, Unanswered, is_special
from server.config import Settings

MOST_SPF = 10
"""Look-ups that whoever checks SPF makes at most (RFC 7208, section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class Sends:
    """What a way of sending wants in the DNS. `spf` is the name that has to include `include` ("" where the provider's
    own return path does), `selectors` are the DKIM keys it is known to use (`others`: it may have chosen some that only
    it knows, and finds them itself), `mx` the mail servers that bring replies to it, `where` the page that shows all
    these records.
    """

    title: str
    spf: str = ""
    include: str = ""
    selectors: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    where: str = ""
    others: bool = False


API: Mapping[str, Sends] = {
    # Automated security: three CNAMEs, the return path is SendGrid's own (docs.sendgrid.com, "Domain Authentication").
    "sendgrid": Sends(
        "SendGrid",
        selectors=("s1", "s2"),
        mx=("mx.sendgrid.net",),
        where="Settings > Sender Authentication at app.sendgrid.com",
    ),
    # resend.com/docs/dashboard/domains: the return path is send.<domain>, unless another one was chosen.
    "resend": Sends(
        "Resend",
        "send.{domain}",
        "amazonses.com",
        ("resend",),
        ("inbound-smtp.*.amazonaws.com",),
        "resend.com/domains",
        others=True,
    ),
    # documentation.mailgun.com, "Domain verification": the selector differs from account to account.
    "mailgun": Sends(
        "Mailgun",
        "{mailgun}",
        "mailgun.org",
        ("mx", "k1", "pic", "smtp", "mailo", "krs", "email", "s1", "pdk1", "pdk2"),
        ("mxa.*mailgun.org", "mxb.*mailgun.org"),
        "Sending > Domains at app.mailgun.com",
        others=True,
    ),
}
RELAYS: Mapping[str, Sends] = {
    "gmail.com": Sends("Gmail", "{domain}", "_spf.google.com", ("google",)),
    "google.com": Sends("Google", "{domain}", "_spf.google.com", ("google",)),
    "office365.com": Sends("Microsoft 365", "{domain}", "spf.protection.outlook.com", ("selector1", "selector2")),
    "outlook.com": Sends("Microsoft 365", "{domain}", "spf.protection.outlook.com", ("selector1", "selector2")),
    "amazonaws.com": Sends("Amazon SES", "{domain}", "amazonses.com"),
}
"""Mail servers that many use over SMTP, by the end of their names."""
OTHER = Sends("your mail server", "{domain}")


async def look(settings: Settings, providers: Collection[str], names: Names) -> list[Finding]:
    """A line for each record, for each way of sending mail that is set up."""
    sender = parseaddr(settings.email_from)[1].rpartition("@")[2].lower().rstrip(".")
    ways = {one: API[one] for one in API if one in providers}
    if "smtp" in providers:
        ways["smtp"] = _relay(settings)
    if not ways or not sender:
        return []
    looks: list[Awaitable[Finding | None]] = []
    if is_special(sender):
        looks.append(_said(ok("dns", f"{sender} is a name for tests, or of your own network: nothing is looked up")))
    else:
        for way, sends in ways.items():
            domain = settings.mailgun_domain.lower() if way == "mailgun" else sender
            spf = sends.spf.format(domain=sender, mailgun=settings.mailgun_domain.lower())
            looks.append(_look(f"{way} spf", spf, _spf(names, f"{way} spf", sends, spf)))
            looks.append(_look(f"{way} dkim", domain, _dkim(names, f"{way} dkim", sends, domain)))
        looks.append(_look("dmarc", sender, _dmarc(names, sender)))
    looks.append(_inbound(settings, ways, names))
    return [found for found in await asyncio.gather(*looks) if found is not None]


async def _said(found: Finding) -> Finding:
    return found


async def _look(name: str, what: str, work: Awaitable[Finding | None]) -> Finding | None:
    try:
        return await work
    except Unanswered as error:
        return warn(name, f"{what} could not be looked up ({error}, within {SECONDS:.0f} s): try again later")


def _relay(settings: Settings) -> Sends:
    host = urlsplit(settings.smtp_url).hostname or ""
    return next((sends for end, sends in RELAYS.items() if host == end or host.endswith(f".{end}")), OTHER)


async def _spf(names: Names, name: str, sends: Sends, domain: str) -> Finding | None:
    """Whether the name that stands in the envelope lets the provider send (RFC 7208)."""
    if not sends.spf:
        return None
    records = await _spf_of(names, domain)
    if len(records) > 1:
        return warn(name, f"{domain} has {len(records)} SPF records, which counts as none: make them one")
    wanted = f"include:{sends.include}" if sends.include else "the address of your mail server"
    if not records:
        place = f"; {sends.where} shows it" if sends.where else ""
        return warn(name, f"{domain} has no SPF record. Add a TXT record “v=spf1 {wanted} ~all”{place}")
    if not sends.include:
        return ok(name, f"{domain} has one; whether it names your mail server, a mail to yourself shows (spf=pass)")
    if await _includes(names, records[0], sends.include):
        return ok(name, f"{domain} lets {sends.title} send")
    return warn(name, f"{domain} does not let {sends.title} send. Add {wanted} to its SPF record, before the “all”")


async def _spf_of(names: Names, domain: str) -> list[str]:
    return [text for text in await names.texts(domain) if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]


async def _includes(names: Names, record: str, wanted: str) -> bool:
    """Whether the record leads to the wanted one, by itself or by what it includes."""
    todo, seen = [record], {""}
    while todo and len(seen) <= MOST_SPF:
        others = re.findall(r"(?:include:|redirect=)(\S+)", todo.pop(0).lower())
        if wanted in others:
            return True
        for other in others:
            if other not in seen and "%" not in other:
                seen.add(other)
                todo += await _spf_of(names, other)
    return False


async def _dkim(names: Names, name: str, sends: Sends, domain: str) -> Finding | None:
    """Whether a key of the provider's is published (RFC 6376)."""
    if not sends.selectors:
        return ok(name, "its selector is not known here: send a mail to yourself and look for dkim=pass in its headers")
    for selector in sends.selectors:
        texts = await names.texts(f"{selector}._domainkey.{domain}")
        if any(re.search(r"(^|;)\s*p=[A-Za-z0-9+/]", text) for text in texts):
            return ok(name, f"{selector}._domainkey.{domain} holds the key of {sends.title}")
    if sends.others:
        return ok(name, f"not under a usual name at {domain}: whether {sends.title} finds its key, {sends.where} tells")
    looked = ", ".join(sends.selectors)
    place = sends.where or f"the settings of {sends.title}"
    return warn(name, f"no key of {sends.title} at {domain} (looked for {looked}). Add the DKIM record of {place}")


async def _dmarc(names: Names, domain: str) -> Finding:
    """The policy of the domain, or of the one above it (RFC 7489, section 6.6.3)."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        above = ".".join(labels[start:])
        found = [text for text in await names.texts(f"_dmarc.{above}") if text.lower().startswith("v=dmarc1")]
        if len(found) == 1:
            policy = re.search(r";\s*p\s*=\s*(\w+)", found[0])
            return ok("dmarc", f"{above} asks for p={policy[1].lower() if policy else 'none'}")
        if found:
            return warn("dmarc", f"_dmarc.{above} has {len(found)} records, which counts as none: keep one")
    return warn(
        "dmarc",
        f"{domain} has no DMARC record, which Gmail and Yahoo want of who sends much. Add a TXT record _dmarc.{domain} "
        "with “v=DMARC1; p=none”",
    )


async def _inbound(settings: Settings, ways: Mapping[str, Sends], names: Names) -> Finding | None:
    """Whether replies reach one that reads them."""
    domain, apis = settings.inbound_email_domain.lower(), {one: API[one] for one in ways if one in API}
    polled = bool(settings.imap_url.get_secret_value())
    if not domain:
        if polled:
            return None
        fix = "INBOUND_EMAIL_DOMAIN to a domain whose MX leads to a provider" if apis else "IMAP_URL to its mailbox"
        return warn("replies", f"they stay in the mailbox of EMAIL_FROM, unread. Set {fix}")
    if not apis and not polled:
        return warn("replies", f"nobody reads what comes to {domain}. Set IMAP_URL to the mailbox where it arrives")
    if is_special(domain):
        return None
    return await _look("mx", domain, _mx(names, domain, apis, polled=polled))


async def _mx(names: Names, domain: str, apis: Mapping[str, Sends], *, polled: bool) -> Finding:
    servers = await names.mail_servers(domain)
    wanted = " or ".join(f"that of {one.title} ({one.mx[0].replace('*', '<region>')})" for one in apis.values())
    if not servers or servers == [""]:
        return fail("mx", f"{domain} has no MX record: replies can't come in. Add {wanted or 'your mail server'}")
    for one in apis.values():
        if any(re.fullmatch(re.escape(form).replace(r"\*", ".*"), servers[0]) for form in one.mx):
            return ok("mx", f"{domain} leads to {one.title}")
    if polled:
        return ok("mx", f"{domain} leads to {servers[0]}: what comes there must arrive in the mailbox of IMAP_URL")
    return fail("mx", f"{domain} leads to {servers[0]}: replies don't come here. Its first MX must be {wanted}")
