"""Every finding of the vocabulary: its plain value, nothing on record, contradictions, statuses that do not count."""

from __future__ import annotations

import pytest
from chart_builder import VOCABULARY, Resource, finding, findings_of, value, with_date, with_status
from code_cases import CASES
from finding_examples import EXAMPLES, Example

from mappings.findings import Finding, State
from mappings.screening.types import READ_TYPES
from mappings.vocabulary import Definition, Kind


def _is_measured(definition: Definition) -> bool:
    """Whether a finding is read from quantities, by their units."""
    if definition.name.endswith("_elevated"):
        return True
    return definition.kind is Kind.AMOUNT and definition.unit not in ("mo", "a") and definition.name != "lesion_count"


# What is known without any search: the site's settings, and the orders of the hook.
_NOT_ON_RECORD = {"sstr_pet_available", "selected_orders", "drafted_orders"}
_ON_RECORD = {name: example for name, example in EXAMPLES.items() if name not in _NOT_ON_RECORD}
_CONTESTED = {name: example for name, example in EXAMPLES.items() if example.otherwise}
# Where a day changes the value itself, or there is none; their own tests say how.
_TOLD_BY_DAYS = {
    "age",
    "prior_tumour_size",
    "tumour_growth_rate",
    "years_since_resection",
    "chromogranin_a_on_acid_suppression",
    "gastrin_on_acid_suppression",
    *(name for name in VOCABULARY if name.startswith("months_")),
}
_DATED = {name: example for name, example in _ON_RECORD.items() if name not in _TOLD_BY_DAYS}
# What another resource of the same day cannot contradict: steps and sets, to which it only adds; and what has a rule
# of its own for two, with its own tests: the leading status, the largest and the fastest lesion, the latest removal.
_CANNOT_DISAGREE = {
    *(name for name, definition in VOCABULARY.items() if definition.kind in (Kind.STEP, Kind.SET)),
    *(name for name, definition in VOCABULARY.items() if definition.lasting),
    *(name for name in VOCABULARY if name.startswith("months_")),
    "age",
    "advanced_disease",
    "lesion_count",
    "prior_tumour_size",
    "tumour_growth_rate",
    "tumour_size",
    "years_since_resection",
    "chromogranin_a_on_acid_suppression",
    "gastrin_on_acid_suppression",
}
_MEASURED = {name for name, example in _ON_RECORD.items() if _is_measured(VOCABULARY[name])}
_NEVER_EVIDENCE = {
    "Condition": ["entered-in-error", "refuted"],
    "Observation": ["registered", "preliminary", "cancelled", "entered-in-error", "unknown"],
    "ImagingStudy": ["registered", "cancelled", "entered-in-error", "unknown"],
    "DiagnosticReport": ["registered", "partial", "preliminary", "cancelled", "entered-in-error"],
    "Procedure": ["preparation", "in-progress", "not-done", "on-hold", "stopped", "entered-in-error", "unknown"],
    "ServiceRequest": ["revoked", "completed", "entered-in-error", "unknown"],
    "MedicationRequest": ["draft", "cancelled", "entered-in-error"],
    "Immunization": ["not-done", "entered-in-error"],
    "FamilyMemberHistory": ["partial", "health-unknown", "entered-in-error"],
}
_LEAVING_OPEN = {"partial", "health-unknown", "unknown"}


def _wrong_statuses() -> list[tuple[str, str, str]]:
    """A finding, a type of its chart, and a status under which a resource of that type is no evidence."""
    return [
        (name, kind, status)
        for name, example in EXAMPLES.items()
        for kind in dict.fromkeys(resource["resourceType"] for resource in example.chart)
        for status in _NEVER_EVIDENCE.get(kind, ())
        if (name, status) != ("men1", "refuted")  # that is how MEN1 is excluded
    ]


def _name_of(part: object) -> str:
    return "" if isinstance(part, Example) else part.name if isinstance(part, Definition) else str(part)


def _set_back(chart: tuple[Resource, ...], kind: str, status: str) -> list[Resource]:
    return [with_status(r, status) if r["resourceType"] == kind else r for r in chart]


def _in_unit(resource: Resource, unit: str) -> Resource:
    held = resource.get("valueQuantity")
    return resource if held is None else {**resource, "valueQuantity": {"value": held["value"], "unit": unit}}


def _what(found: Finding) -> object:
    """The value in words, or the state where there is none."""
    return (
        found.state if found.value is None else found.value if isinstance(found.value, frozenset) else str(found.value)
    )


def test_every_finding_has_an_example() -> None:
    assert set(EXAMPLES) == set(VOCABULARY)


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=_name_of)
def test_plain_value_is_read(name: str, example: Example) -> None:
    found = value(name, *example.chart)

    assert found == example.value


@pytest.mark.parametrize(("name", "example"), _ON_RECORD.items(), ids=_name_of)
def test_value_names_the_resources_that_say_so(name: str, example: Example) -> None:
    references = {f"{resource['resourceType']}/{resource['id']}" for resource in example.chart}

    found = finding(name, *example.chart)

    assert found.evidence
    assert {evidence.resource for evidence in found.evidence} <= references


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=_name_of)
def test_nothing_on_record_is_absent_or_negative_after_complete_searches(name: str, example: Example) -> None:
    found = finding(name)

    assert _what(found) == example.without


@pytest.mark.parametrize("name", _ON_RECORD)
def test_nothing_on_record_is_unknown_after_incomplete_searches(name: str) -> None:
    found = finding(name, complete=False)

    assert found.state is State.UNKNOWN
    assert found.reason


@pytest.mark.parametrize(
    ("definition", "kind"),
    [(d, kind) for d in VOCABULARY.values() for kind in d.resources],
    ids=_name_of,
)
def test_nothing_is_claimed_without_the_complete_search_for_each_type_that_counts(
    definition: Definition, kind: str
) -> None:
    found = finding(definition.name, complete=READ_TYPES - {kind})

    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(("name", "example"), _ON_RECORD.items(), ids=_name_of)
def test_evidence_counts_after_incomplete_searches_or_leaves_the_finding_unknown(name: str, example: Example) -> None:
    found = finding(name, *example.chart, complete=False)

    assert _what(found) in (example.value, State.UNKNOWN)


@pytest.mark.parametrize(("name", "example"), _CONTESTED.items(), ids=_name_of)
def test_two_of_one_day_that_disagree_leave_it_unknown_and_are_named(name: str, example: Example) -> None:
    found = finding(name, *example.otherwise)

    assert found.state is State.UNKNOWN
    assert len(found.conflicts) == 2


@pytest.mark.parametrize(("name", "kind", "status"), _wrong_statuses())
def test_resources_that_do_not_count_are_as_if_not_there_or_leave_it_open(name: str, kind: str, status: str) -> None:
    example = EXAMPLES[name]
    without = finding(name, *(resource for resource in example.chart if resource["resourceType"] != kind))
    open_at_most = {State.UNKNOWN} if status in _LEAVING_OPEN else set()

    found = finding(name, *_set_back(example.chart, kind, status))

    assert _what(found) in {_what(without), example.without, *open_at_most} - {example.value}


@pytest.mark.parametrize(("name", "example"), _DATED.items(), ids=_name_of)
def test_a_day_that_is_only_a_month_is_kept_as_written(name: str, example: Example) -> None:
    chart = [with_date(resource, "2026-05") for resource in example.chart]

    found = finding(name, *chart)

    assert _what(found) == example.value
    assert str(found.date) == "2026-05"


@pytest.mark.parametrize("name", sorted(_TOLD_BY_DAYS & set(_ON_RECORD)))
def test_a_day_that_is_only_a_year_gives_an_interval_or_nothing(name: str) -> None:
    chart = [
        {**with_date(r, "2025"), **({"birthDate": "1960"} if "birthDate" in r else {})} for r in EXAMPLES[name].chart
    ]

    found = finding(name, *chart)

    assert found.state in (State.UNKNOWN, State.ABSENT) or "–" in str(found.value)


@pytest.mark.parametrize("name", sorted(_MEASURED))
def test_a_unit_that_nobody_knows_leaves_a_measurement_unknown_and_is_named(name: str) -> None:
    chart = [_in_unit(resource, "smidgens") for resource in EXAMPLES[name].chart]

    found = finding(name, *chart)

    assert found.state is State.UNKNOWN
    assert any("smidgens" in said for said in (*found.conflicts, *(e.text for e in found.evidence)))


def test_every_finding_has_each_kind_of_test() -> None:
    kinds = {
        "two that disagree": {*_CONTESTED, *_CANNOT_DISAGREE},
        "partial date": {*_DATED, *_TOLD_BY_DAYS},
        "wrong status": {name for name, _, _ in _wrong_statuses()} | {"age"},
        "odd unit": _MEASURED | {name for name in VOCABULARY if not _is_measured(VOCABULARY[name])},
        "code systems": {name for name, _ in CASES} | {n for n in VOCABULARY if not VOCABULARY[n].value_sets},
    }

    lacking = {kind: set(_ON_RECORD) - tested for kind, tested in kinds.items()}

    assert {kind: names for kind, names in lacking.items() if names} == {}


def test_no_reader_fails_on_a_chart_of_everything() -> None:
    everything = [resource for example in EXAMPLES.values() for resource in (*example.chart, *example.otherwise)]

    states = {name: found.state for name, found in findings_of(*everything).items()}

    assert set(states) == set(VOCABULARY)
