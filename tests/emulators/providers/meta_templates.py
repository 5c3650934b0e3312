"""WhatsApp templates at Meta's, and how a message fills one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.meta_errors import refused
from tests.emulators.providers.provider import Provider, json_answer

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass
class Template:
    """One language of one template. `status`: APPROVED, PENDING, REJECTED, PAUSED or DISABLED."""

    name: str
    language: str
    body: str
    buttons: list[str] = field(default_factory=list)
    """What is written on the quick-reply buttons."""
    header: str = ""
    footer: str = ""
    status: str = "APPROVED"
    category: str = "UTILITY"
    id: str = field(default_factory=lambda: str(secrets.randbelow(10**15)))

    @property
    def variables(self) -> list[str]:
        """The names in the body, in the order of their first use."""
        return list(dict.fromkeys(VARIABLE.findall(self.body)))

    def rendered(self, given: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
        """The text with its parameters, and the buttons (payload, title). Raises Refused."""
        payloads: dict[int, str] = {}
        values: dict[str, str] = {}
        for component in given.get("components", []):
            parameters = component.get("parameters", [])
            kind = component["type"].lower()
            if kind == "button":
                payloads[int(component.get("index", 0))] = self._payload(component, parameters)
            elif kind == "body":
                values = self._values(parameters)
        if set(values) != set(self.variables):
            raise refused(132000, f"body: number of localizable_params ({len(values)}) does not match the expected "
                          f"number of params ({len(self.variables)})")  # fmt: skip
        text = VARIABLE.sub(lambda match: values[match[1]], self.body)
        return text, [(payloads.get(index, title), title) for index, title in enumerate(self.buttons)]

    def _payload(self, component: dict[str, Any], parameters: list[dict[str, Any]]) -> str:
        index = int(component.get("index", 0))
        fits = len(parameters) == 1 and parameters[0].get("type") == "payload" and parameters[0].get("payload")
        if component.get("sub_type", "").lower() != "quick_reply" or index >= len(self.buttons) or not fits:
            raise refused(132012, f"buttons: button at index {index} of type QuickReply does not fit the template")
        return str(parameters[0]["payload"])

    def _values(self, parameters: list[dict[str, Any]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for place, parameter in enumerate(parameters, 1):
            text = parameter.get("text", "")
            if parameter["type"] != "text" or not text or re.search(r"[\n\t]| {5,}", text):
                raise refused(132012, "body: Param text cannot have new-line/tab characters or more than 4 "
                              "consecutive spaces, and must not be empty")  # fmt: skip
            found[parameter.get("parameter_name", str(place))] = text
        return found


class MetaTemplates(Provider):
    """The part of Meta's that keeps templates."""

    waba_id = ""

    def __init__(self, *given: Any) -> None:
        self.templates: dict[tuple[str, str], Template] = {}
        super().__init__(*given)

    def clear(self) -> None:
        super().clear()
        self.templates.clear()

    def template(self, name: str, body: str, buttons: Sequence[str] = (), *, language: str = "en",
                 status: str = "APPROVED", category: str = "UTILITY") -> Template:  # fmt: skip
        """Put a template there. `body` may hold {{1}} or {{name}}."""
        made = Template(name, language, body, list(buttons), status=status, category=category)
        self.templates[name, language] = made
        return made

    def template_of(self, body: dict[str, Any]) -> Template:
        """The template that a message names, when it may be sent. Raises Refused."""
        name, language = body["template"]["name"], body["template"]["language"]["code"]
        found = self.templates.get((name, language))
        if found is None or found.status in ("PENDING", "REJECTED"):
            raise refused(132001, f"template name ({name}) does not exist in {language}")
        if found.status in ("PAUSED", "DISABLED"):
            raise refused(132015 if found.status == "PAUSED" else 132016)
        return found

    def _templates(self, request: Request, node: str) -> Answer:
        if node != self.waba_id:
            raise refused(100, f"Object with ID '{node}' does not exist")
        asked = request.asked
        found = [_listed(each) for each in self.templates.values()
                 if asked.get("name", each.name) == each.name and asked.get("status", each.status) == each.status
                 and asked.get("language", each.language) == each.language]  # fmt: skip
        return json_answer({"data": found, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})


def _listed(template: Template) -> dict[str, Any]:
    components: list[dict[str, Any]] = [{"type": "BODY", "text": template.body}]
    if template.buttons:
        buttons = [{"type": "QUICK_REPLY", "text": title} for title in template.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    named = not all(name.isdigit() for name in template.variables)
    return {"name": template.name, "language": template.language, "status": template.status, "id": template.id,
            "category": template.category, "parameter_format": "NAMED" if named else "POSITIONAL",
            "components": components}  # fmt: skip
