"""Security headers on every answer."""

from __future__ import annotations

from flask import Flask, Response, request

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)


def protect(response: Response) -> Response:
    """Add what is missing; a page with needs of its own (`/docs`) has set its policy before."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if not request.path.startswith(("/static/", "/docs/")):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def add(app: Flask) -> None:
    """Put the headers on every answer of the application."""
    app.after_request(protect)
