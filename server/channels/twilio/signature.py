"""What Twilio posts: a form in raw bytes, and whether Twilio signed it.

The signature is HMAC-SHA1 (or SHA256 with a shared key) over our public URL and the sorted fields; it has no time, so
only the events' unique ids stop a replay (facts/channels.md, "Twilio").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

from server.domain.reply import WebhookRequest
from server.errors import InvalidInput, SignatureError

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
LARGEST, MOST_FIELDS = 256 * 1024, 500
"""Far more than Twilio ever posts: a text has 1,600 characters, and ten pictures are ten addresses."""

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_ALGORITHMS = frozenset({"HMAC_SHA1", "HMAC_SHA256"})


class Form(dict[str, tuple[str, ...]]):
    """Fields with all their values, in the form that Twilio's validator reads."""

    def getlist(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self.get(name, ()))

    def first(self, name: str) -> str:
        """The field's value, "" where there is none; characters that no text has are gone."""
        found = self.get(name, ())
        return found[0].replace("\x00", "") if found else ""


def read_form(request: WebhookRequest) -> Form:
    """The posted fields. Raises InvalidInput when the body is no form in UTF-8, or larger than any of Twilio's."""
    if len(request.body) > LARGEST:
        raise InvalidInput("The webhook's body is larger than anything Twilio posts.")
    return _fields(request.body, "The webhook's body is no form.")


def read_query(request: WebhookRequest) -> Form:
    """The fields of our own address. Raises InvalidInput."""
    query = urlsplit(request.url).query
    return _fields(query.encode(), "The webhook's address is none of ours.") if query else Form()


def _fields(content: bytes, wrong: str) -> Form:
    try:
        text = content.decode("ascii")  # whatever else a text holds is percent-encoded
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise InvalidInput(wrong, detail=type(error).__name__) from None
    if not pairs:
        raise InvalidInput(wrong)
    form = Form()
    for name, value in pairs:
        form[name] = (*form.get(name, ()), value)
    return form


def is_json(request: WebhookRequest) -> bool:
    """Whether it says to be JSON, as Twilio's Event Streams and debugger are."""
    return _media_type(request) == _JSON


def read_json(request: WebhookRequest) -> None:
    """See that the body is a JSON object or list. Raises InvalidInput."""
    try:
        found = json.loads(request.body[: LARGEST + 1].decode())
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The webhook's body is not JSON in UTF-8.", detail=type(error).__name__) from None
    if not isinstance(found, dict | list):
        raise InvalidInput("The webhook's body is no JSON object.")


def check(request: WebhookRequest, tokens: Sequence[str]) -> None:
    """Believe a request only if Twilio signed it with one of these auth tokens. Raises SignatureError, nothing else."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    algorithm = get_signature_algorithm(request.headers.get(SETTINGS_HEADER, "")).upper()
    if not signature or algorithm not in _ALGORITHMS:  # the library would write an odd algorithm into the log
        raise SignatureError("The X-Twilio-Signature header is missing, or of an unknown kind.")
    try:
        signed = _signed_part(request)
        fits = [RequestValidator(token).validate(request.url, signed, signature, algorithm) for token in tokens]
    except Exception:
        # The validator raises TypeError and its like on hostile input; their texts may hold what was posted.
        raise SignatureError("The signature could not be checked: this is no request of Twilio's form.") from None
    if not any(fits):
        raise SignatureError("The signature does not fit: not from Twilio, or PUBLIC_BASE_URL or the token is wrong.")


def _signed_part(request: WebhookRequest) -> Form | str:
    """A form's fields; the text of JSON, of which a digest stands in the signed address (else the validator raises)."""
    if _media_type(request) == _FORM:
        return read_form(request)
    if is_json(request) and len(request.body) <= LARGEST:
        return request.body.decode()
    raise SignatureError("Twilio posts forms; this is none.")


def _media_type(request: WebhookRequest) -> str:
    return request.content_type.partition(";")[0].strip().lower()
