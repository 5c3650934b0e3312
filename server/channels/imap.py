"""Replies to mail sent over SMTP, read from a mailbox over IMAP (RFC 3501). Blocking: for a thread of its own.

Nothing in the mailbox changes: no mail is deleted or moved, and none is marked as read unless that is asked for.
"""

from __future__ import annotations

import imaplib
import re
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from server.channels.inbound_mail import read_mail
from server.domain.reply import DeliveryEvent, Event, InboundMessage
from server.errors import ConfigError, PermanentError, TemporaryError

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

LARGEST = 30 * 1024 * 1024
"""Bytes of a mail that is read whole; of a larger one only the headers are."""
PATIENCE = 300.0
"""Seconds for one look; what is not read by then is read at the next."""
CLOCKS = timedelta(minutes=10)
"""How far the mail server's clock may be behind ours."""

_AT_ONCE = 500
_ADDRESS_LIKE = re.compile(r"\S*@\S*")
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again|temporar", re.IGNORECASE)
"""Refusals of a login that may pass (RFC 5530, section 3)."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FORM = "IMAP_URL must look like imaps://user:password@host/Folder"
_BULK = frozenset({"bulk", "list", "junk"})


@dataclass(frozen=True, slots=True)
class Address:
    """IMAP_URL in its parts. Without a folder it is INBOX."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    tls: str = "implicit"
    """implicit, starttls, or off"""
    mark_seen: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A mail in the folder, before it is read."""

    uid: int
    size: int
    at: datetime


def parse_imap_url(url: str) -> Address:
    """Reads IMAP_URL. Raises ConfigError, which never repeats the URL: it holds a password.

    `imaps://` encrypts from the start (port 993), `imap://` by STARTTLS (port 143), but for a server on this machine.
    Special characters in user and password are written as %40 and so on. `?seen=mark` marks as read what was read.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise ConfigError(["IMAP_URL: the port must be a number between 1 and 65535"]) from None
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    seen = options.pop("seen", "")
    if parts.scheme not in {"imap", "imaps"} or not host or not parts.username or not parts.password:
        raise ConfigError([_FORM])
    if options or seen not in {"", "mark"}:
        raise ConfigError(["IMAP_URL: after the ? only seen=mark may stand"])
    folder, user, password = (unquote(text) for text in (parts.path.strip("/"), parts.username, parts.password))
    if any(not char.isprintable() for text in (folder, user, password) for char in text):
        raise ConfigError([_FORM])
    implicit = parts.scheme == "imaps"
    tls = "implicit" if implicit else "off" if _is_loopback(host) else "starttls"
    return Address(host, port or (993 if implicit else 143), user, password, folder or "INBOX", tls, seen == "mark")


class Inbox:
    """A folder of a mailbox. One look at a time; a connection for each."""

    def __init__(
        self, url: str, *, ours: str = "", inbound_domain: str = "", timeout: float = 20.0, patience: float = PATIENCE
    ) -> None:
        """`url` is IMAP_URL, `ours` the address that we send from (mail of our own is no reply), `timeout` seconds for
        each answer of the server, `patience` for all of one look. Raises ConfigError.
        """
        self._address = parse_imap_url(url)
        self._ours, self._inbound_domain = ours.lower(), inbound_domain
        self._timeout, self._patience = timeout, patience
        self._lock = threading.Lock()
        self._valid = 0
        self._last: int | None = None
        """UIDVALIDITY, and the highest UID that was read under it: newer ones are new whatever date they bear."""

    def look(self, since: datetime) -> list[Event]:
        """What came since then, oldest first; mail that surely is not about us is left out.

        Mail that was moved into the folder since the last look is seen too, whatever its date. The same mail has the
        same event id each time. Raises TemporaryError, PermanentError.
        """
        with self._lock, self._opened() as box:
            valid, last = _number(box, "UIDVALIDITY"), max(_number(box, "UIDNEXT") - 1, 0)
            if valid != self._valid:  # UIDs of before say nothing any more (RFC 3501, section 2.3.1.1)
                self._valid, self._last = valid, None
            events: list[Event] = []
            end = time.monotonic() + self._patience
            for mail in self._new(box, since):
                if time.monotonic() > end:
                    last = mail.uid - 1
                    break
                event = self._read(box, mail)
                if event is not None and self._concerns_us(event):
                    events.append(event)
                last = max(last, mail.uid)
            self._last = last
            return events

    def check(self) -> None:
        """Log in and open the folder. Raises TemporaryError, PermanentError."""
        with self._opened():
            pass

    def _new(self, box: BaseMailBox, since: datetime) -> list[_Found]:
        """Mails that are to be read, by UID: the server's search knows days only, so what it finds is looked at."""
        day = (since - CLOCKS - timedelta(days=1)).astimezone(UTC)
        uids = {int(uid) for uid in box.uids(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}", None)}
        if self._last is not None:
            # "n:*" also finds the last mail when there is none from n on.
            uids |= {int(uid) for uid in box.uids(f"UID {self._last + 1}:*", None) if int(uid) > self._last}
        begin = since - CLOCKS
        found = _details(box, sorted(uids))
        return [one for one in found if one.at >= begin or (self._last is not None and one.uid > self._last)]

    def _read(self, box: BaseMailBox, mail: _Found) -> Event | None:
        """The event in a mail; None when it has gone meanwhile."""
        what = "HEADER" if mail.size > LARGEST else ""
        peek = "" if self._address.mark_seen else ".PEEK"
        parts = _fetched(box, str(mail.uid), f"(BODY{peek}[{what}])")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return None if raw is None else read_mail(raw, inbound_domain=self._inbound_domain)

    def _concerns_us(self, event: Event) -> bool:
        """Whether it may be: a report about a mail, an answer, or a letter from somebody. Not newsletters, not ours."""
        if isinstance(event, DeliveryEvent):
            return True
        if not isinstance(event, InboundMessage) or event.sender.lower() == self._ours:
            return False
        bulk = event.headers.get("precedence", "").strip().lower() in _BULK or "list-id" in event.headers
        return bool(event.token or event.in_reply_to or not bulk)

    @contextmanager
    def _opened(self) -> Iterator[BaseMailBox]:
        """The folder, for reading only unless mails are to be marked. Whatever breaks is told in our words."""
        address = self._address
        with self._told():
            box = _connect(address, self._timeout)
        try:
            with self._told(login=True):
                login = box.login if (address.user + address.password).isascii() else box.login_utf8
                login(address.user, address.password, initial_folder=None)
            with self._told(folder=True):
                box.folder.set(address.folder, readonly=not address.mark_seen)
            with self._told():
                yield box
        finally:
            with suppress(Exception):
                box.client.shutdown()

    @contextmanager
    def _told(self, *, login: bool = False, folder: bool = False) -> Iterator[None]:
        from imap_tools import ImapToolsError

        where = f"{self._address.host}:{self._address.port}"
        try:
            yield
        except (imaplib.IMAP4.abort, imaplib.IMAP4.readonly, OSError, EOFError) as error:
            raise _broken(error, where) from None
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            said = self._scrubbed(_answer(error))
            if login:
                raise _not_let_in(said, where) from None
            if folder:
                raise PermanentError(
                    f"The mailbox at {where} has no folder “{self._address.folder}” that can be read ({said}). "
                    "Check what stands behind the host in IMAP_URL."
                ) from None
            raise TemporaryError(f"The mailbox at {where} did not answer as expected ({said}).") from None
        except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
            # imaplib's ways of meeting something that is no IMAP.
            raise TemporaryError(
                f"{where} does not answer like a mailbox. Check IMAP_URL.", detail=type(error).__name__
            ) from None

    def _scrubbed(self, text: str) -> str:
        """What the server said, without the names and words that servers like to repeat."""
        for secret in (self._address.password, self._address.user, self._address.user.partition("@")[0]):
            if len(secret) >= 4:
                text = text.replace(secret, "…")
        plain = " ".join(_ADDRESS_LIKE.sub("…", text).split())
        return "".join(char for char in plain if char.isprintable())[:160]


def _answer(error: Exception) -> str:
    """The server's own words in an error."""
    result = getattr(error, "command_result", None)
    words = result[1][0] if result and result[1] else str(error)
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _connect(address: Address, timeout: float) -> BaseMailBox:
    from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

    if address.tls == "off":
        return MailBoxUnencrypted(address.host, address.port, timeout=timeout)
    make = MailBox if address.tls == "implicit" else MailBoxStartTls
    return make(address.host, address.port, timeout=timeout, ssl_context=ssl.create_default_context())


def _number(box: BaseMailBox, name: str) -> int:
    """A number that the server gave with the folder; 0 where it gave none."""
    found = box.client.response(name)[1]
    return int(found[-1]) if found and found[-1] else 0


def _details(box: BaseMailBox, uids: Sequence[int]) -> list[_Found]:
    """Size and arrival of these mails, in the order of their UIDs."""
    found: dict[int, _Found] = {}
    for start in range(0, len(uids), _AT_ONCE):
        some = ",".join(map(str, uids[start : start + _AT_ONCE]))
        for part in _fetched(box, some, "(UID INTERNALDATE RFC822.SIZE)"):
            line = part[0] if isinstance(part, tuple) else part
            uid, size = _UID.search(line or b""), _SIZE.search(line or b"")
            if uid and size:
                found[int(uid[1])] = _Found(int(uid[1]), int(size[1]), _arrival(line))
    return [found[uid] for uid in sorted(found)]


def _fetched(box: BaseMailBox, uids: str, what: str) -> Sequence[Any]:
    kind, parts = box.client.uid("FETCH", uids, what)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"FETCH: {kind}")
    return parts


def _arrival(line: bytes) -> datetime:
    """When the mail came into the mailbox; now when that can't be read."""
    found = imaplib.Internaldate2tuple(line)
    return datetime.fromtimestamp(time.mktime(found), UTC) if found else datetime.now(UTC)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _broken(error: Exception, where: str) -> TemporaryError | PermanentError:
    """What a connection that can't be had, or broke, means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return PermanentError(
            f"The connection to the mailbox at {where} can't be trusted ({error.verify_message}). Check IMAP_URL; the "
            "certificate of a private authority goes into SSL_CERT_FILE."
        )
    reason = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
    return TemporaryError(f"The mailbox at {where} can't be reached ({reason}). Check IMAP_URL if it stays so.")


def _not_let_in(said: str, where: str) -> TemporaryError | PermanentError:
    """A refused login: for now, or until somebody mends it."""
    if _NOT_NOW.search(said):
        return TemporaryError(f"The mailbox at {where} lets nobody in just now ({said}).")
    return PermanentError(
        f"The mailbox at {where} refused user or password of IMAP_URL ({said}). Gmail, Yahoo, iCloud and Fastmail want "
        "an app password, made in the account's security settings; Microsoft 365 and Outlook.com let no password in "
        "over IMAP at all: let replies come by a provider with webhooks, or forward them to another mailbox.",
    )
