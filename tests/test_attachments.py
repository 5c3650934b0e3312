"""Files that rows name: found in the folder, fetched from links, and nothing else reached through us."""

from __future__ import annotations

import _socket
import asyncio
import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attachments import RowFiles
from server.attachments.kinds import clean_name, media_type
from server.attachments.links import is_public
from server.domain.message import Attachment
from server.errors import PermanentError, TemporaryError
from tests.channels.certificates import certificate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    room = tmp_path / "files"
    (room / "bills").mkdir(parents=True)
    (room / "bill.pdf").write_bytes(b"%PDF bill")
    (room / "bills" / "Rechnung März.pdf").write_bytes(b"%PDF march")
    (tmp_path / "secret.txt").write_text("secret")
    return room


def why(files: RowFiles, cell: str) -> str:
    """The sentence why a row's attachments can't go along; checking and loading say the same."""
    with pytest.raises(PermanentError) as checked:
        asyncio.run(files.check(cell))
    with pytest.raises(PermanentError) as loaded:
        asyncio.run(files.load(cell))
    assert checked.value.sentence == loaded.value.sentence
    assert not checked.value.whole_campaign
    assert checked.value.sentence.endswith(".")
    return checked.value.sentence


def load(files: RowFiles, cell: str) -> tuple[Attachment, ...]:
    asyncio.run(files.check(cell))
    return asyncio.run(files.load(cell))


def test_it_takes_files_of_the_folder_along(folder: Path) -> None:
    found = load(RowFiles(folder), ' bill.pdf ;\n"bills/Rechnung März.pdf"\n')
    assert found == (
        Attachment("bill.pdf", "application/pdf", b"%PDF bill"),
        Attachment("Rechnung März.pdf", "application/pdf", b"%PDF march"),
    )


@pytest.mark.parametrize("cell", ["", "  ", "\n;\n"])
def test_it_takes_nothing_along_for_an_empty_cell(folder: Path, cell: str) -> None:
    assert load(RowFiles(folder), cell) == ()


def test_it_finds_a_name_however_its_accents_are_written(folder: Path) -> None:
    assert load(RowFiles(folder), "bills/Rechnung Ma\u0308rz.pdf")[0].data == b"%PDF march"


@pytest.mark.parametrize(
    "cell",
    [
        *("../secret.txt", "bills/../../secret.txt", "/etc/passwd", "./bill.pdf", "bills//x", "..", ".", "a\0b", "~/x"),
        *(
            "C:\\x.pdf",
            "..\\secret.txt",
            ".env",
            "bills/.hidden",
            "bills",
            "missing.pdf",
            "x" * 5000,
            "%2e%2e/secret.txt",
        ),
    ],
)
def test_it_reaches_nothing_outside_the_folder(folder: Path, cell: str) -> None:
    assert "secret" not in why(RowFiles(folder), cell).replace("secret.txt", "")


@given(st.text(alphabet="./\\~\0abil pdf…", max_size=30))
def test_it_leaves_the_folder_by_no_name(tmp_path_factory: pytest.TempPathFactory, cell: str) -> None:
    root = tmp_path_factory.getbasetemp() / "walls"
    (root / "files" / "bil").mkdir(parents=True, exist_ok=True)
    (root / "a").write_text("outside")
    (root / "files" / "bil" / "a").write_text("inside")
    with contextlib.suppress(PermanentError):
        assert all(file.data == b"inside" for file in RowFiles(root / "files").load_now(cell))


@pytest.mark.parametrize("aim", ["../secret.txt", "/etc/passwd", "loop.pdf"])
def test_it_follows_no_link_out_of_the_folder(folder: Path, aim: str) -> None:
    (folder / "loop.pdf").symlink_to(aim)
    assert "loop.pdf" in why(RowFiles(folder), "loop.pdf")


def test_it_follows_a_link_within_the_folder(folder: Path) -> None:
    (folder / "latest.pdf").symlink_to("bill.pdf")
    assert load(RowFiles(folder), "latest.pdf")[0].data == b"%PDF bill"


def test_it_waits_for_no_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.pdf")
    why(RowFiles(folder), "pipe.pdf")


def test_it_says_what_to_do_where_no_folder_is_set() -> None:
    assert "CELLBACK_ATTACHMENTS_DIR" in why(RowFiles(None), "bill.pdf")


def test_it_tries_again_when_the_whole_folder_is_away(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError):
        asyncio.run(RowFiles(tmp_path / "unmounted").load("bill.pdf"))


@pytest.mark.parametrize("name", ["run.exe", "bill.pdf.EXE", "x.js", "macro.vbs", "a.lnk", "a.iso ", "b.JAR."])
def test_it_refuses_what_mail_servers_would(folder: Path, name: str) -> None:
    (folder / name.strip()).write_bytes(b"x")
    assert "mail servers refuse" in why(RowFiles(folder), name)


def test_it_refuses_a_program_under_another_name(folder: Path) -> None:
    (folder / "bill2.pdf").write_bytes(b"MZ\x90\x00")
    assert "program" in why(RowFiles(folder), "bill2.pdf")


def test_it_refuses_more_than_a_mail_may_carry(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"x" * 600)
    (folder / "b.bin").write_bytes(b"x" * 600)
    files = RowFiles(folder, most_bytes=1000)
    assert len(load(files, "a.bin")) == 1
    assert "larger" in why(files, "a.bin; b.bin")
    assert "12" in why(files, "\n".join(f"{n}.pdf" for n in range(12)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            ("a.PDF", "application/pdf"),
            ("a.csv", "text/csv"),
            ("a.jpeg", "image/jpeg"),
            ("a", "application/octet-stream"),
        ),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        *(("a.ics", "text/calendar"), ("a.unknown", "application/octet-stream"), ("a.tar.gz", "application/gzip")),
    ],
)
def test_it_tells_a_files_kind_by_its_name(name: str, kind: str) -> None:
    assert media_type(name) == kind


@given(st.text(max_size=400))
def test_it_makes_a_clean_name_of_any(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= 150
    assert not set(name) & set("/\\\r\n\0\u202e")


Answer = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """A host of files on this machine; `answers` are by path, `asked` are the methods and paths that came."""

    def __init__(self, folder: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(f"{self.command} {self.path}")
                host.answers[self.path](self)

            do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        made = certificate(folder)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = made.context().wrap_socket(self._server.socket, server_side=True)
        self.trust = ssl.create_default_context(cafile=str(made.cert))
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)
        self._thread.start()

    def files(self, **options: Any) -> RowFiles:
        return RowFiles(None, **{"private_hosts": True, "tls": self.trust, "seconds": 5.0, **options})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    server = Host(tmp_path)
    yield server
    server.stop()


def gives(data: bytes, kind: str = "application/pdf", status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        given = {"Content_Type": kind, "Content_Length": str(len(data)), **headers}
        for name, value in given.items():
            if value:
                request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(data)

    return answer


def leads_to(url: str) -> Answer:
    return gives(b"", status=302, Location=url)


def test_it_fetches_a_link(host: Host) -> None:
    host.answers["/files/bill%20one.pdf?key=1"] = gives(b"%PDF one")
    files = host.files()
    assert load(files, f"{host.url}/files/bill%20one.pdf?key=1") == (
        Attachment("bill one.pdf", "application/pdf", b"%PDF one"),
    )
    assert [word.split()[0] for word in host.asked] == ["HEAD", "GET"]


def test_it_fetches_a_link_once_for_many_rows(host: Host) -> None:
    host.answers["/a.pdf"] = gives(b"%PDF")
    files = host.files()
    for _ in range(5):
        load(files, f"{host.url}/a.pdf")
    assert len(host.asked) == 2


@pytest.mark.parametrize(
    ("header", "kind", "name"),
    [
        ('attachment; filename="bill.pdf"', "application/pdf", "bill.pdf"),
        ("attachment; filename*=utf-8''M%C3%A4rz.pdf", "application/pdf", "März.pdf"),
        ('attachment; filename="../../x/bill.pdf"', "application/pdf", "bill.pdf"),
        ("", "text/csv", "download.csv"),
        ("", "", "download"),
        ("attachment; filename*=nonsense''%ff", "application/pdf", None),
    ],
)
def test_it_calls_a_file_as_its_host_does(host: Host, header: str, kind: str, name: str | None) -> None:
    host.answers["/download"] = gives(b"data", kind, Content_Disposition=header)
    [file] = load(host.files(), f"{host.url}/download")
    assert name is None or file.name == name


def test_it_follows_a_host_that_sends_it_on(host: Host) -> None:
    host.answers["/short"] = leads_to("/files/bill.pdf")
    host.answers["/files/bill.pdf"] = gives(b"%PDF")
    [file] = load(host.files(), f"{host.url}/short")
    assert (file.name, file.data) == ("bill.pdf", b"%PDF")


def test_it_does_not_go_in_circles(host: Host) -> None:
    host.answers["/a"] = leads_to("/a")
    assert "circles" in why(host.files(), f"{host.url}/a")


@pytest.mark.parametrize("aim", ["http://127.0.0.1/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1"])
def test_it_is_sent_on_to_nothing_but_https(host: Host, aim: str) -> None:
    host.answers["/a"] = leads_to(aim)
    assert "https" in why(host.files(), f"{host.url}/a")


def test_it_checks_every_hop(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host passes for a public one; the second is this machine."""
    host.answers["/a"] = leads_to("https://localhost/secret")
    monkeypatch.setattr("server.attachments.links.is_public", lambda address: address == "127.0.0.1" and not host.asked)
    with pytest.raises(PermanentError, match="private network \\(localhost"):
        asyncio.run(host.files(private_hosts=False).check(f"{host.url}/a"))
    assert host.asked == ["HEAD /a"]


@pytest.mark.parametrize(
    "link",
    [
        *("https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.0.0.1/x", "https://0.0.0.0/x"),
        *("https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data/", "https://[::ffff:127.0.0.1]/x"),
        *(
            "https://2130706433/x",
            "https://127.1/x",
            "https://0x7f000001/x",
            "https://[fe80::1]/x",
            "https://[fd00::1]/x",
        ),
    ],
)
def test_it_reaches_nothing_on_our_own_network(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, type: _socket.getaddrinfo(host, port, 0, type))
    assert "private network" in why(RowFiles(None, seconds=2), link)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False), ("::1", False)),
        *(("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("0.0.0.0", False), ("::", False)),
        *(("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True), ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False)),
        *(("fe80::1%eth0", False), ("fc00::1", False), ("ff02::1", False), ("169.254.169.254", False)),
    ],
)
def test_it_tells_a_public_address(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_it_connects_to_the_address_that_it_checked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that stands for something else at the second look (DNS rebinding) is looked up once only."""
    looked: list[str] = []
    real = socket.getaddrinfo

    def resolve(name: Any, *rest: Any, **more: Any) -> Any:
        if name == "files.example":
            looked.append(name)
            assert len(looked) == 1
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", rest[0]))]
        return real(name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    host.trust.check_hostname = False
    host.answers["/a.pdf"] = gives(b"%PDF")
    [file] = asyncio.run(host.files().load(f"{host.url.replace('127.0.0.1', 'files.example')}/a.pdf"))
    assert file.data == b"%PDF"


def test_it_refuses_a_name_one_of_whose_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    assert "private network" in why(RowFiles(None), "https://files.example/a.pdf")


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (gives(b"", status=404), "no file"),
        (gives(b"", status=403), "sign-in"),
        (gives(b"", status=418), "418"),
        (gives(b"<html>", "text/html"), "web page"),
        (gives(b"x" * 2000), "larger"),
        (gives(b"x", Content_Disposition='attachment; filename="a.exe"'), "refuse"),
    ],
)
def test_it_says_why_a_link_gives_no_file(host: Host, answer: Answer, part: str) -> None:
    host.answers["/token-of-the-link"] = answer
    sentence = why(host.files(most_bytes=1000), f"{host.url}/token-of-the-link")
    assert part in sentence
    assert "token-of-the-link" not in sentence, "what opens a file is a secret"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_it_tries_again_when_a_host_has_trouble(host: Host, status: int) -> None:
    host.answers["/a"] = gives(b"", status=status)
    for work in (host.files().check, host.files().load):
        with pytest.raises(TemporaryError):
            asyncio.run(work(f"{host.url}/a"))


def test_it_asks_for_the_file_where_a_host_does_not_tell_of_it(host: Host) -> None:
    """Links that were signed for reading answer nothing else."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        gives(b"%PDF", status=403 if request.command == "HEAD" else 200)(request)

    host.answers["/a.pdf"] = answer
    assert load(host.files(), f"{host.url}/a.pdf")[0].data == b"%PDF"


def test_it_stops_a_file_that_has_no_end(host: Host) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/pdf")
        request.end_headers()
        try:
            while request.command == "GET":
                request.wfile.write(b"x" * 60_000)
        except OSError:
            pass

    host.answers["/a.pdf"] = endless
    with pytest.raises(PermanentError, match="larger"):
        asyncio.run(host.files(most_bytes=1_000_000).load(f"{host.url}/a.pdf"))


def test_it_stops_a_host_that_dawdles(host: Host) -> None:
    over = threading.Event()

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        try:
            while not over.wait(0.02):
                request.wfile.write(b"x")
        except OSError:
            pass

    host.answers["/a.pdf"] = trickle
    began = time.monotonic()
    with pytest.raises(TemporaryError):
        asyncio.run(host.files(seconds=0.4).load(f"{host.url}/a.pdf"))
    over.set()
    assert time.monotonic() - began < 15


def test_it_takes_no_half_of_a_file(host: Host) -> None:
    def half(request: BaseHTTPRequestHandler) -> None:
        gives(b"%PDF", Content_Length="100")(request)
        request.close_connection = True

    host.answers["/a.pdf"] = half
    with pytest.raises(TemporaryError):
        asyncio.run(host.files().load(f"{host.url}/a.pdf"))


def test_it_trusts_no_unknown_certificate(host: Host) -> None:
    host.answers["/a.pdf"] = gives(b"%PDF")
    assert "trusted" in why(RowFiles(None, private_hosts=True), f"{host.url}/a.pdf")


@pytest.mark.parametrize(
    "link",
    [
        "http://files.example/a",
        "https://",
        "https://a b/c",
        "https://u:p@files.example/a",
        "https://x:99999/",
        "ftp://a/b",
    ],
)
def test_it_says_when_a_link_can_not_be_used(link: str) -> None:
    why(RowFiles(None), link)


def test_it_says_when_there_is_no_such_host() -> None:
    with pytest.raises((PermanentError, TemporaryError)):
        asyncio.run(RowFiles(None, seconds=3).check("https://nowhere.invalid/a.pdf"))
