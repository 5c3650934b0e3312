"""Cellback. `create_app` puts the web adapter together: blueprints and the error table, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.config import Settings
    from server.services import Services
    from server.web.app import WebApp


def create_app(settings: Settings | None = None, services: Services | None = None) -> WebApp:
    """The WSGI application (`gunicorn "server:create_app()"`), with its own services unless some are handed in.

    Raises ConfigError when the environment is not fit to start with.
    """
    # Imported here, so that a worker or a test of the domain does not pay for Flask.
    from server.config import load_settings
    from server.services import build
    from server.web import auth, cors, docs, excel, excel_pane, google, headers, limits, pages, problems, webhooks
    from server.web.answers import routes as answers
    from server.web.api import routes as api
    from server.web.app import WebApp
    from server.web.approvals import routes as approvals
    from server.web.bench import routes as bench
    from server.web.condition import routes as condition
    from server.web.conversation import routes as conversation
    from server.web.grid import routes as grid
    from server.web.health import routes as health
    from server.web.left_out import routes as left_out
    from server.web.looks import routes as looks
    from server.web.mailbox import routes as mailbox
    from server.web.metrics import routes as metrics
    from server.web.model_use import routes as model_use
    from server.web.plans import routes as plans
    from server.web.redrafts import routes as redrafts
    from server.web.reviews import routes as reviews
    from server.web.saved import routes as saved
    from server.web.sending import routes as sending
    from server.web.sheet import routes as sheet
    from server.web.steps import routes as steps
    from server.web.stream import routes as stream
    from server.web.unmatched import routes as unmatched
    from server.web.workbooks import routes as workbooks

    settings = settings or load_settings()
    app = WebApp(settings, services or build(settings))
    limits.set_on(app)
    auth.guard(app)
    headers.add(app)
    cors.add(app)
    problems.register(app)
    campaigns = (
        api,
        approvals,
        plans,
        model_use,
        stream,
        reviews,
        steps,
        saved,
        left_out,
        looks,
        answers,
        conversation,
        unmatched,
        redrafts,
        sending,
    )
    for blueprint in (*campaigns, grid, bench, condition, sheet, workbooks, google.api, excel.api, mailbox, health):
        app.register_api(blueprint)
    for plain in (pages.routes, google.pages, excel_pane.pages, webhooks.routes, metrics, docs.routes, docs.swagger):
        app.register_blueprint(plain)
    return app
