"""Graph's errors, in the three levels that the Excel service uses: what HTTP says, what to do, what happened."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any


class GraphError(Exception):
    """An answer that is no success. `inner` is the second-level code to decide on, `detail` the third."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: str = "",
        detail: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.inner, self.detail = inner, detail
        self.headers = headers or {}

    def body(self, now: datetime, request_id: str = "") -> dict[str, Any]:
        """The error object as it goes over the wire."""
        innermost: dict[str, Any] = {"code": self.inner, "message": self.message} if self.inner else {}
        if self.detail:
            innermost["innerError"] = {"code": self.detail, "message": self.message}
        request_id = request_id or str(uuid.uuid4())
        innermost |= {
            "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request_id,
            "client-request-id": request_id,
        }
        return {"error": {"code": self.code, "message": self.message, "innerError": innermost}}


def malformed(message: str = "The request is malformed or incorrect.") -> GraphError:
    """400 for what no schema knows."""
    return GraphError(400, "invalidRequest", message, inner="badRequestUncategorized")


def invalid_argument(message: str = "The argument is invalid or missing or has an incorrect format.") -> GraphError:
    """400 for a value that Excel does not take."""
    return GraphError(400, "InvalidArgument", message, inner="invalidArgument")


def range_too_large() -> GraphError:
    """400 for more cells than one request may have."""
    message = "The cell count in range has exceeded the maximum supported number."
    return GraphError(400, "invalidRequest", message, inner="rangeExceedsLimit")


def unauthenticated(message: str = "Access token is empty.") -> GraphError:
    """401 of the gateway, before any service is asked."""
    challenge = {"WWW-Authenticate": 'Bearer realm="", error="invalid_token"'}
    return GraphError(401, "InvalidAuthenticationToken", message, headers=challenge)


def open_unauthorized() -> GraphError:
    """401 of the Excel service, which does not open this file for this identity at this address."""
    message = "You do not have permissions to open this file in the browser."
    code = "FileOpenUserUnauthorized"
    return GraphError(401, code, message, inner="unauthorizedUncategorized", detail=code)


def access_denied(message: str = "You cannot perform the requested operation.") -> GraphError:
    """403: read-only, a locked cell, a missing scope."""
    return GraphError(403, "AccessDenied", message, inner="accessDenied")


def item_not_found(message: str = "The requested resource doesn't exist.") -> GraphError:
    """404 for what is in no drive and in no workbook."""
    return GraphError(404, "ItemNotFound", message, inner="itemNotFound")


def session_gone() -> GraphError:
    """404 for a session that has expired, was closed or never was."""
    message = "The session specified in the request does not exist or is invalid due to a transient error."
    return GraphError(404, "InvalidSession", message, inner="invalidSessionReCreatable")


def not_allowed_method() -> GraphError:
    """405."""
    message = "The HTTP method in the request is not allowed on the resource."
    return GraphError(405, "methodNotAllowed", message, inner="methodNotAllowedUncategorized")


def access_conflict(in_session: bool) -> GraphError:
    """409: another client has locked the workbook."""
    code = "invalidSessionAccessConflict" if in_session else "accessConflict"
    message = "The request failed due to conflicts with other clients that are accessing the workbook."
    return GraphError(409, "conflict", message, inner=code)


def insert_delete_conflict() -> GraphError:
    """409 for an insertion or removal that tables or filters forbid."""
    message = "The insert or delete operation attempted resulted in a conflict."
    return GraphError(409, "conflict", message, inner="insertDeleteConflict")


def already_exists() -> GraphError:
    """409 for a second one of a name."""
    return GraphError(409, "ItemAlreadyExists", "The resource being created already exists.", inner="itemAlreadyExists")


def precondition_failed() -> GraphError:
    """412 for an If-Match that no longer does."""
    return GraphError(412, "resourceModified", "ETag does not match current item's value")


def too_large() -> GraphError:
    """413."""
    message = "The request payload exceeds the size limit."
    return GraphError(413, "requestSizeExceeded", message, inner="payloadTooLargeUncategorized")


def resource_locked() -> GraphError:
    """423 for new content while somebody has the file open."""
    return GraphError(423, "resourceLocked", "The resource you are attempting to access is locked")


def not_allowed() -> GraphError:
    """423 for a change of the file itself while it is checked out or locked."""
    return GraphError(423, "notAllowed", "The action is not allowed by the system: the file is locked.")


def unsupported_workbook(message: str = "") -> GraphError:
    """501: an old format, a password, too big, or features that the web does not open."""
    message = message or "The request failed. The workbook contains unsupported features or exceeds the size limit."
    return GraphError(501, "notImplemented", message, inner="unsupportedWorkbook")


def throttled(retry_after: str | None) -> GraphError:
    """429."""
    message = "The client app or user has been throttled. Please try your request again."
    return GraphError(
        429, "TooManyRequests", message, inner="tooManyRequestsUncategorized", headers=_retry(retry_after)
    )


def unavailable(retry_after: str | None = None) -> GraphError:
    """503."""
    message = "The service is temporarily unavailable or is overloaded. Please try your request again."
    return GraphError(
        503, "serviceUnavailable", message, inner="serviceUnavailableUncategorized", headers=_retry(retry_after)
    )


def bad_gateway() -> GraphError:
    """502."""
    return GraphError(502, "badGateway", "The gateway received an invalid response.")


def gateway_timeout(retry_after: str | None = None) -> GraphError:
    """504: nobody says whether it took effect."""
    message = "The service wasn't able to complete the request within the time limit."
    return GraphError(504, "gatewayTimeout", message, inner="gatewayTimeoutUncategorized", headers=_retry(retry_after))


def generic_file_open() -> GraphError:
    """500, now and then, on opening."""
    return GraphError(
        500,
        "internalServerError",
        "The workbook cannot be opened.",
        inner="internalServerErrorUncategorized",
        detail="GenericFileOpenError",
    )


def _retry(after: str | None) -> dict[str, str]:
    return {} if after is None else {"Retry-After": after}
