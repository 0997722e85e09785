"""Dates as records write them: a year, a month, a day or an instant, compared without inventing precision."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

import msgspec

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?", re.ASCII | re.DOTALL)


class PartialDate(msgspec.Struct, frozen=True, gc=False):
    """A day that lies between two days, both included, and the date as it was written."""

    earliest: date
    latest: date
    text: str

    def __str__(self) -> str:
        return self.text


def read_date(value: object) -> PartialDate | None:
    """The date an element holds (text, date or datetime), or None where it holds no date."""
    if isinstance(value, str):
        return _parse(value)
    if isinstance(value, datetime):
        value = value.date()
    return PartialDate(value, value, value.isoformat()) if isinstance(value, date) else None


def _parse(text: str) -> PartialDate | None:
    if text[4:8:3] == "--" and text[10:11] in ("", "T"):  # a day, alone or with a time, as nearly all are written
        try:
            whole = date.fromisoformat(text[:10])
        except ValueError:
            return None
        return PartialDate(whole, whole, text[:10])
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # the pattern has no match without a year
    try:
        if day is not None and month is not None:
            whole = date(year, month, day)
            return PartialDate(whole, whole, whole.isoformat())
        if month is not None:
            last = monthrange(year, month)[1]
            return PartialDate(date(year, month, 1), date(year, month, last), f"{year:04}-{month:02}")
        return PartialDate(date(year, 1, 1), date(year, 12, 31), f"{year:04}")
    except ValueError:
        return None


def months_between(start: date, end: date) -> Decimal:
    """Calendar months from one day to another; a begun month counts as a part, so `> 6` means later than 6 months."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    rest = (end - add_months(start, months)).days
    return months + (Decimal(rest) / 32).quantize(Decimal("0.01"))


def add_months(start: date, months: int) -> date:
    """The same day some calendar months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
