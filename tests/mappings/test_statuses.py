"""Statuses: what counts is one that FHIR has, and no two opposites share one."""

from __future__ import annotations

import pytest

from mappings import statuses


@pytest.mark.parametrize(
    "group",
    [
        statuses.WITHDRAWN,
        statuses.FINAL,
        statuses.OPEN,
        statuses.ENDING,
        statuses.CALLED_OFF,
        statuses.BEGUN,
        statuses.PERHAPS_BEGUN,
        statuses.TAKEN_OR_NOT_KNOWN,
        statuses.NEVER_TAKEN,
        statuses.PARTLY_TAKEN,
    ],
    ids=sorted,
)
def test_status_that_counts_is_one_of_fhir(group: frozenset[str]) -> None:
    assert group <= statuses.ALL


@pytest.mark.parametrize(
    ("group", "other"),
    [
        (statuses.FINAL, statuses.WITHDRAWN),
        (statuses.OPEN, statuses.ENDING),
        (statuses.BEGUN, statuses.PERHAPS_BEGUN),
        (statuses.BEGUN | statuses.PERHAPS_BEGUN, statuses.NEVER_TAKEN),
        (statuses.PRESENT, statuses.OVER),
        (statuses.REFUTED, statuses.SUSPECTED),
    ],
    ids=lambda group: "/".join(sorted(group)),
)
def test_opposites_share_no_status(group: frozenset[str], other: frozenset[str]) -> None:
    assert group.isdisjoint(other)


def test_status_of_a_problem_is_one_of_fhir_or_none() -> None:
    assert statuses.PRESENT - {""} | statuses.OVER == statuses.CLINICAL
    assert statuses.REFUTED | statuses.SUSPECTED <= statuses.VERIFICATION
