"""Plain resources: read without a model, with the same result as with one."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.charts import request_body
from fixtures.cohort.hook_request import chart_bundle
from fixtures.cohort.stories import STORIES
from mappings.fhir.adapt import Adapter
from mappings.fhir.models import FhirVersion, UnreadableResource, validate
from mappings.fhir.plain import NotPlain, read_plain
from mappings.value_sets import load_terminology

ADAPTER = Adapter(load_terminology(), {})
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "9811-1", "display": "Chromogranin A"}], "text": "CgA"},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2026-10-15T09:30:00+01:00",
    "valueQuantity": {"value": 7.1, "unit": "ug/L", "system": "http://unitsofmeasure.org", "code": "ug/L"},
    "referenceRange": [{"low": {"value": 0, "unit": "ug/L"}, "high": {"value": 94, "unit": "ug/L", "code": "ug/L"}}],
}
RESOURCES = [entry["resource"] for story in STORIES for entry in chart_bundle(story)["entry"]]
READ = ("Patient", "Condition", "Observation", "ImagingStudy", "DiagnosticReport", "Procedure", "MedicationRequest")
ODD: list[tuple[str, Any]] = [
    ("status", ""),
    ("status", " final"),
    ("status", "in progress"),
    ("effectiveDateTime", "2026-02-30"),
    ("effectiveDateTime", "2026-10-15T09:30:00"),
    ("effectiveDateTime", "15/10/2026"),
    ("effectiveDateTime", 2026),
    ("valueString", "also this"),
    ("valueQuantity", {"value": "<5"}),
    ("valueQuantity", {"value": "7"}),
    ("valueQuantity", {"value": 7, "extension": [{"url": "http://example.org", "valueString": "x"}]}),
    ("valueRange", {"low": {"value": 1}}),
    ("code", {"coding": [None]}),
    ("code", {"coding": [{"system": "http://loinc.org", "code": "9811-1 "}]}),
    ("code", {"coding": [{"system": " http://loinc.org", "code": "9811-1"}]}),
    ("code", {"coding": [{"system": "http://loinc.org\u00a0", "code": "9811-1"}]}),
    ("method", {"coding": [{"system": "", "code": "9811-1"}]}),
    ("code", {"coding": [{"_code": {"extension": []}}]}),
    ("contained", [{"resourceType": "Specimen", "id": "s"}]),
    ("id", "o_1"),
    ("interpretation", {"text": "H"}),
    ("component", [{"valueString": "no code"}]),
]


@pytest.mark.parametrize("resource", [r for r in RESOURCES if r["resourceType"] in READ], ids=lambda r: r["id"])
def test_a_plain_resource_gives_the_entry_that_its_model_gives(resource: dict[str, Any]) -> None:
    raw, kind = json.dumps(resource).encode(), resource["resourceType"]

    try:
        plain = read_plain(raw, kind)
    except NotPlain:
        return

    assert ADAPTER.entry(kind, plain, "X/1") == ADAPTER.entry(kind, validate(raw, FhirVersion.R4), "X/1")


def is_plain(resource: dict[str, Any]) -> bool:
    try:
        read_plain(json.dumps(resource).encode(), resource["resourceType"])
    except NotPlain:
        return False
    return True


@pytest.mark.parametrize("kind", READ)
def test_nearly_every_resource_of_a_cohort_is_plain(kind: str) -> None:
    plain = [is_plain(resource) for resource in RESOURCES if resource["resourceType"] == kind]

    assert sum(plain) > 0.9 * len(plain) > 0


@pytest.mark.parametrize("kind", READ)
def test_what_routine_care_writes_is_plain(kind: str) -> None:
    prefetch = json.loads(request_body(36))["prefetch"]
    bundles = [value for value in prefetch.values() if value["resourceType"] == "Bundle"]
    written = [e["resource"] for bundle in bundles for e in bundle["entry"] if "-routine-" in e["resource"]["id"]]

    assert all(read_plain(json.dumps(r).encode(), kind) for r in written if r["resourceType"] == kind)


@pytest.mark.parametrize(("element", "value"), ODD, ids=str)
def test_what_is_odd_is_left_to_the_model(element: str, value: Any) -> None:
    raw = json.dumps({**OBSERVATION, element: value}).encode()

    with pytest.raises(NotPlain):
        read_plain(raw, "Observation")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "code", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


# One of each kind with much in it, and the Observation above.
ONE_OF_EACH = [max((r for r in RESOURCES if r["resourceType"] == kind), key=lambda r: len(str(r))) for kind in READ]


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_taken_as_plain_the_model_takes_with_the_same_result(data: st.DataObject) -> None:
    resource = deepcopy(data.draw(st.sampled_from([OBSERVATION, *ONE_OF_EACH])))
    kind = resource["resourceType"]
    place = data.draw(st.sampled_from(list(_places(resource))))
    _put(resource, place, data.draw(JSON))
    raw = json.dumps(resource).encode()

    try:
        plain = ADAPTER.entry(kind, read_plain(raw, kind), "X/1")
    except NotPlain:
        return

    assert _modelled(raw, kind) == plain


def _modelled(raw: bytes, kind: str) -> Any:
    try:
        return ADAPTER.entry(kind, validate(raw, FhirVersion.R4), "X/1")
    except UnreadableResource as error:
        return error


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if path and path != ("resourceType",):
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


def _put(resource: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        resource = resource[key]
    resource[place[-1]] = value
