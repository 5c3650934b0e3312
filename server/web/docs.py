"""The OpenAPI document and its page, from our own files: nothing is loaded from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Response, jsonify

from server.web.app import here

routes = Blueprint("docs", __name__)
swagger = Blueprint(
    "swagger",
    __name__,
    static_folder=str(files("flask_openapi3_swagger") / "templates" / "swagger"),
    static_url_path="/docs/swagger",
)

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Swagger UI sets style attributes; it shows only our own document
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self' data:",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Cellback API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger/css/swagger-ui.css">
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger/js/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
"""

START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""


@routes.get("/openapi.json")
def document() -> Response:
    """The OpenAPI document, made from the pydantic models."""
    return jsonify(here().api_doc)


@routes.get("/docs")
def page() -> Response:
    """The document for people, with its own, slightly wider policy."""
    return Response(PAGE, mimetype="text/html", headers={"Content-Security-Policy": CSP})


@routes.get("/docs/start.js")
def start() -> Response:
    """Starts the page: a file of its own, because inline scripts are not allowed."""
    return Response(START, mimetype="text/javascript")
