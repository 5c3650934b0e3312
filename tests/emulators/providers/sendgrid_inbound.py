"""SendGrid's Inbound Parse: a mail as a form, parsed or raw. Source: "Setting Up the Inbound Parse Webhook"."""

from __future__ import annotations

import json
from email.message import EmailMessage

from tests.emulators.providers.forms import Part
from tests.emulators.providers.mail import files_of


def parsed(mail: EmailMessage, sender: str, to: str) -> list[Part]:
    """The fields of the parsed form. Texts keep the charset of the mail; `charsets` says which."""
    charsets = dict.fromkeys(("to", "from", "subject"), "UTF-8")
    fields = _common(mail, sender, to)
    fields["headers"] = "".join(f"{name}: {value}\n" for name, value in mail.items()).encode()
    for name, kind in (("text", "plain"), ("html", "html")):
        body = mail.get_body((kind,))
        if body is not None:
            fields[name] = bytes(body.get_payload(decode=True) or b"")
            charsets[name] = body.get_content_charset("us-ascii")
    files = files_of(mail)
    fields["attachments"] = str(len(files)).encode()
    parts = []
    if files:
        about = {f"attachment{n}": {"filename": file.name, "name": file.name, "type": file.content_type}
                 for n, file in enumerate(files, 1)}  # fmt: skip
        fields["attachment-info"] = json.dumps(about).encode()
        parts = [Part(f"attachment{n}", file.data, file.name, file.content_type) for n, file in enumerate(files, 1)]
    fields["charsets"] = json.dumps(charsets).encode()
    return [Part(name, value) for name, value in fields.items()] + parts


def raw(mail: EmailMessage, sender: str, to: str) -> list[Part]:
    """The fields of "POST the raw, full MIME message": the mail is in `email`."""
    fields = _common(mail, sender, to)
    charsets = dict.fromkeys(("to", "from", "subject"), "UTF-8")
    body = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    fields |= {"email": body, "charsets": json.dumps(charsets).encode()}
    return [Part(name, value) for name, value in fields.items()]


def _common(mail: EmailMessage, sender: str, to: str) -> dict[str, bytes]:
    domain = sender.rpartition("@")[2]
    found = {
        "dkim": f"{{@{domain} : pass}}" if domain else "none",
        "to": str(mail["To"] or ""),
        "from": str(mail["From"] or ""),
        "sender_ip": "209.85.220.41",
        "envelope": json.dumps({"to": [to], "from": sender}),
        "subject": str(mail["Subject"] or ""),
        "SPF": "pass",
        "spam_score": "0.1",
        "spam_report": "Spam detection software, running on the system, has identified this incoming email",
    }
    return {name: value.encode() for name, value in found.items()}
