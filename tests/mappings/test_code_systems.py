"""Every code system of every value set reaches the findings that read the set."""

from __future__ import annotations

import pytest
from chart_builder import VOCABULARY, Resource, finding
from code_cases import CASES, code_cases

from mappings.findings import State

# The order services' own tests read the drafts.
_ELSEWHERE = {"selected_orders", "drafted_orders"}


def test_every_value_set_of_every_finding_has_a_case() -> None:
    named = {(d.name, value_set) for d in VOCABULARY.values() for value_set in d.value_sets}

    without_case = {pair for pair in named - set(CASES) if pair[0] not in _ELSEWHERE}

    assert without_case == set()


def test_every_case_reads_a_value_set_that_its_finding_names() -> None:
    named = {(d.name, value_set) for d in VOCABULARY.values() for value_set in d.value_sets}

    assert set(CASES) <= named


@pytest.mark.parametrize(
    ("name", "value_set", "system", "chart", "expected"),
    [pytest.param(*case, id="-".join(case[:3])) for case in code_cases()],
)
def test_first_code_of_a_system_is_read(
    name: str, value_set: str, system: str, chart: tuple[Resource, ...], expected: object
) -> None:
    found = finding(name, *chart)

    assert _shown(found.state, found.value, expected) == expected


def _shown(state: State, value: object, expected: object) -> object:
    """The value, the state where there is none; of a set, what was expected if it is among it."""
    if value is None:
        return state
    if isinstance(value, frozenset):
        return expected if expected in value else value
    return value if isinstance(value, str) else str(value)
