"""`doctor`: checks settings and every outside service, and says what to mend."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator

import dns.asyncresolver

from server.cli.doctor import hooks, model, records
from server.cli.doctor.finding import Finding, Sign, fail, ok, warn
from server.cli.doctor.names import Names
from server.config import Settings, load_settings
from server.domain.words import ChannelName
from server.errors import CellbackError, ConfigError, TemporaryError
from server.ports import Channel
from server.services import Services, build
from server.sheets.access import Standing
from server.sheets.excel.address import is_excel
from server.sheets.google.address import is_google

_MAIL_KEYS = {
    "sendgrid": "SENDGRID_API_KEY",
    "resend": "RESEND_API_KEY",
    "mailgun": "MAILGUN_API_KEY and MAILGUN_DOMAIN",
    "smtp": "SMTP_URL",
}
"""What switches each way of mailing on: the panel's hint names them all, for it needs only one."""


def doctor(resolver: dns.asyncresolver.Resolver | None = None) -> int:
    """Print a line per check; 0 when nothing FAILs, else 1. Raises ConfigError for bad settings.

    `resolver` asks the DNS, the system's own unless given.
    """
    services = build(load_settings())
    well = True
    try:
        for found in findings(services, Names(resolver)):
            sys.stdout.write(f"{found}\n")
            well = well and found.sign is not Sign.FAIL
    finally:
        services.close()
    return 0 if well else 1


def findings(services: Services, names: Names) -> Iterator[Finding]:
    """Everything that is looked at, one after the other; what is off comes last."""
    for name, check in _checks(services):
        try:
            yield ok(name, check())
        except ConfigError as error:
            yield fail(name, "; ".join(error.faults))
        except CellbackError as error:
            yield fail(name, error.sentence)
    yield from model.look(services)
    yield from _plain_columns(services)
    try:
        providers = services.providers
    except ConfigError:  # said above
        return
    yield from hooks.look(services.settings, providers)
    yield from asyncio.run(records.look(services.settings, providers, names))
    yield from _off(services)


def _plain_columns(services: Services) -> Iterator[Finding]:
    """Campaigns whose columns could not be given their colours: they work, but are harder to read."""
    try:
        campaigns = services.ledger.campaigns.live()
    except CellbackError:  # said above, of the ledger itself
        return
    for campaign in campaigns:
        if campaign.undressed:
            yield warn("columns", f"“{campaign.name}” has no colours and no words to choose from: {campaign.undressed}")


def _off(services: Services) -> Iterator[Finding]:
    """What is not set up, and the settings that would switch it on."""
    settings = services.settings
    for offer in services.offers():
        if not offer.ready:
            key = _MAIL_KEYS.get(offer.provider)
            hint = f"Set EMAIL_FROM and {key}." if key else offer.hint
            yield Finding(Sign.OFF, label(offer.name, offer.provider), hint)
    if services.offline_model:
        hint = "The offline model plans, drafts and reads. For a language model set OPENAI_API_KEY and OPENAI_MODEL."
        yield Finding(Sign.OFF, "model", hint)
    if not _has_google(settings):
        hint = "Google Sheets: set GOOGLE_APPLICATION_CREDENTIALS, or GOOGLE_OAUTH_CLIENT_ID and its secret."
        yield Finding(Sign.OFF, "google", hint)
    if not settings.msgraph_client_id:
        hint = "Excel: set MSGRAPH_CLIENT_ID, MSGRAPH_CLIENT_SECRET and MSGRAPH_TENANT_ID."
        yield Finding(Sign.OFF, "microsoft", hint)


def label(name: ChannelName, provider: str) -> str:
    """What a channel is called in a line: the provider's name, with the channel where it has several."""
    return f"{provider} {name}" if provider in {"twilio", "meta"} else provider


def _has_google(settings: Settings) -> bool:
    return bool(settings.google_application_credentials or settings.google_oauth_client_id)


def _checks(services: Services) -> Iterator[tuple[str, Callable[[], str]]]:
    settings = services.settings
    yield "settings", lambda: "all readable"
    yield "secret key", lambda: _secret(services)
    yield "ledger", lambda: _ledger(services)
    yield "queue", lambda: _queue(services)
    try:
        channels = list(services.channels.values())
    except ConfigError as error:
        channels, faults = [], error
        yield "channels", lambda: _faulty(faults)
    for channel in channels:
        yield label(channel.name, channel.provider), lambda channel=channel: _channel(channel)  # type: ignore[misc]
    if _has_google(settings):
        yield "google", lambda: _google(services)
    if settings.msgraph_client_id:
        yield "microsoft", lambda: _microsoft(services)
    yield "address", lambda: f"{settings.base_url} {'' if settings.public_base_url else '(this machine only)'}".strip()


def _faulty(error: ConfigError) -> str:
    raise error


def _secret(services: Services) -> str:
    services.settings.secret()
    kept = services.settings.data_dir / "secret.key"
    return "from CELLBACK_SECRET_KEY" if services.settings.secret_key else f"kept in {kept}: include it in your backups"


def _ledger(services: Services) -> str:
    services.ledger.ping()
    return "DATABASE_URL answers" if services.settings.database_url else f"{services.settings.data_dir / 'ledger.db'}"


def _queue(services: Services) -> str:
    if services.settings.redis_url:
        services.queue.ping()
        return "REDIS_URL answers"
    from server.local.redis import find_server

    return f"embedded, {find_server().name}"


def _google(services: Services) -> str:
    """The key file, its account, and each spreadsheet that a campaign lives in."""
    account = services.google.account if services.google.service_account else ""
    books = {one.workbook for one in services.ledger.campaigns.live() if is_google(one.workbook)}
    for book in sorted(books):
        found = services.spreadsheets.check(book)
        if found.standing is not Standing.OK:
            raise TemporaryError(f"{book}: {found.sentence}")
    seen = f"; spreadsheets of campaigns, all of which can be edited: {len(books)}" if books else ""
    return f"share spreadsheets with {account} as Editor{seen}" if account else f"by people's own permission{seen}"


def _microsoft(services: Services) -> str:
    """The registration, and each workbook in OneDrive or SharePoint that a campaign lives in."""
    registered = services.microsoft.check()
    books = {one.workbook for one in services.ledger.campaigns.live() if is_excel(one.workbook)}
    for book in sorted(books):
        found = services.workbooks.check(book)
        if found.standing is not Standing.OK:
            raise TemporaryError(f"{book}: {found.sentence}")
    seen = f"; {len(books)} workbooks can be edited" if books else ""
    if services.settings.msgraph_app_only:
        return f"by the app itself (works, undocumented by Microsoft); {registered}{seen}"
    return f"by people's own permission; {registered}{seen}"


def _channel(channel: Channel) -> str:
    async def check() -> None:
        try:
            await channel.check()
        finally:
            await channel.close()

    asyncio.run(check())
    return "reachable"
