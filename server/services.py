"""Wiring: Settings -> real adapters. The one place that chooses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from server.config import Settings
from server.domain.campaign import Campaign
from server.domain.quiet import Hours, parse_quiet_hours
from server.domain.words import ChannelName
from server.errors import ConfigError, InvalidInput, NotFound, TemporaryError
from server.ports import Attachments, Channel, Clock, Drafter, Interpreter, Ledger, Pacer, Planner, Queue, Sheet
from server.sheets.access import Access
from server.sheets.excel.address import is_excel
from server.sheets.google.address import is_google

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from server.channels.outbox import Mailbox, Recipient
    from server.google_access import GoogleAccess
    from server.identity.microsoft_permission import AppOnly, Delegated
    from server.microsoft_access import MicrosoftAccess
    from server.models import Models
    from server.spreadsheets import Spreadsheets
    from server.store.crypto import SecretCipher
    from server.workbooks import Workbooks

WORKBOOKS = {".xlsx", ".xlsm"}
"""What can be written back to as it is."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Offer:
    """A channel as the panel lists it: `hint` says what to set when it is not `ready`, `sender` from whom people get
    what goes over it, where the settings say so."""

    name: ChannelName
    provider: str
    ready: bool
    hint: str = ""
    sender: str = ""


@dataclass
class Services:
    """Every adapter, made when it is first asked for, so that a command pays only for what it uses."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    background: bool = False
    """Nobody waits for what is done here: people's calls to a host that counts them come first."""
    desk: bool = False
    """There is a desk before a person: its phones may stand in for real ones without being named."""
    _sheets: dict[tuple[str, str, int | None], Sheet] = field(default_factory=dict, repr=False)
    _pacers: dict[str, Pacer] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _redis_url: str = ""

    @cached_property
    def cipher(self) -> SecretCipher:
        """Encryption of personal data. Raises ConfigError when the key can't be had."""
        from server.store.crypto import SecretCipher

        return SecretCipher(self.settings.secret(), self.settings.old_secrets())

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, migrated to the present schema. Raises ConfigError when it can't be opened."""
        from server.store import open_ledger

        if not self.settings.database_url:
            self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open_ledger(self.settings.ledger_url, self.cipher, clock=self.clock)

    @cached_property
    def queue(self) -> Queue:
        """The queue. Raises ConfigError without REDIS_URL: the supervisor sets it for what it starts."""
        from server.queue import RqQueue

        if not self.settings.redis_url:
            raise ConfigError(
                ["REDIS_URL must be set for a process of its own; “make run” starts all of them by itself."]
            )
        return RqQueue(self.settings.redis_url)

    def wake(self, job: str, *args: str) -> None:
        """Ask for work at once; when the queue is away the sweep comes by."""
        with suppress(TemporaryError):
            self.queue.enqueue(job, *args)

    def use_queue(self, redis_url: str) -> None:
        """Use the queue of a supervisor that was started after these services."""
        from server.queue import RqQueue

        self.__dict__["queue"] = RqQueue(redis_url)
        self._redis_url = redis_url
        self.__dict__.pop("spreadsheets", None)
        self._close_workbooks()

    @cached_property
    def models(self) -> Models:
        """Who plans, drafts and reads: with a language model where one is set up."""
        from server.models import Models

        return Models(self.settings, lambda: self.ledger)

    @property
    def planner(self) -> Planner:
        """Says what an instruction means."""
        return self.models.planner

    def drafter_for(self, campaign: Campaign, *, waited: bool = False) -> Drafter:
        """Writes the campaign's texts, within its budget; one that a person waits for gives up sooner."""
        return self.models.drafter_for(campaign, waited=waited)

    def interpreter_for(self, campaign: Campaign | None) -> Interpreter:
        """Reads the campaign's replies, within its budget; without one, replies that the reader is tried on."""
        return self.models.interpreter_for(campaign)

    def threshold(self, campaign: Campaign | None) -> float:
        """The confidence from which a reading of that campaign is sure: its own, or the operator's."""
        return self.models.threshold(campaign)

    @property
    def offline_model(self) -> bool:
        """Whether drafts and readings are made without a language model."""
        return not self.settings.model_is_on

    @cached_property
    def mailbox(self) -> Mailbox:
        """The local provider's mailbox."""
        from server.channels.outbox import Mailbox

        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Mailbox(self.settings.data_dir / "outbox.db", self.cipher)

    @cached_property
    def recipient(self) -> Recipient:
        """The people behind the local mailbox: what they do comes to us as signed webhooks over HTTP."""
        anywhere = self.settings.host in {"0.0.0.0", "::", "localhost"}  # noqa: S104 - compared, not listened on
        host = "127.0.0.1" if anywhere else self.settings.host
        return self.recipient_at(f"http://{f'[{host}]' if ':' in host else host}:{self.settings.port}")

    def recipient_at(self, base_url: str) -> Recipient:
        """The same, posting to a web server of ours at that address."""
        from server.channels.outbox import Recipient

        return Recipient(self.mailbox, self.settings.secret(), f"{base_url}/webhooks/outbox")

    def report_deliveries(self) -> None:
        """Let the local mailbox report what it delivered, as a provider does, when our web server is up to hear it."""
        from server.local.supervisor import running

        if not (self.settings.data_dir / "outbox.db").exists() or not self.mailbox.unreported(1):
            return
        here = running(self.settings)
        if here is not None and here["base_url"]:
            with suppress(TemporaryError):  # it is just starting or ending: the next tick reports
                self.recipient_at(here["base_url"]).deliver()

    @cached_property
    def channels(self) -> Mapping[tuple[ChannelName, str], Channel]:
        """Channels that are ready, by channel and provider; the preferred provider of a channel first.

        Raises ConfigError.
        """
        from server.channels.outbox import OutboxChannel
        from server.providers import ready

        outbox = OutboxChannel(self.mailbox, self.settings.secret(), region=self.settings.default_region)
        made = (outbox, *ready(self.settings, self._knows))
        made = (*made, *self._phones({channel.name for channel in made}))
        return {(channel.name, channel.provider): channel for channel in made}

    def _phones(self, real: Set[ChannelName]) -> list[Channel]:
        """Phones on the desk, for channels without a provider that is set up; only where nobody else uses the desk."""
        from server.channels.outbox import OutboxSms, OutboxWhatsApp

        here = self.settings.host in {"127.0.0.1", "localhost", "::1"} and not self.settings.public_base_url
        secret, region = self.settings.secret(), self.settings.default_region
        kinds = (OutboxSms, OutboxWhatsApp)
        return [kind(self.mailbox, secret, region=region) for kind in kinds if here and kind.name not in real]

    def _knows(self, provider: str, provider_id: str) -> bool:
        return self.ledger.messages.by_provider_id(provider, provider_id) is not None

    @property
    def providers(self) -> Set[str]:
        """Names of the providers that are set up."""
        return {provider for _, provider in self.channels}

    def poster(self, provider: str) -> Channel | None:
        """A channel of the provider, which verifies and reads all that the provider posts; None: not set up."""
        return next((channel for channel in self.channels.values() if channel.provider == provider), None)

    @cached_property
    def attachments(self) -> Attachments | None:
        """Files of the operator's folder and links that rows name, to go along with mails."""
        from server.attachments import RowFiles

        return RowFiles(self.settings.attachments_dir)

    def pacer_for(self, channel: Channel) -> Pacer:
        """The pace of a channel's sender, shared through Redis."""
        from server.pacing import RedisPacer

        sender = channel.provider if channel.name is ChannelName.EMAIL else f"{channel.provider}-{channel.name}"
        with self._lock:
            if sender not in self._pacers:
                rate, day = self.pace_of(channel)
                self._pacers[sender] = RedisPacer(self.settings.redis_url, sender, rate, day)
            return self._pacers[sender]

    def pace_of(self, channel: Channel) -> tuple[float | None, int | None]:
        """Most sends a second and a day of a channel's sender; None: no limit."""
        rate = channel.limits().per_second
        if channel.provider == "smtp":
            return self.settings.smtp_per_second or rate, self.settings.smtp_per_day
        return rate, None

    @property
    def hours(self) -> Hours:
        """When messages may reach people."""
        return Hours(parse_quiet_hours(self.settings.quiet_hours), self.settings.time_zone)

    def offers(self) -> list[Offer]:
        """Channels that can be chosen here, and what to set for those that can't."""
        from server.providers import KNOWN, sender

        outbox = Offer(ChannelName.OUTBOX, "outbox", True, "A local mailbox: nothing leaves this machine.")
        ready = self.channels
        return [
            outbox,
            *(
                Offer(phone.name, phone.provider, True, "A phone on this desk: nothing leaves this machine.")
                for phone in filter(_is_phone, ready.values())
            ),
            *(
                Offer(
                    one.name, one.provider, here, "" if here else one.hint, sender(self.settings, one) if here else ""
                )
                for one in KNOWN
                for here in [(one.name, one.provider) in ready]
            ),
        ]

    def channel_for(self, name: ChannelName | None, provider: str = "") -> Channel:
        """The channel of that name (and provider); the outbox without either. Raises InvalidInput with what to set."""
        if name is None and not provider:
            return self.channels[ChannelName.OUTBOX, "outbox"]
        for channel in sorted(self.channels.values(), key=_is_phone):  # real ones first
            if _is_phone(channel) and not provider and not self.desk:
                continue  # whoever asks for SMS on the command line means real ones
            if (name is None or channel.name is name) and provider in {"", channel.provider}:
                return channel
        wanted = " ".join(part for part in (name.value if name else "", provider) if part)
        unset = [offer for offer in self.offers() if offer.name is name and not offer.ready]
        hint = next((offer.hint for offer in unset if provider in {"", offer.provider}), "")
        ready = ", ".join(sorted({channel.name.value for channel in self.channels.values()}))
        raise InvalidInput(f"“{wanted}” can't be used here. {hint or f'Ready: {ready}.'}", field="channel")

    def unsubscribe_url(self, token: str) -> str:
        """Where the recipient of the message with that token asks not to be written to; "" without a public address.

        A link to the machine's own loopback address would lead nobody anywhere.
        """
        return f"{self.settings.base_url}/u/{token}" if self.settings.public_base_url else ""

    def purge(self, before: datetime) -> int:
        """Remove personal data of campaigns that ended before that moment, and the local mailbox; messages emptied."""
        emptied = self.ledger.purge(before)
        if (self.settings.data_dir / "outbox.db").exists():
            self.mailbox.purge(before)
        return emptied

    def renew_keys(self, progress: Callable[[int], object]) -> int:
        """Seal ledger and local mailbox with the newest key; how many records. Broken off, it can be repeated."""
        renewed = self.mailbox.renew_keys() if (self.settings.data_dir / "outbox.db").exists() else 0
        return renewed + self.ledger.renew_keys(progress)

    def open_sheet(self, workbook: str, sheet: str = "", header_row: int | None = None) -> Sheet:
        """The adapter for a workbook's tab (its first visible one without a name).

        Raises NotFound or InvalidInput, with a sentence, for what can't be a workbook; NotShared and SheetUnavailable
        for a spreadsheet that can't be opened for now.
        """
        from server.sheets.xlsx import XlsxSheet

        if is_google(workbook):
            return self.spreadsheets.open(workbook, sheet, header_row)
        if is_excel(workbook):
            return self.workbooks.open(workbook, sheet, header_row)
        path = local_path(workbook)
        key = (str(path), sheet, header_row)
        with self._lock:
            if key not in self._sheets:
                self._sheets[key] = XlsxSheet(path, sheet or None, header_row)
            return self._sheets[key]

    def sheet_names(self, workbook: str) -> list[str]:
        """Titles of the visible tabs of a workbook. Raises NotFound or InvalidInput."""
        from server.sheets.xlsx import sheet_names

        if is_google(workbook):
            return self.spreadsheets.titles(workbook)
        if is_excel(workbook):
            return self.workbooks.titles(workbook)
        return sheet_names(local_path(workbook))

    def check_access(self, workbook: str) -> Access:
        """Whether Cellback may work in a workbook of Google Sheets or Excel, with a sentence. Raises InvalidInput."""
        return (self.spreadsheets if is_google(workbook) else self.workbooks).check(workbook)

    @cached_property
    def workbooks(self) -> Workbooks:
        """Tabs of workbooks in OneDrive and SharePoint."""
        from server.workbooks import Workbooks

        redis_url = self._redis_url or self.settings.redis_url
        return Workbooks(self.settings, self.graph_credentials, redis_url, background=self.background)

    @cached_property
    def spreadsheets(self) -> Spreadsheets:
        """Tabs of spreadsheets in Google Sheets."""
        from server.spreadsheets import Spreadsheets

        redis_url = self._redis_url or self.settings.redis_url
        return Spreadsheets(self.settings, self.google, redis_url, background=self.background)

    @cached_property
    def google(self) -> GoogleAccess:
        """Who comes in from Google, and by which account spreadsheets are opened."""
        from server.google_access import GoogleAccess

        return GoogleAccess(self.settings, lambda: self.ledger.access)

    @cached_property
    def microsoft(self) -> MicrosoftAccess:
        """Who comes in from Excel, and by which account workbooks are opened."""
        from server.microsoft_access import MicrosoftAccess

        return MicrosoftAccess(self.settings, lambda: self.ledger.access, self.clock)

    def graph_credentials(self, workbook: str) -> Delegated | AppOnly:
        """By what a workbook (in its canonical form) is opened in the background: gives tokens for Graph.

        Raises SignInToMicrosoft when nobody permitted it; using it may raise that, ConsentNeeded, SheetUnavailable.
        """
        return self.microsoft.credentials(workbook)

    def google_credentials(self, spreadsheet_id: str) -> Credentials:
        """By what a spreadsheet is opened in the background. Raises NotShared; using them may raise SignInAgain."""
        return self.google.credentials(spreadsheet_id)

    @property
    def default_workbook(self) -> str:
        """The workbook that `serve` opened: what the desk shows when no other is named."""
        desk = self.settings.data_dir / "desk.json"
        try:
            return str(json.loads(desk.read_text(encoding="utf-8"))["workbook"])
        except (OSError, ValueError, KeyError) as error:
            raise NotFound("No workbook is open here. Start with `make run WORKBOOK=path.xlsx`.") from error

    def set_default_workbook(self, workbook: str) -> None:
        """Remember what the desk shows."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        desk = self.settings.data_dir / "desk.json"
        desk.write_text(json.dumps({"workbook": workbook}), encoding="utf-8")

    def prepare(self) -> None:
        """Make what a process needs before it takes any work: ledger, channels, queue (which need not answer yet).

        Raises ConfigError that lists every fault of them.
        """
        faults: dict[str, None] = {}
        parts = (
            lambda: self.ledger,
            lambda: self.channels,
            lambda: self.queue,
            lambda: self.google.service_account,
        )
        for make in parts:
            try:
                make()
            except ConfigError as error:
                faults |= dict.fromkeys(error.faults)
        if faults:
            raise ConfigError(list(faults))

    def _close_workbooks(self) -> None:
        if "workbooks" in self.__dict__:
            self.__dict__.pop("workbooks").close()

    def close(self) -> None:
        """Finish what is being written, let go of everything."""
        self._close_workbooks()
        if "microsoft" in self.__dict__:
            self.microsoft.close()
        if "ledger" in self.__dict__:
            self.ledger.close()


def _is_phone(channel: Channel) -> bool:
    """Whether it reaches phones on the desk instead of real ones."""
    return channel.provider == "outbox" and channel.name is not ChannelName.OUTBOX


def local_path(workbook: str) -> Path:
    """The file that a command or the panel names. Raises InvalidInput for an address or an unknown kind of file,
    NotFound when there is none."""
    if "://" in workbook:
        raise InvalidInput(
            "This is no address of a workbook that Cellback knows. Give the path of an .xlsx file, the address of a "
            "spreadsheet in Google Sheets (https://docs.google.com/spreadsheets/d/…), or of a workbook in OneDrive or "
            "SharePoint.",
            field="workbook",
        )
    path = Path(workbook).expanduser().resolve()
    if not path.exists():
        raise NotFound(f"There is no file {path}.")
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder: name the workbook in it.", field="workbook")
    if path.suffix.lower() not in WORKBOOKS:
        raise InvalidInput(
            f"{path.name} is no .xlsx workbook. Open it in Excel or LibreOffice and save it as .xlsx, or as .csv.",
            field="workbook",
        )
    return path


def take_workbook(workbook: str) -> tuple[str, str]:
    """The workbook that a person names on the command line, as `open_sheet` takes it, and a note about it.

    Raises NotFound or InvalidInput.
    """
    if is_online(workbook):
        return workbook, ""
    path, note = import_file(Path(workbook))
    return str(path), note


def workbook_name(workbook: str) -> str:
    """The workbook as people call it in a sentence."""
    if is_google(workbook):
        return "this spreadsheet"
    return "this workbook" if is_excel(workbook) else Path(workbook).name


def is_online(workbook: str) -> bool:
    """Whether a workbook is one that people open in the browser, and no file of this machine."""
    return is_google(workbook) or is_excel(workbook)


def import_file(path: Path) -> tuple[Path, str]:
    """A file that a person wants to use: a .csv (or .tsv) is converted beside it. Path of the workbook, and a note.

    Raises NotFound or InvalidInput.
    """
    if path.suffix.lower() in {".csv", ".tsv", ".txt"} and path.exists():
        from server.sheets.delimited import convert

        made = convert(path)
        return made, f"{path.name} is kept as it is; Cellback works in {made.name} beside it."
    return local_path(str(path)), ""


def build(settings: Settings, clock: Clock | None = None, *, background: bool = False) -> Services:
    """The services for these settings; nothing is opened before it is used."""
    return Services(settings, clock or SystemClock(), background)
