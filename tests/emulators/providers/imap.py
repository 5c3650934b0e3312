"""A small IMAP4rev1 server (RFC 3501) with one mailbox: what Python's imaplib, imapclient and imap-tools ask for.

LOGIN, AUTHENTICATE PLAIN, LIST, SELECT, EXAMINE, STATUS, (UID) SEARCH, FETCH, STORE, COPY and MOVE, EXPUNGE, IDLE
(RFC 2177), APPEND. Message sets, flags and partial bodies as the RFC has them; no MIME structure.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import socketserver
import threading
from collections.abc import Callable

from tests.emulators.providers.imap_account import Account, Folder
from tests.emulators.providers.imap_messages import fetched, found, picked

CAPABILITIES = "IMAP4rev1 AUTH=PLAIN IDLE UIDPLUS MOVE UNSELECT"
FLAGS = r"\Answered \Flagged \Deleted \Seen \Draft"
TOKEN = re.compile(
    rb'\s*("(?:[^"\\]|\\.)*"|\((?:[^()"]|"[^"]*"|\([^()]*\))*\)|[^\s()"\[]*\[[^\]]*\][^\s()]*|[^\s()"]+)'
)


class Imap:
    """The server. `log` holds every command line, without passwords."""

    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password
        self.account = Account()
        self.log: list[str] = []
        self.port = 0

    def start(self) -> None:
        """Listen on a free loopback port, or on `port`."""
        imap = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True  # an answer is several small writes: else each waits 40 ms

            def handle(self) -> None:
                with contextlib.suppress(OSError, EOFError):
                    Session(imap, self.rfile, self.wfile, self.connection).run()

        self._server = _Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True, name="imap")
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody."""
        self._server.shutdown()
        for each in list(self._server.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, *arguments: object) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(*arguments)  # type: ignore[arg-type]

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self.open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self.open.discard(request)


class Session:
    """One connection."""

    def __init__(self, imap: Imap, reader: object, writer: object, connection: socket.socket) -> None:
        self._imap, self._account = imap, imap.account
        self._reader, self._writer, self._connection = reader, writer, connection
        self._known = False
        self._folder: Folder | None = None
        self._read_only = False
        self._seen = 0
        self._over = False

    def run(self) -> None:
        """Talk until LOGOUT or the end."""
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] emulator ready")
        count = 0
        while not self._over:
            line = self._line()
            count += 1
            if self._account.drop_after and count > self._account.drop_after:
                self._connection.close()
                return
            tag, _, rest = line.partition(b" ")
            verb, _, rest = rest.partition(b" ")
            name = verb.decode("ascii", "replace").upper()
            shown = rest if name not in ("LOGIN", "AUTHENTICATE") else b"***"
            self._imap.log.append(f"{name} {shown.decode('utf-8', 'replace')}".strip())
            self._answer(tag.decode("ascii", "replace"), name, rest)

    def _answer(self, tag: str, name: str, rest: bytes) -> None:
        by_uid = name == "UID"
        if by_uid:
            verb, _, rest = rest.partition(b" ")
            name = verb.decode("ascii", "replace").upper()
        handler: Callable[..., str] | None = getattr(self, f"_do_{name.lower()}", None)
        if handler is None:
            self._say(f"{tag} BAD {name} is not known here")
            return
        if name not in OPEN and not self._known:
            self._say(f"{tag} NO log in first")
            return
        if name in SELECTED and self._folder is None:
            self._say(f"{tag} BAD no mailbox is selected")
            return
        try:
            self._say(f"{tag} {handler(rest, by_uid) if name in SELECTED else handler(rest)}")
        except (ValueError, LookupError) as error:
            self._say(f"{tag} BAD {error}")

    def _line(self) -> bytes:
        """A command with its literals in place, as quoted strings."""
        line = self._readline()
        while found := re.search(rb"\{(\d+)(\+?)\}$", line):
            if not found[2]:
                self._say("+ go on")
            literal: bytes = self._reader.read(int(found[1]))  # type: ignore[attr-defined]
            quoted = b'"' + literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            line = line[: found.start()] + quoted + self._readline()
        return line

    def _readline(self) -> bytes:
        line: bytes = self._reader.readline(1 << 20)  # type: ignore[attr-defined]
        if not line:
            raise EOFError
        return line.rstrip(b"\r\n")

    def _say(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        self._writer.write(data + b"\r\n")  # type: ignore[attr-defined]

    def _do_capability(self, _: bytes) -> str:
        self._say(f"* CAPABILITY {CAPABILITIES}")
        return "OK done"

    def _do_noop(self, _: bytes) -> str:
        self._tell_new()
        return "OK done"

    _do_check = _do_noop

    def _do_logout(self, _: bytes) -> str:
        self._say("* BYE until next time")
        self._over = True
        return "OK bye"

    def _do_login(self, rest: bytes) -> str:
        return self._let_in(*tokens(rest)[:2])

    def _do_authenticate(self, rest: bytes) -> str:
        method, _, initial = rest.partition(b" ")
        if method.upper() != b"PLAIN":
            return "NO only PLAIN is known here"
        if not initial:
            self._say("+ ")
            initial = self._readline()
        _, user, password = base64.b64decode(initial).decode().split("\0")
        return self._let_in(user, password)

    def _let_in(self, user: str, password: str) -> str:
        self._known = (user, password) == (self._imap.user, self._imap.password)
        return "OK welcome" if self._known else "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def _do_list(self, _: bytes) -> str:
        for name in self._account.folders:
            self._say(f'* LIST (\\HasNoChildren) "/" "{name}"')
        return "OK done"

    _do_lsub = _do_list

    def _do_id(self, _: bytes) -> str:
        self._say('* ID ("name" "emulator")')
        return "OK done"

    def _do_select(self, rest: bytes, *, read_only: bool = False) -> str:
        name = _folder_name(tokens(rest)[0])
        folder = self._account.folders.get(name)
        if folder is None:
            self._folder = None
            return f"NO [NONEXISTENT] there is no {name}"
        self._folder, self._read_only, self._seen = folder, read_only, len(folder.messages)
        self._say(f"* FLAGS ({FLAGS})")
        self._say(f"* {len(folder.messages)} EXISTS")
        self._say("* 0 RECENT")
        self._say(f"* OK [UIDVALIDITY {folder.validity}] ok")
        self._say(f"* OK [UIDNEXT {folder.next_uid}] ok")
        self._say(f"* OK [PERMANENTFLAGS ({FLAGS} \\*)] ok")
        return f"OK [{'READ-ONLY' if read_only else 'READ-WRITE'}] selected"

    def _do_examine(self, rest: bytes) -> str:
        return self._do_select(rest, read_only=True)

    def _do_status(self, rest: bytes) -> str:
        name = _folder_name(tokens(rest)[0])
        folder = self._account.folders[name]
        unseen = sum("\\Seen" not in message.flags for message in folder.messages)
        self._say(f'* STATUS "{name}" (MESSAGES {len(folder.messages)} RECENT 0 UNSEEN {unseen} '
                  f"UIDNEXT {folder.next_uid} UIDVALIDITY {folder.validity})")  # fmt: skip
        return "OK done"

    def _do_close(self, _: bytes) -> str:
        self._folder = None
        return "OK closed"

    _do_unselect = _do_close

    def _do_append(self, rest: bytes) -> str:
        name, *_, raw = tokens(rest)
        self._account.add(raw.encode("utf-8", "surrogateescape"), folder=_folder_name(name))
        return "OK done"

    def _do_search(self, rest: bytes, by_uid: bool) -> str:
        assert self._folder is not None
        hits = found(self._folder.messages, tokens(rest))
        self._say(f"* SEARCH {' '.join(str(m.uid if by_uid else number) for number, m in hits)}".rstrip())
        return "OK done"

    def _do_fetch(self, rest: bytes, by_uid: bool) -> str:
        assert self._folder is not None
        chosen, _, items = rest.partition(b" ")
        wanted = tokens(items.strip().removeprefix(b"(").removesuffix(b")"))
        for number, message in picked(self._folder.messages, chosen.decode(), by_uid=by_uid):
            data, reads = fetched(message, wanted, by_uid=by_uid)
            if reads and not self._read_only:
                message.flags.add("\\Seen")
            self._say(b"* %d FETCH (" % number + data + b")")
        return "OK done"

    def _do_store(self, rest: bytes, by_uid: bool) -> str:
        assert self._folder is not None
        chosen, how, flags = tokens(rest)
        if self._read_only:
            return "NO the mailbox is read-only"
        given = set(flags.strip("()").split())
        for number, message in picked(self._folder.messages, chosen, by_uid=by_uid):
            if how[0] == "+":
                message.flags |= given
            elif how[0] == "-":
                message.flags -= given
            else:
                message.flags = set(given)
            if not how.upper().endswith(".SILENT"):
                uid = f"UID {message.uid} " if by_uid else ""
                self._say(f"* {number} FETCH ({uid}FLAGS ({' '.join(sorted(message.flags))}))")
        return "OK done"

    def _do_expunge(self, _: bytes, _by_uid: bool) -> str:
        assert self._folder is not None
        with self._account.changed:
            for number in range(len(self._folder.messages), 0, -1):
                if "\\Deleted" in self._folder.messages[number - 1].flags:
                    del self._folder.messages[number - 1]
                    self._say(f"* {number} EXPUNGE")
            self._seen = len(self._folder.messages)
        return "OK done"

    def _do_copy(self, rest: bytes, by_uid: bool) -> str:
        assert self._folder is not None
        chosen, name = tokens(rest)
        for _, message in picked(self._folder.messages, chosen, by_uid=by_uid):
            self._account.add(message.raw, frozenset(message.flags), _folder_name(name))
        return "OK done"

    def _do_move(self, rest: bytes, by_uid: bool) -> str:
        assert self._folder is not None
        for _, message in picked(self._folder.messages, tokens(rest)[0], by_uid=by_uid):
            message.flags.add("\\Deleted")
        self._do_copy(rest, by_uid)
        return self._do_expunge(b"", by_uid)

    def _do_idle(self, _: bytes, _by_uid: bool) -> str:
        """Tell of new mail until the client says DONE."""
        self._say("+ idling")
        self._connection.settimeout(0.02)
        try:
            while True:
                self._tell_new()
                with contextlib.suppress(TimeoutError):
                    if self._connection.recv(1, socket.MSG_PEEK) == b"":
                        raise EOFError
                    break
        finally:
            self._connection.settimeout(None)
        self._readline()
        return "OK done"

    def _tell_new(self) -> None:
        if self._folder is not None and len(self._folder.messages) != self._seen:
            self._seen = len(self._folder.messages)
            self._say(f"* {self._seen} EXISTS")


OPEN = frozenset(("CAPABILITY", "NOOP", "LOGOUT", "LOGIN", "AUTHENTICATE", "ID"))
SELECTED = frozenset(("SEARCH", "FETCH", "STORE", "EXPUNGE", "COPY", "MOVE", "IDLE"))


def tokens(text: bytes) -> list[str]:
    """Words, quoted strings (without their quotes) and parenthesised lists (with theirs)."""
    out = []
    for each in TOKEN.findall(text):
        if each.startswith(b'"'):
            each = re.sub(rb"\\(.)", rb"\1", each[1:-1], flags=re.DOTALL)
        out.append(each.decode("utf-8", "surrogateescape"))
    return out


def _folder_name(name: str) -> str:
    return "INBOX" if name.upper() == "INBOX" else name
