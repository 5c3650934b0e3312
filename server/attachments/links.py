"""Fetches files behind https links without letting anybody reach our own network through us.

Every hop's name is resolved once, every address it may stand for has to be public, and the connection is made to the
very address that was checked: a name that means something else a moment later changes nothing.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from server.attachments.kinds import clean_name, extension
from server.errors import CellbackError, PermanentError, TemporaryError

MOST_HOPS = 5
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to. `data` is b"" where only its head was asked for, `size` None where nobody says."""

    name: str
    size: int | None
    data: bytes = b""


class Links:
    """Looks at links and fetches them, within limits of size and time."""

    def __init__(
        self, *, most_bytes: int, seconds: float, private_hosts: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        """`seconds` bounds one link over all, redirects included. `private_hosts` (for tests, and for files on an own
        network) lifts the bar on addresses that are not public."""
        self._most = most_bytes
        self._seconds = seconds
        self._private = private_hosts
        self._given = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Read when it is needed first: the system's authorities take a while."""
        return self._given or ssl.create_default_context()

    def look(self, link: str) -> Found:
        """What the link leads to, without fetching it. Raises PermanentError, TemporaryError."""
        deadline = time.monotonic() + self._seconds
        try:
            return self._follow(link, "HEAD", deadline)
        except _Answered as answered:
            if answered.status in {404, 410}:
                raise _refused(link, answered.status) from None
        try:  # some hosts answer only what really fetches
            return self._follow(link, "GET", deadline, body=False)
        except _Answered as answered:
            raise _refused(link, answered.status) from None

    def fetch(self, link: str) -> Found:
        """The file behind the link. Raises PermanentError, TemporaryError."""
        try:
            return self._follow(link, "GET", time.monotonic() + self._seconds)
        except _Answered as answered:
            raise _refused(link, answered.status) from None

    def _follow(self, link: str, method: str, deadline: float, *, body: bool = True) -> Found:
        url = link
        for _ in range(MOST_HOPS + 1):
            parts = _parts(url)
            connection = self._connect(parts, deadline)
            answer: http.client.HTTPResponse | None = None
            try:
                target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
                connection.request(method, target, headers={"User-Agent": "Cellback", "Accept-Encoding": "identity"})
                answer = connection.getresponse()
                if answer.status in _REDIRECTS and (onwards := answer.getheader("Location")):
                    url = urljoin(url, onwards)
                    continue
                if not 200 <= answer.status < 300:
                    raise _Answered(answer.status)
                return self._found(answer, parts, link, deadline, body=body and method == "GET")
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _lost(parts, error) from None
            finally:
                if answer is not None:
                    answer.close()
                connection.close()
        raise PermanentError(f"The link to {_host(link)} leads in circles.")

    def _found(
        self, answer: http.client.HTTPResponse, parts: SplitResult, link: str, deadline: float, *, body: bool
    ) -> Found:
        kind = answer.headers.get_content_type()
        if kind in {"text/html", "application/xhtml+xml"}:
            raise PermanentError(
                f"The link to {parts.hostname} leads to a web page, not to a file. "
                "Use a link that downloads the file, without signing in."
            )
        said = answer.getheader("Content-Length", "")
        size = int(said) if said.isascii() and said.isdigit() else None
        if size is not None and size > self._most:
            raise too_large(self._most)
        name = _name(answer.headers, parts, link, kind)
        return Found(name, size, self._body(answer, deadline) if body else b"")

    def _body(self, answer: http.client.HTTPResponse, deadline: float) -> bytes:
        pieces, total = [], 0
        while piece := answer.read1(_CHUNK):
            pieces.append(piece)
            total += len(piece)
            if total > self._most:
                raise too_large(self._most)
            if time.monotonic() > deadline:
                raise TimeoutError
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(pieces)

    def _connect(self, parts: SplitResult, deadline: float) -> http.client.HTTPSConnection:
        """A connection to an address of the host that was checked. Raises PermanentError, TemporaryError."""
        host, port = parts.hostname or "", parts.port or 443
        address = self._address(host, port)
        left = deadline - time.monotonic()
        if left <= 0:
            raise _lost(parts, TimeoutError())
        connection = http.client.HTTPSConnection(host, port, timeout=left, context=self._tls)
        try:
            plain = socket.create_connection((address, port), timeout=left)
            connection.sock = self._tls.wrap_socket(plain, server_hostname=host)
        except OSError as error:
            raise _lost(parts, error) from None
        return connection

    def _address(self, host: str, port: int) -> str:
        """The address to connect to. Raises PermanentError when any that the name stands for is not public."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise PermanentError("The link names no host that can be reached.") from None
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise TemporaryError(f"{host} can't be found just now.") from None
            raise PermanentError(f"There is no host called {host}: check the link.") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not self._private and not all(is_public(address) for address in addresses):
            raise PermanentError(f"The link leads into a private network ({host}): files there are not fetched.")
        return addresses[0]


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet, also behind the forms in which IPv6 carries IPv4."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def too_large(most: int) -> PermanentError:
    """What says that files are larger than a mail may be."""
    return PermanentError(
        f"The attachments are larger than {most // 1_000_000} MB together: most mailboxes refuse that."
    )


class _Answered(Exception):
    """The host answered, and not with yes."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise PermanentError("The link can't be read: copy it anew.") from None
    if parts.scheme.lower() != "https":
        raise PermanentError("Only https links can be attached: the one in the cell (or where it leads) is not one.")
    if not parts.hostname or "@" in parts.netloc or port == 0 or not url.isprintable() or " " in url:
        raise PermanentError("The link can't be read: copy it anew, without a name and a password in it.")
    quoted = re.sub(r"[^\x21-\x7e]", lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode()), parts.path)
    query = re.sub(r"[^\x21-\x7e]", lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode()), parts.query)
    return parts._replace(path=quoted, query=query)


def _refused(link: str, status: int) -> CellbackError:
    host = _host(link)
    if status in _LATER:
        return TemporaryError(f"{host} does not give the file just now.", detail=f"HTTP {status}")
    if status in {401, 403}:
        return PermanentError(f"{host} does not give the file to everybody: share it by a link that needs no sign-in.")
    if status in {404, 410}:
        return PermanentError(f"There is no file behind the link to {host}: check the link.")
    return PermanentError(f"{host} does not give the file (HTTP {status}): check the link.")


def _lost(parts: SplitResult, error: Exception) -> CellbackError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return PermanentError(f"The connection to {parts.hostname} can't be trusted: its certificate is not valid.")
    return TemporaryError(f"{parts.hostname} can't be reached just now.", detail=type(error).__name__)


def _host(link: str) -> str:
    """What may be shown of a link: the rest can be a secret."""
    return urlsplit(link).hostname or "the host"


def _name(headers: Message, parts: SplitResult, link: str, kind: str) -> str:
    """The name that the host gives the file, else the link's last part; with an ending that says what it is."""
    try:
        given = clean_name(headers.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        given = ""
    name = given or clean_name(unquote(parts.path)) or clean_name(unquote(urlsplit(link).path)) or "file"
    return name if "." in name or "content-type" not in headers else name + extension(kind)
