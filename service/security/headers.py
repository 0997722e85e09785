"""What every answer tells a browser: take it for what it is, run nothing in it, show it in no frame, tell nobody."""

from __future__ import annotations

from flask import Flask, Response

from service.settings import Settings

ENCLOSED = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": f"default-src 'none'; {ENCLOSED}",
}
_TWO_YEARS = "max-age=63072000; includeSubDomains"


def add_headers(app: Flask, settings: Settings) -> None:
    """Sets the headers that an answer does not bring itself; https for ever where clients see an https address."""
    headers = dict(_ALWAYS)
    if settings.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = _TWO_YEARS

    @app.after_request
    def enclose(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
