"""The day that a demonstration asks to be judged on, so that a year may pass while an audience watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from service.advise import Advisor
from service.errors import BadRequest
from service.schema_check import undecodable

EXTENSION = "org.hoofbeats.today"


class _Envelope(msgspec.Struct):
    extension: Any = None


def on_requested_day(advisor: Advisor, body: bytes) -> Advisor:
    """The advisor on the day that the request's extension names; in production, and without one, as it was."""
    if advisor.settings.profile != "demo" or EXTENSION.encode() not in body:
        return advisor
    day = _requested(body)
    return replace(advisor, settings=replace(advisor.settings, today=day)) if day else advisor


def _requested(body: bytes) -> date | None:
    try:
        extension = msgspec.json.decode(body, type=_Envelope).extension
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise undecodable(error) from None
    written = extension.get(EXTENSION) if isinstance(extension, dict) else None
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        raise BadRequest(f"extension.{EXTENSION} is not a date such as 2026-11-20") from None
