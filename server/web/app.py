"""The Flask application with what its handlers need: settings, services and the use cases. No routes here."""

from __future__ import annotations

import threading
from typing import Any, cast

from flask import Response, current_app
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from server.campaigns import CampaignService
from server.config import Settings
from server.left_out import Recent
from server.services import Services
from server.web.arranged import Changes
from server.web.problems import explain_fields
from server.web.schemas import Problem
from server.web.tables import Tables
from server.web.tokens import Tokens
from server.web.waking import Waker

STREAMS = 8
"""Event streams at once: each holds one of gunicorn's 16 threads, and webhooks need the others. With twenty panels open
on 10,000 rows that change all the time the others poll, and everybody else is answered within some 20 ms."""

ABOUT = """What the panel in Google Sheets, Excel and on the desk uses. Every path under `/api` needs
`Authorization: Bearer <token>` with the token that was printed at start (a browser gets a cookie from it instead).
Errors are `application/problem+json`; their `detail` is a sentence for the person who meets them."""


class WebApp(OpenAPI):
    """Flask, with our services at hand and pydantic models as answers."""

    def __init__(self, settings: Settings, services: Services) -> None:
        super().__init__(
            "server.web",
            info=Info(title="Cellback", version="1", description=ABOUT),
            security_schemes={"token": {"type": "http", "scheme": "bearer"}},
            doc_ui=False,
            validation_error_model=Problem,
            validation_error_callback=explain_fields,
        )
        self.settings = settings
        self.services = services
        services.desk = True
        self.campaigns = CampaignService(services)
        self.tables = Tables()
        self.left_out = Recent()
        self.changes = Changes()
        self.waker = Waker(services)
        self.tokens = Tokens(settings.secret(), services.cipher, services.clock)
        self.streams = threading.BoundedSemaphore(STREAMS)

    def make_response(self, rv: Any) -> Response:
        """As Flask does it, and a pydantic model becomes JSON."""
        if isinstance(rv, BaseModel):
            rv = self.response_class(rv.model_dump_json(), mimetype="application/json")
        return super().make_response(rv)


def here() -> WebApp:
    """The application that serves the present request; itself, not Flask's proxy, so that a stream may keep it."""
    return cast(WebApp, current_app._get_current_object())  # type: ignore[attr-defined]
