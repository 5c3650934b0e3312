"""`doctor`: checks settings and every outside service, and says what to mend."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator

from server.config import load_settings
from server.errors import CellbackError, ConfigError, TemporaryError
from server.ports import Channel
from server.services import Services, build
from server.sheets.access import Standing
from server.sheets.excel.address import is_excel
from server.sheets.google.address import is_google


def doctor() -> int:
    """Print a line per check; 0 when all is well, 1 when something is not. Raises ConfigError for bad settings."""
    services = build(load_settings())
    well = True
    try:
        for name, check in _checks(services):
            try:
                found, sign = check(), "ok  "
            except ConfigError as error:
                found, sign, well = "; ".join(error.faults), "FAIL", False
            except CellbackError as error:
                found, sign, well = error.sentence, "FAIL", False
            sys.stdout.write(f"{sign}  {name:<12} {found}\n")
        for offer in services.offers():
            if not offer.ready:
                sys.stdout.write(f"off   {offer.name.value:<12} {offer.hint}\n")
    finally:
        services.close()
    return 0 if well else 1


def _checks(services: Services) -> Iterator[tuple[str, Callable[[], str]]]:
    settings = services.settings
    yield "settings", lambda: "all readable"
    yield "secret key", lambda: _secret(services)
    yield "ledger", lambda: _ledger(services)
    yield "queue", lambda: _queue(services)
    for channel in services.channels.values():
        yield channel.provider, lambda channel=channel: _channel(channel)  # type: ignore[misc]
    if settings.google_application_credentials or settings.google_oauth_client_id:
        yield "google", lambda: _google(services)
    if settings.msgraph_client_id:
        yield "microsoft", lambda: _microsoft(services)
    yield "address", lambda: f"{settings.base_url} {'' if settings.public_base_url else '(this machine only)'}".strip()


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
