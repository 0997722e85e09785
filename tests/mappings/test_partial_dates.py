"""Dates as records write them, and months between days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.dates import add_months, months_between, read_date

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("written", "earliest", "latest", "text"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("2026-05", date(2026, 5, 1), date(2026, 5, 31), "2026-05"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("2026-05-04", date(2026, 5, 4), date(2026, 5, 4), "2026-05-04"),
        ("2026-05-04T23:59:59+02:00", date(2026, 5, 4), date(2026, 5, 4), "2026-05-04"),
        ("2026-05-04 10:00", date(2026, 5, 4), date(2026, 5, 4), "2026-05-04"),
        (" 2026-05 ", date(2026, 5, 1), date(2026, 5, 31), "2026-05"),
        ("   2026-05", date(2026, 5, 1), date(2026, 5, 31), "2026-05"),
        (date(2026, 5, 4), date(2026, 5, 4), date(2026, 5, 4), "2026-05-04"),
        (datetime(2026, 5, 4, 23, 59, tzinfo=UTC), date(2026, 5, 4), date(2026, 5, 4), "2026-05-04"),
    ],
)
def test_date_is_read_without_inventing_a_day(written: object, earliest: date, latest: date, text: str) -> None:
    found = read_date(written)

    assert found is not None
    assert (found.earliest, found.latest, str(found)) == (earliest, latest, text)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "26",
        "2026-13",
        "2026-02-30",
        "0000",
        "04.05.2026",
        "2026-5-4",
        "2026-05-",
        "20260504",
        "2026-W1-04",
        "2026-W19-1",
        "2026-05-\u0660\u0664",
        None,
        2026,
        True,
    ],
)
def test_what_is_no_date_is_none(written: object) -> None:
    found = read_date(written)

    assert found is None


@given(st.one_of(st.text(), st.integers(), st.none(), st.dates(), st.datetimes(), st.from_regex(r"\d{4}-\d{2}-\d{2}")))
def test_reading_a_date_never_raises_and_never_turns_time_around(written: object) -> None:
    found = read_date(written)

    assert found is None or found.earliest <= found.latest


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 5, 20), date(2026, 11, 20), "6"),
        (date(2026, 5, 20), date(2026, 11, 21), "6.03"),
        (date(2026, 1, 31), date(2026, 2, 28), "1"),
        (date(2024, 1, 31), date(2024, 2, 29), "1"),
        (date(2024, 2, 29), date(2025, 2, 28), "12"),
        (date(2024, 2, 29), date(2028, 2, 29), "48"),
        (date(2026, 11, 20), date(2026, 11, 20), "0"),
        (date(2026, 11, 20), date(2026, 11, 19), "-0.06"),
    ],
)
def test_months_are_whole_at_the_same_day_or_at_the_last_of_a_shorter_month(
    start: date, end: date, months: str
) -> None:
    found = months_between(start, end)

    assert found == Decimal(months)


@given(DAYS, st.integers(0, 600))
def test_months_added_are_the_months_between(start: date, months: int) -> None:
    end = add_months(start, months)

    assert months_between(start, end) == months


@given(DAYS, DAYS, DAYS)
def test_later_day_is_never_fewer_months_away(start: date, one: date, other: date) -> None:
    sooner, later = sorted([one, other])

    assert months_between(start, sooner) <= months_between(start, later)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_are_added_up_to_the_last_day_of_the_month(start: date, months: int, end: date) -> None:
    found = add_months(start, months)

    assert found == end
