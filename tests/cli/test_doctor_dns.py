"""What `doctor` says of the DNS of mail, against a name server on this machine."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from server.cli.doctor import names, records
from server.cli.doctor.names import Names
from server.config import Settings

KEY = "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
GOOD = {
    "send.club.zone TXT": ["v=spf1 include:amazonses.com ~all"],
    "resend._domainkey.club.zone TXT": [KEY],
    "_dmarc.club.zone TXT": ["v=DMARC1; p=quarantine; rua=mailto:d@club.zone"],
    "reply.club.zone MX": ["10 inbound-smtp.eu-west-1.amazonaws.com."],
}
SENDER = {"EMAIL_FROM": "Race <race@club.zone>", "INBOUND_EMAIL_DOMAIN": "reply.club.zone"}
RESEND = {**SENDER, "RESEND_API_KEY": "re_x"}


class NameServer:
    """Answers over UDP from `zone`: "name TYPE" -> records. To `silent` names it says nothing, to `broken` SERVFAIL."""

    def __init__(self) -> None:
        self.zone: Mapping[str, list[str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[str] = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(handler) -> None:
                data, from_there = handler.request
                answer = self.answer(dns.message.from_wire(data))
                if answer is not None:
                    from_there.sendto(answer.to_wire(), handler.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        self._thread.start()

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        asked = query.question[0]
        name, kind = str(asked.name).rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(f"{name} {kind}")
        if name in self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        found = self.zone.get(f"{name} {kind}", [])
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            texts = [f'"{one}"' if kind == "TXT" else one for one in found]
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *texts))
        elif not any(known.startswith(f"{name} ") for known in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply

    def resolver(self) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self._server.server_address[1]
        return resolver

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def started() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def server(started: NameServer, monkeypatch: pytest.MonkeyPatch) -> NameServer:
    started.zone, started.silent, started.broken = GOOD, set(), set()
    started.asked.clear()
    monkeypatch.setattr(names, "SECONDS", 0.3)
    return started


@pytest.fixture
def told(server: NameServer, settings: Callable[..., Settings]) -> Callable[..., dict[str, str]]:
    """What it says, by the name of the line."""

    def look(variables: Mapping[str, Any] = RESEND, *providers: str, **zone: list[str] | None) -> dict[str, str]:
        server.zone = {name: found for name, found in {**server.zone, **zone}.items() if found is not None}
        chosen = providers or ("resend",)
        found = asyncio.run(records.look(settings(**variables), chosen, Names(server.resolver())))
        assert all(one.text and not one.text.endswith(".") for one in found)
        return {one.name: f"{one.sign} {one.text}" for one in found}

    return look


def test_all_is_well(told: Callable[..., dict[str, str]]) -> None:
    found = told()
    assert {line.split()[0] for line in found.values()} == {"ok"}
    assert set(found) == {"resend spf", "resend dkim", "dmarc", "mx"}
    assert "p=quarantine" in found["dmarc"]
    assert "leads to Resend" in found["mx"]


@pytest.mark.parametrize(
    ("found", "sign", "word"),
    [
        (None, "warn", "Add a TXT record “v=spf1 include:amazonses.com ~all”"),
        (["something else"], "warn", "no SPF record"),
        (["v=spf10 include:amazonses.com"], "warn", "no SPF record"),
        (["v=spf1 include:other.example -all"], "warn", "Add include:amazonses.com"),
        (["v=spf1 include:amazonses.com ~all", "v=spf1 -all"], "warn", "make them one"),
        (["V=SPF1 INCLUDE:AMAZONSES.COM ~all"], "ok", "lets Resend send"),
        (["v=spf1 include:inner.club.zone ~all"], "ok", "lets Resend send"),
        (["v=spf1 redirect=inner.club.zone"], "ok", "lets Resend send"),
        (["v=spf1 include:loop.club.zone ~all"], "warn", "does not let Resend send"),
    ],
)
def test_spf_is_followed_where_it_leads(
    told: Callable[..., dict[str, str]], found: list[str] | None, sign: str, word: str
) -> None:
    inner = ["v=spf1 ip4:192.0.2.1 include:amazonses.com -all"]
    loop = ["v=spf1 include:loop.club.zone include:send.club.zone -all"]
    zone = {"send.club.zone TXT": found, "inner.club.zone TXT": inner, "loop.club.zone TXT": loop}
    line = told(RESEND, **zone)["resend spf"]
    assert line.startswith(sign)
    assert word in line


def test_spf_asks_no_more_than_who_receives_a_mail_would(
    told: Callable[..., dict[str, str]], server: NameServer
) -> None:
    zone = {f"{n}.club.zone TXT": [f"v=spf1 include:{n + 1}.club.zone -all"] for n in range(40)}
    told(RESEND, **zone, **{"send.club.zone TXT": ["v=spf1 include:0.club.zone -all"]})
    assert len([one for one in server.asked if one[0].isdigit()]) <= 10


def test_a_key_that_was_withdrawn_is_none(told: Callable[..., dict[str, str]]) -> None:
    sendgrid = {**SENDER, "SENDGRID_API_KEY": "SG.x"}
    zone = {"s1._domainkey.club.zone TXT": ["k=rsa; p="], "s2._domainkey.club.zone TXT": None}
    found = told(sendgrid, "sendgrid", **zone)
    assert found["sendgrid dkim"].startswith("warn")
    assert "s1, s2" in found["sendgrid dkim"]
    assert "Sender Authentication" in found["sendgrid dkim"]
    assert told(sendgrid, "sendgrid", **{"s2._domainkey.club.zone TXT": [f"k=rsa; t=s; {KEY}"]})[
        "sendgrid dkim"
    ].startswith("ok")


def test_a_provider_that_names_its_keys_itself_is_asked_about_them(told: Callable[..., dict[str, str]]) -> None:
    line = told(RESEND, **{"resend._domainkey.club.zone TXT": None})["resend dkim"]
    assert line.startswith("ok not under a usual name")
    assert "resend.com/domains" in line


def test_the_policy_of_the_domain_above_counts_too(told: Callable[..., dict[str, str]]) -> None:
    below = {**RESEND, "EMAIL_FROM": "race@news.club.zone"}
    assert "club.zone asks for p=quarantine" in told(below)["dmarc"]
    none = told(below, **{"_dmarc.club.zone TXT": None})["dmarc"]
    assert none.startswith("warn")
    assert "_dmarc.news.club.zone with “v=DMARC1; p=none”" in none
    twice = told(below, **{"_dmarc.club.zone TXT": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})["dmarc"]
    assert "keep one" in twice


@pytest.mark.parametrize(
    ("provider", "key", "server_name", "sign"),
    [
        ("sendgrid", {"SENDGRID_API_KEY": "SG.x"}, "mx.sendgrid.net.", "ok"),
        ("mailgun", {"MAILGUN_API_KEY": "k", "MAILGUN_DOMAIN": "mg.club.zone"}, "mxa.mailgun.org.", "ok"),
        ("mailgun", {"MAILGUN_API_KEY": "k", "MAILGUN_DOMAIN": "mg.club.zone"}, "mxb.eu.mailgun.org.", "ok"),
        ("resend", {"RESEND_API_KEY": "re_x"}, "inbound-smtp.us-east-1.amazonaws.com.", "ok"),
        ("resend", {"RESEND_API_KEY": "re_x"}, "mx.sendgrid.net.", "FAIL"),
        ("resend", {"RESEND_API_KEY": "re_x"}, "inbound-smtp.eu.amazonaws.com.evil.example.", "FAIL"),
        (
            "smtp",
            {"SMTP_URL": "smtp://mail.club.zone", "IMAP_URL": "imaps://a:b@mail.club.zone"},
            "mail.club.zone.",
            "ok",
        ),
    ],
)
def test_replies_reach_who_reads_them(
    told: Callable[..., dict[str, str]], provider: str, key: dict[str, str], server_name: str, sign: str
) -> None:
    line = told({**SENDER, **key}, provider, **{"reply.club.zone MX": ["20 other.example.", f"5 {server_name}"]})["mx"]
    assert line.startswith(sign)
    assert server_name.rstrip(".") in line or sign == "ok"


@pytest.mark.parametrize("found", [None, ["0 ."]])
def test_a_domain_that_takes_no_mail_fails_with_the_record_to_add(
    told: Callable[..., dict[str, str]], found: list[str] | None
) -> None:
    line = told(RESEND, **{"reply.club.zone MX": found})["mx"]
    assert line.startswith("FAIL reply.club.zone has no MX record")
    assert "inbound-smtp.<region>.amazonaws.com" in line


def test_it_says_where_replies_stay_unread(told: Callable[..., dict[str, str]]) -> None:
    alone = {"EMAIL_FROM": "race@club.zone"}
    smtp = {**alone, "SMTP_URL": "smtp://mail.club.zone"}
    assert "Set INBOUND_EMAIL_DOMAIN" in told({**alone, "RESEND_API_KEY": "re_x"})["replies"]
    assert "Set IMAP_URL" in told(smtp, "smtp")["replies"]
    assert "Set IMAP_URL" in told({**smtp, "INBOUND_EMAIL_DOMAIN": "reply.club.zone"}, "smtp")["replies"]
    assert "replies" not in told({**smtp, "IMAP_URL": "imaps://a:b@mail.club.zone"}, "smtp")


def test_a_mail_server_that_many_use_is_known_by_its_name(told: Callable[..., dict[str, str]]) -> None:
    gmail = {**SENDER, "SMTP_URL": "smtp://a:b@smtp.gmail.com:587", "IMAP_URL": "imaps://a:b@imap.gmail.com"}
    zone = {"club.zone TXT": ["v=spf1 include:_spf.google.com ~all"], "google._domainkey.club.zone TXT": [KEY]}
    found = told(gmail, "smtp", **zone)
    assert found["smtp spf"] == "ok club.zone lets Gmail send"
    assert found["smtp dkim"].startswith("ok")
    other = told({**gmail, "SMTP_URL": "smtp://mail.club.zone"}, "smtp", **zone)
    assert "spf=pass" in other["smtp spf"]
    assert "dkim=pass" in other["smtp dkim"]


def test_names_that_nobody_owns_are_not_looked_up(told: Callable[..., dict[str, str]], server: NameServer) -> None:
    tests = {"EMAIL_FROM": "a@mail.example.org", "INBOUND_EMAIL_DOMAIN": "reply.test", "RESEND_API_KEY": "re_x"}
    assert set(told(tests)) == {"dns"}
    assert server.asked == []


def test_without_mail_nothing_is_said(told: Callable[..., dict[str, str]], server: NameServer) -> None:
    assert told({}, "outbox", "twilio") == {}
    assert server.asked == []


@pytest.mark.parametrize("how", ["silent", "broken"])
def test_no_answer_is_told_from_no_record_and_does_not_take_long(
    told: Callable[..., dict[str, str]], server: NameServer, how: str
) -> None:
    getattr(server, how).update(["send.club.zone", "reply.club.zone"])
    found = told()
    for line in ("resend spf", "mx"):
        assert found[line].startswith("warn")
        assert "could not be looked up" in found[line]
    assert found["dmarc"].startswith("ok")


def test_what_stands_in_the_dns_can_not_break_the_lines(told: Callable[..., dict[str, str]]) -> None:
    found = told(
        RESEND, **{"_dmarc.club.zone TXT": ["v=DMARC1; p=\\027[31mred"], "send.club.zone TXT": ["v=spf1 \\200\\255"]}
    )
    assert all(line.isprintable() for line in found.values())
