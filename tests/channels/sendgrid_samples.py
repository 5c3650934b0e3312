"""What SendGrid posts: samples of its documentation ("Event Webhook Reference"; the inbound forms as providers'
libraries have recorded them), scrubbed and with our arguments. The boundary of Inbound Parse is always the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from server.channels.sendgrid import SendGridChannel
from server.domain.reply import WebhookRequest
from tests.emulators.providers.signing import SendGridKey, wrong_sendgrid_key

KEY = SendGridKey()
API_KEY = "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"
URL = "https://cellback.example.org/webhooks/sendgrid"
SENDER = "Race Office <hello@mail.example.org>"
NOWHERE = "http://127.0.0.1:1"


def channel_at(api_url: str = NOWHERE, **more: Any) -> SendGridChannel:
    """A channel that believes `KEY`."""
    options: dict[str, Any] = {
        "webhook_keys": [KEY.public],
        "inbound_domain": "reply.example.org",
        "base_url": "https://cellback.example.org",
        "answer_seconds": 5.0,
    }
    return SendGridChannel(API_KEY, SENDER, api_url=api_url, **{**options, **more})


def signed(
    body: bytes, *, key: str = "right", age: float = 0.0, url: str = URL, content_type: str = "application/json"
) -> WebhookRequest:
    """The request as posted."""
    signer, timestamp = (KEY if key == "right" else wrong_sendgrid_key()), str(int(time.time() - age))
    headers = {
        "x-twilio-email-event-webhook-signature": signer.sign(timestamp, body),
        "x-twilio-email-event-webhook-timestamp": timestamp,
        "content-type": content_type,
    }
    return WebhookRequest("POST", url, headers, body, content_type)


TOKEN = "abcdefghjkmnpqrstuvwxyz2"
COMMON: dict[str, Any] = {
    "email": "ana.lopez@example.org",
    "timestamp": 1795255200,
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    "category": ["cat facts"],
    "cellback_token": TOKEN,
    "cellback_message": "msg_7f3k9w2m4qabcdef",
}


def batch(*events: Mapping[str, Any]) -> bytes:
    """As posted: compact, a line break at its end that is signed as well."""
    return json.dumps([{**COMMON, **event} for event in events], separators=(",", ":")).encode() + b"\r\n"


PROCESSED: dict[str, Any] = {"event": "processed", "sg_event_id": "rbtnWrG1DVDGGGFHFyun0A=="}
DEFERRED = {
    "event": "deferred",
    "sg_event_id": "t7LEShmowp86DTdUW8M-GQ==",
    "response": "400 try again later",
    "attempt": "5",
}
DELIVERED: dict[str, Any] = {
    "event": "delivered",
    "sg_event_id": "rWVYmVk90MjZJ9iohOBa3w==",
    "response": "250 OK",
    "tls": 1,
}
BOUNCE = {
    "event": "bounce",
    "type": "bounce",
    "status": "5.1.1",
    "reason": "550 5.1.1 <ana.lopez@example.org>: The email account that you tried to reach does not exist.",
    "bounce_classification": "Invalid Address",
    "sg_event_id": "6g4ZI7SA-xmRDv57GoPIPw==",
}
BLOCKED = {
    **BOUNCE,
    "type": "blocked",
    "status": "5.7.1",
    "reason": "554 5.7.1 [CS01] Message blocked due to spam",
    "sg_event_id": "blocked==",
}
SOFT = {**BOUNCE, "status": "4.2.2", "reason": "452 4.2.2 Mailbox full", "sg_event_id": "soft=="}
DROPPED = {"event": "dropped", "sg_event_id": "zmzJhfJgAfUSOW80yEbPyw==", "reason": "Spam Content", "status": "5.0.0"}
OPEN = {
    "event": "open",
    "sg_event_id": "FOTFFO0ecsBE-zxFXfs6WA==",
    "useragent": "Mozilla/4.0",
    "ip": "255.255.255.255",
    "sg_machine_open": False,
}
MACHINE = {**OPEN, "sg_event_id": "machine==", "sg_machine_open": True}
CLICK = {
    "event": "click",
    "sg_event_id": "kCAi1KttyQdEKHhdC-nuEA==",
    "url": "https://example.org/",
    "url_offset": {"index": 0, "type": "html"},
}
SPAM = {"event": "spamreport", "sg_event_id": "37nvH5QBz858KGVYCM4uOA=="}
UNSUBSCRIBE = {"event": "unsubscribe", "sg_event_id": "zz_BjPgU_5pS-J8vlfB1sg=="}
GROUP = {"event": "group_unsubscribe", "sg_event_id": "ahSCB7xYcXFb-hEaawsPRw==", "asm_group_id": 10}
RESUBSCRIBE = {"event": "group_resubscribe", "sg_event_id": "w_u0vJhLT-OFfprar5N93g==", "asm_group_id": 10}

BOUNDARY = "xYzZY"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(fields: Mapping[str, bytes | str], files: Mapping[str, tuple[str, bytes]] | None = None) -> bytes:
    """A multipart body."""
    out = bytearray()
    for name, value in fields.items():
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        out += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    for name, (file, data) in (files or {}).items():
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'.encode()
        out += b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n"
    return bytes(out) + f"--{BOUNDARY}--\r\n".encode()


HEADERS = f"""Received: by mx0047p1mdw1.sendgrid.net with SMTP id 6WCVv7KAWn Wed, 27 Jul 2016 20:53:06 +0000 (UTC)
MIME-Version: 1.0
Received: by 10.140.238.66 with HTTP; Wed, 27 Jul 2016 13:53:06 -0700 (PDT)
From: Ana =?utf-8?q?L=C3=B3pez?= <ana.lopez@example.org>
Date: Wed, 27 Jul 2016 13:53:06 -0700
Message-ID: <CAN_P_JMvV7ZpAQhOnDienypLrJmuhN=LQWweu4yRw4iQs@mail.example.org>
In-Reply-To: <msg_7f3k9w2m4qabcdef.{TOKEN}@mail.example.net>
Subject: Re: Your start time
To: r+{TOKEN}@reply.example.org
Content-Type: multipart/alternative; boundary=001a113ee97c89842f0538a4bf5b
"""
PARSED: dict[str, bytes | str] = {
    "headers": HEADERS,
    "dkim": "{@example.org : pass}",
    "to": f"r+{TOKEN}@reply.example.org",
    "html": '<div dir="ltr">Yes, that suits me — Ana</div>',
    "from": "Ana López <ana.lopez@example.org>",
    "text": "Yes, that suits me — Ana\n",
    "sender_ip": "209.85.220.181",
    "envelope": json.dumps({"to": [f"r+{TOKEN}@reply.example.org"], "from": "ana.lopez@example.org"}),
    "attachments": "0",
    "subject": "Re: Your start time",
    "charsets": '{"to":"UTF-8","html":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"UTF-8"}',
    "SPF": "pass",
}
RAW_MAIL = f"""From: Ben <ben@example.org>
Date: Thu, 12 Oct 2026 18:03:30 -0700
Message-ID: <CAEPk3RKEx@mail.example.org>
Subject: Re: Your start time
To: r+{TOKEN}@reply.example.org
MIME-Version: 1.0
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: 8bit

Ja, das paßt für mich.
""".replace("\n", "\r\n").encode("iso-8859-1")
RAW: dict[str, bytes | str] = {
    **{name: value for name, value in PARSED.items() if name not in {"headers", "html", "text"}},
    "email": RAW_MAIL,
}
NOBODY: dict[str, bytes | str] = {"headers": "", "from": "", "text": "", "envelope": "{}"}
