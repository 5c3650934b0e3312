"""Content templates of Twilio's (Content API v1), with their approval for WhatsApp."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.provider import json_answer
from tests.emulators.providers.twilio_base import TwilioBase
from tests.emulators.providers.twilio_errors import refused

VARIABLE = re.compile(r"\{\{(\w+)\}\}")
KINDS = ("twilio/text", "twilio/media", "twilio/quick-reply", "twilio/list-picker", "twilio/call-to-action",
         "twilio/card", "whatsapp/card", "whatsapp/authentication")  # fmt: skip
FAILURES = {"approved": "", "paused": "63041", "disabled": "63042"}


@dataclass
class Content:
    """One template. `approval`: unsubmitted, received, pending, approved, rejected, paused or disabled."""

    sid: str
    name: str
    types: dict[str, Any]
    language: str = "en"
    variables: dict[str, str] = field(default_factory=dict)
    approval: str = "unsubmitted"
    category: str = "UTILITY"
    date: str = ""

    @property
    def is_template(self) -> bool:
        """Whether it may open a conversation. What was never submitted is good inside the 24 hours only."""
        return self.approval != "unsubmitted"

    @property
    def failure(self) -> str:
        """Twilio's number for why it can't be sent; empty when it can."""
        return FAILURES.get(self.approval, "63027")

    def rendered(self, variables: str) -> tuple[str, list[tuple[str, str]]]:
        """The text with its variables filled, and its buttons (payload, title)."""
        given = {**self.variables, **json.loads(variables or "{}")}
        kind = next((each for each in KINDS if each in self.types), "")
        shown = self.types.get(kind, {})
        buttons = [
            (_filled(each.get("id") or each.get("title", ""), given),
             _filled(each.get("title", each.get("item", "")), given))
            for each in [*shown.get("actions", []), *shown.get("items", [])]
            if each.get("type", "QUICK_REPLY") == "QUICK_REPLY"
        ]  # fmt: skip
        return _filled(shown.get("body") or shown.get("title", ""), given), buttons


class TwilioContent(TwilioBase):
    """The part of Twilio's that keeps templates."""

    routes: tuple[tuple[str, str, str], ...] = (
        ("GET", "/v1/Content", "_contents"),
        ("POST", "/v1/Content", "_create"),
        ("GET", "/v1/ContentAndApprovals", "_approvals"),
        ("GET", "/v1/Content/(?P<sid>HX[0-9a-f]{32})", "_content"),
        ("DELETE", "/v1/Content/(?P<sid>HX[0-9a-f]{32})", "_delete"),
        ("GET", "/v1/Content/(?P<sid>HX[0-9a-f]{32})/ApprovalRequests", "_approval"),
        ("POST", "/v1/Content/(?P<sid>HX[0-9a-f]{32})/ApprovalRequests/whatsapp", "_submit"),
    )

    def __init__(self, *given: Any) -> None:
        self.contents: dict[str, Content] = {}
        super().__init__(*given)

    def clear(self) -> None:
        super().clear()
        self.contents.clear()

    def template(self, name: str, body: str, buttons: Mapping[str, str] | None = None, *, approval: str = "approved",
                 language: str = "en") -> Content:  # fmt: skip
        """Put a template there; `buttons`: payload -> title. Both may hold {{1}}."""
        kind = "twilio/quick-reply" if buttons else "twilio/text"
        actions = [{"type": "QUICK_REPLY", "title": title, "id": payload} for payload, title in (buttons or {}).items()]
        types = {kind: {"body": body, **({"actions": actions} if actions else {})}}
        found = Content(f"HX{secrets.token_hex(16)}", name, types, language, approval=approval)
        self.contents[found.sid] = found
        return found

    def _found(self, request: Request, sid: str) -> Content:
        if sid not in self.contents:
            raise refused(20404, request.path)
        return self.contents[sid]

    def _shown(self, content: Content) -> dict[str, Any]:
        url = f"{self.url}/v1/Content/{content.sid}"
        return {
            "sid": content.sid, "account_sid": self.account_sid, "friendly_name": content.name,
            "language": content.language, "variables": content.variables, "types": content.types, "url": url,
            "links": {"approval_create": f"{url}/ApprovalRequests/whatsapp",
                      "approval_fetch": f"{url}/ApprovalRequests"},
            "date_created": self.world.clock.iso(), "date_updated": self.world.clock.iso(),
        }  # fmt: skip

    def listed(self, request: Request, name: str, shown: list[dict[str, Any]]) -> Answer:
        """A page of a list, as Twilio's newer APIs have it."""
        size, number = int(request.asked.get("PageSize", "50")), int(request.asked.get("Page", "0"))
        base = f"{self.url}{request.path}?PageSize={size}&Page="
        more = len(shown) > (number + 1) * size
        meta = {"page": number, "page_size": size, "first_page_url": f"{base}0", "url": f"{base}{number}",
                "previous_page_url": f"{base}{number - 1}" if number else None, "key": name,
                "next_page_url": f"{base}{number + 1}" if more else None}  # fmt: skip
        return json_answer({"meta": meta, name: shown[number * size : (number + 1) * size]})

    def _contents(self, request: Request) -> Answer:
        return self.listed(request, "contents", [self._shown(each) for each in self.contents.values()])

    def _approvals(self, request: Request) -> Answer:
        shown = [{**self._shown(each), "approval_requests": _asked(each)} for each in self.contents.values()]
        return self.listed(request, "contents", shown)

    def _content(self, request: Request, sid: str) -> Answer:
        return json_answer(self._shown(self._found(request, sid)))

    def _delete(self, request: Request, sid: str) -> Answer:
        self._found(request, sid)
        del self.contents[sid]
        return Answer(204)

    def _approval(self, request: Request, sid: str) -> Answer:
        found = self._found(request, sid)
        return json_answer({"sid": sid, "account_sid": self.account_sid, "whatsapp": _asked(found),
                            "url": f"{self.url}{request.path}"})  # fmt: skip

    def _submit(self, request: Request, sid: str) -> Answer:
        found = self._found(request, sid)
        try:
            body = json.loads(request.body)
            found.name, found.category, found.approval = body["name"], body["category"], "received"
        except (ValueError, KeyError, TypeError):
            raise refused(20001, "name") from None
        return json_answer(_asked(found), 201)

    def _create(self, request: Request) -> Answer:
        try:
            body = json.loads(request.body)
            types, language = body["types"], body["language"]
        except (ValueError, KeyError, TypeError):
            raise refused(20001, "types") from None
        if not isinstance(types, dict) or not types or not set(types) <= set(KINDS):
            raise refused(20001, "types")
        made = Content(f"HX{secrets.token_hex(16)}", body.get("friendly_name", ""), types, language,
                       body.get("variables", {}))  # fmt: skip
        self.contents[made.sid] = made
        return json_answer(self._shown(made), 201)


def _asked(content: Content) -> dict[str, Any]:
    return {"name": content.name, "category": content.category, "content_type": next(iter(content.types)),
            "status": content.approval, "rejection_reason": "", "allow_category_change": True,
            "type": "whatsapp"}  # fmt: skip


def _filled(text: str, given: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: str(given.get(match[1], match[0])), text)
