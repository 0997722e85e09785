"""Glances: what is read of a resource is kept as it was written, and no type of FHIR makes a Bundle unusual."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import fhir.resources
import fhir.resources.R4B
import msgspec
import pytest
from chart_builder import PATIENT, TERMINOLOGY, condition, marker, procedure

from fixtures.cohort.hook_request import chart_bundle
from fixtures.cohort.stories import STORIES
from mappings.fhir.models import ELEMENTS_READ
from mappings.screening import cutting
from mappings.screening.cutting import resource_in
from mappings.screening.glance import GLANCES, Glance, OperationOutcome
from mappings.screening.screen import TooManyEntries, screen
from mappings.screening.types import named_type
from mappings.screening.unread import UNREAD

RESOURCES = [entry["resource"] for story in STORIES for entry in chart_bundle(story)["entry"]]
ABSTRACT = {"DomainResource", "CanonicalResource", "MetadataResource"}
MODEL = re.compile(r"^class (\w+)\(\w+\.(?:Domain)?Resource\)", re.MULTILINE)


def glance_at(raw: bytes) -> Glance:
    """The glance at a resource that can be decoded."""
    glance = resource_in(msgspec.Raw(raw))
    assert isinstance(glance, Glance)
    return glance


def types_in(package: ModuleType) -> set[str]:
    """The resource types that a version of FHIR has, by the sources of its models, as importing all takes seconds."""
    sources = (path.read_text() for folder in package.__path__ for path in Path(folder).glob("*.py"))
    return {name for source in sources for name in MODEL.findall(source)} - ABSTRACT


def bundle(*resources: Any) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


@pytest.mark.parametrize("glance", GLANCES, ids=lambda glance: glance.__name__)
def test_every_element_that_is_read_is_kept(glance: type[Glance]) -> None:
    assert set(ELEMENTS_READ[glance.__name__]).difference(glance.__struct_encode_fields__) == set()


def test_what_is_kept_of_a_resource_is_all_that_is_read_and_nothing_else_than_was_sent() -> None:
    for resource in RESOURCES:
        kept = json.loads(glance_at(json.dumps(resource).encode()).as_json())

        read = ("resourceType", "id", *ELEMENTS_READ[resource["resourceType"]])
        assert {name: kept.get(name) for name in read} == {name: resource.get(name) for name in read}
        assert kept.items() <= resource.items()


def test_what_is_kept_is_as_it_was_written() -> None:
    written = b'{"id":"\\u00e4\\"","valueQuantity": {"value": 7.10 },"text":{},"resourceType":"Observation"}'

    kept = glance_at(written).as_json()

    assert kept == '{"resourceType":"Observation","id":"ä\\"","valueQuantity":{"value": 7.10 }}'.encode()


def test_a_resource_of_which_the_id_is_null_is_read_as_one_that_has_none() -> None:
    raw = json.dumps({**condition("gastrinoma"), "id": None}).encode()

    assert b'"id"' not in glance_at(raw).as_json()


def test_every_type_of_fhir_is_glanced_at_or_passed_over() -> None:
    known = {kind.__name__ for kind in (*GLANCES, OperationOutcome, *UNREAD)}

    assert known == types_in(fhir.resources.R4B) | types_in(fhir.resources)


@pytest.mark.parametrize("kind", [kind.__name__ for kind in UNREAD])
def test_a_type_that_nobody_reads_makes_no_bundle_unusual(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cutting, "_LOOSE_BUNDLE")

    page = screen(bundle({"resourceType": kind, "id": "x"}, condition("gastrinoma")), PATIENT, TERMINOLOGY)

    assert [resource.type for resource in page.resources] == ["Condition"]
    assert page.noticed.types == {kind, "Condition"}


@pytest.mark.parametrize(
    "odd", [None, 5, [], {}, {"resourceType": 1}, {"resourceType": "Observation", "id": 5}, {"resourceType": "Unheard"}]
)
def test_a_neighbour_that_is_no_fhir_changes_nothing_of_the_others(odd: Any) -> None:
    others = (condition("gastrinoma"), marker("chromogranin_a", 7, 94), procedure("endoscopic_resection"))

    beside = screen(bundle(*others, odd), PATIENT, TERMINOLOGY)

    assert beside.resources[: len(others)] == screen(bundle(*others), PATIENT, TERMINOLOGY).resources


def test_the_type_of_a_resource_that_cannot_be_decoded_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(cutting, "named_type", lambda raw: told.append(named_type(raw)) or told[-1])
    kinds = ["Unheard", "Patient", "Condition", "Unheard", "Unseen"]
    held = bundle(*({"resourceType": kind, "id": f"p{place}"} for place, kind in enumerate(kinds)))

    page = screen(held, PATIENT, TERMINOLOGY)

    assert told == ["Unheard", "Unheard", "Unseen"]
    assert page.noticed.types == set(kinds)


@pytest.mark.parametrize("key", ["resourceType", "resource\\u0054ype", "\\u0072esourceType"])
def test_a_body_of_many_resources_is_counted_before_any_is_glanced_at(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(cutting, "BUNDLE")
    many = bundle(*[{"resourceType": "Observation"}] * 60_000).replace(b"resourceType", key.encode())

    with pytest.raises(TooManyEntries):
        screen(many, PATIENT, TERMINOLOGY, 20_000)


def test_a_total_of_endless_digits_is_none() -> None:
    said = b'{"resourceType":"Bundle","type":"searchset","entry":[],"total":%s}' % (b"9" * 5000)

    assert screen(said, PATIENT, TERMINOLOGY).total is None
