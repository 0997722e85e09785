"""The day that a demonstration asks to be judged on, so that a year may pass while an audience watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from service.advise import Advisor
from service.errors import BadRequest

EXTENSION = "org.hoofbeats.today"


def on_requested_day(advisor: Advisor, extension: Any) -> Advisor:
    """The advisor on the day that a request's extension names; in production, and without one, as it was."""
    written = extension.get(EXTENSION) if isinstance(extension, dict) else None
    if written is None or advisor.settings.profile != "demo":
        return advisor
    try:
        day = date.fromisoformat(written)
    except (TypeError, ValueError):
        raise BadRequest(f"extension.{EXTENSION} is not a date such as 2026-11-20") from None
    return replace(advisor, settings=replace(advisor.settings, today=day))
