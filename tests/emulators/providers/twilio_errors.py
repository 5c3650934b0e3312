"""Twilio's errors: its numbers and words. Source: twilio.com/docs/api/errors."""

from __future__ import annotations

from tests.emulators.providers.http import Answer
from tests.emulators.providers.provider import Refused, json_answer

AT_ONCE: dict[int, tuple[int, str]] = {
    20001: (400, "Unknown parameter '{0}'"),
    20003: (401, "Authentication Error - invalid username"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service is unavailable. Please try again"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required."),
    21210: (400, "The source phone number provided, {0}, is not yet verified for your account."),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21213: (400, "'From' phone number is required."),
    21217: (400, "Phone number does not appear to be valid"),
    21220: (400, "Unable to update record. Call is not in-progress. Cannot redirect."),
    21408: (403, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {0}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21608: (400, "The number {0} is unverified. Trial accounts cannot send messages to unverified numbers"),
    21609: (400, "The StatusCallback URL {0} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "To number: {0}, is not a mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21655: (400, "The ContentSid is Invalid"),
    21656: (400, "The Content Variables parameter is invalid."),
    21659: (400, "'{0}' is not a Twilio phone number or Short Code country mismatch"),
    21705: (400, "The Messaging Service Sid {0} is invalid."),
    21910: (400, "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel"),
    63007: (400, "Twilio could not find a Channel with the specified From address"),
}
"""Number -> status and message, for what is refused at once."""

LATER: dict[int, str] = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30034: "Message from an Unregistered Number",
    63003: "Channel could not find To address",
    63016: "Failed to send freeform message because you are outside the allowed window. If you are using WhatsApp, "
    "please use a Message Template.",
    63018: "Rate limit exceeded for Channel",
    63024: "Invalid message recipient",
    63027: "Template does not exist for a language / locale",
    63028: "Number of parameters provided does not match the expected number of parameters",
    63041: "Template Paused",
    63042: "Template Disabled",
}  # fmt: skip
"""Number -> message, for what fails after it was taken."""


def answer(code: int, *about: str, headers: dict[str, str] | None = None) -> Answer:
    """An error as Twilio words it."""
    status, message = AT_ONCE[code]
    body = {"code": code, "message": message.format(*about), "more_info": more_info(code), "status": status}
    if code == 20003:
        body["detail"] = "Your AccountSid or AuthToken was incorrect."
    return json_answer(body, status, headers)


def refused(code: int, *about: str) -> Refused:
    """The same, to raise."""
    return Refused(answer(code, *about))


def more_info(code: int) -> str:
    """Where Twilio explains it."""
    return f"https://www.twilio.com/docs/errors/{code}"
