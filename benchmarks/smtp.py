"""Mails a second through our SMTP channel, against smtplib in the same run and against the same server process."""

from __future__ import annotations

import asyncio
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from pathlib import Path

from server.channels.html import as_html
from server.channels.mail import MailWriter, wire_address
from server.channels.smtp import SmtpChannel
from server.domain.message import Outgoing

SENDER = "Race Office <race@example.org>"
MAILS = 1000
SLOW_MAILS = 100
SLOW_SECONDS = 0.02
ROUNDS = 3


def letters(count: int) -> list[Outgoing]:
    """Personalised mails with letters beyond ASCII, as a real campaign has them."""
    return [
        Outgoing(
            message_id=f"msg_{n:016}",
            token=f"tok{n:021}",
            address=f"person{n}@example.org",
            person=f"Zoë Nº{n}",
            subject=f"Your start time, Zoë: 10:{n % 60:02}",
            text=f"Hi Zoë,\n\nyou are number {n} and start at 10:{n % 60:02} — does that suit you?\n\n"
            + "Notes. " * 60,
            unsubscribe_url=f"https://cellback.example.org/u/tok{n:021}",
        )
        for n in range(count)
    ]


@contextmanager
def server(delay: float, record: Path) -> Iterator[int]:
    """The mail server in a process of its own; its port."""
    command = [
        sys.executable,
        "-m",
        "tests.emulators.smtp",
        "--script",
        f'{{"delay": {delay}}}',
        "--record",
        str(record),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def ours(port: int, mails: list[Outgoing], concurrency: int) -> None:
    """Our channel, with that many connections."""

    async def work() -> None:
        channel = SmtpChannel(
            f"smtp://127.0.0.1:{port}", SENDER, inbound_domain="in.example.org", concurrency=concurrency
        )
        await asyncio.gather(*(channel.send(mail) for mail in mails))
        await channel.close()

    asyncio.run(work())


def plain(mail: Outgoing) -> EmailMessage:
    """What a script with the standard library would build."""
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = formataddr((mail.person, mail.address))
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail.message_id}@example.org>"
    message["Reply-To"] = f"r+{mail.token}@in.example.org"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message.set_content(mail.text)
    message.add_alternative(as_html(mail.text), subtype="html")
    return message


def one_connection(port: int, mails: list[Outgoing]) -> None:
    """smtplib, one connection for all."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
        for mail in mails:
            client.send_message(plain(mail))


def connection_per_mail(port: int, mails: list[Outgoing]) -> None:
    """smtplib, as most scripts use it."""
    for mail in mails:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as client:
            client.send_message(plain(mail))


def rate(work: Callable[[int, list[Outgoing]], None], port: int, count: int, rounds: int) -> float:
    """Mails a second, the median of several rounds."""
    mails, rates = letters(count), []
    for _ in range(rounds):
        began = time.perf_counter()
        work(port, mails)
        rates.append(count / (time.perf_counter() - began))
    return statistics.median(rates)


def compare(title: str, delay: float, count: int, rounds: int, connections: tuple[int, ...]) -> None:
    """One table: every way of sending against the same server."""
    ways: dict[str, Callable[[int, list[Outgoing]], None]] = {
        "smtplib, a connection per mail": connection_per_mail,
        "smtplib, one connection": one_connection,
    }
    for size in connections:
        ways[f"ours, {size} connections"] = lambda port, mails, size=size: ours(port, mails, size)  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder, server(delay, Path(folder) / "record") as port:
        rates = {name: rate(work, port, count, rounds) for name, work in ways.items()}
    baseline = rates["smtplib, a connection per mail"]
    print(f"{title}, {count} mails, median of {rounds}")
    for name, value in rates.items():
        print(f"  {name:32} {value:7.0f} mails/s  {value / baseline:5.1f}x")


def building() -> None:
    """Making the bytes of a mail, by hand and with EmailMessage."""
    mails, writer = letters(MAILS), MailWriter(SENDER, inbound_domain="in.example.org")
    began = time.process_time()
    for mail in mails:
        writer.write(mail, wire_address(mail.address), writer.mail_id(mail), eight_bit=True)
    by_hand = time.process_time() - began
    began = time.process_time()
    for mail in mails:
        plain(mail).as_bytes()
    standard = time.process_time() - began
    each = 1000 / MAILS
    print(f"building a mail: {by_hand * each:.3f} ms by hand, {standard * each:.3f} ms with EmailMessage")


def main() -> None:
    """All tables."""
    building()
    compare("local server", 0.0, MAILS, ROUNDS, (1, 4, 8, 16))
    compare(f"server that takes {SLOW_SECONDS * 1000:.0f} ms for each reply", SLOW_SECONDS, SLOW_MAILS, 1, (8, 16, 32))


if __name__ == "__main__":
    main()
