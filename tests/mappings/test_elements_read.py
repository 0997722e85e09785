"""Elements: models keep what adapters read, in R4 and in R5, and nothing else."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from chart_builder import PATIENT, TERMINOLOGY, concept

from mappings.fhir.adapt import Adapter
from mappings.fhir.models import ELEMENTS_READ
from mappings.screening.screen import screen
from mappings.screening.types import READ_TYPES
from mappings.screening.versions import Shape

R4, R5 = "fhir.resources.R4B", "fhir.resources"
# A Medication is no entry: what refers to it has its concept.
KINDS = sorted(ELEMENTS_READ.keys() - {"Medication"})
# What is judged before an adapter reads anything, what a model demands, and what only a reference within leads to.
OTHERWISE = {"subject", "patient", "class", "relationship", "occurrenceString", "contained"}


class Asked:
    """A resource without any element, which remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> None:
        self.names.add(name)


def elements_asked(kind: str) -> set[str]:
    """The elements that the adapter of a type reads."""
    asked = Asked()
    Adapter(TERMINOLOGY, {}).entry(kind, asked, "X/1")
    return asked.names


def elements_in(package: str, kind: str) -> set[str]:
    """The elements that a type has in a version of FHIR."""
    model: Any = getattr(import_module(f"{package}.{kind.lower()}"), kind)
    return {field.alias or name for name, field in model.model_fields.items()}


def elements_in_fhir(kind: str) -> set[str]:
    """The elements that a type has in R4 or R5."""
    return elements_in(R4, kind) | elements_in(R5, kind)


def test_every_type_that_screening_keeps_is_read() -> None:
    assert set(ELEMENTS_READ) == READ_TYPES


@pytest.mark.parametrize("kind", KINDS)
def test_models_keep_every_element_that_adapters_read(kind: str) -> None:
    dropped = elements_asked(kind).intersection(elements_in_fhir(kind)).difference(ELEMENTS_READ[kind])

    assert dropped == set()


@pytest.mark.parametrize("kind", KINDS)
def test_models_keep_no_element_that_nobody_reads(kind: str) -> None:
    unread = set(ELEMENTS_READ[kind]) - elements_asked(kind) - OTHERWISE

    assert unread == set()


@pytest.mark.parametrize("kind", sorted(ELEMENTS_READ))
def test_every_element_that_models_keep_is_one_of_fhir(kind: str) -> None:
    invented = set(ELEMENTS_READ[kind]).difference(elements_in_fhir(kind))

    assert invented == set()


def only_in_r5() -> list[tuple[str, str]]:
    """The types and elements by which a resource of R5 shows; of a drug, the one that it must have."""
    new = [(kind, name) for kind in KINDS for name in ELEMENTS_READ[kind] if name not in elements_in(R4, kind)]
    return [(kind, name) for kind, name in new if not kind.startswith("Medication") or name == "medication"]


@pytest.mark.parametrize(("kind", "element"), only_in_r5())
def test_element_that_only_r5_has_shows_the_version(kind: str, element: str) -> None:
    coded = {"code": concept("chromogranin_a"), "type": [concept("tumour_board")]}
    held = {"resourceType": kind, "id": "x", "subject": {"reference": f"Patient/{PATIENT}"}, **coded, element: {}}

    page = screen(json.dumps(held).encode(), PATIENT, TERMINOLOGY)

    assert page.noticed.shapes == {Shape.R5}
