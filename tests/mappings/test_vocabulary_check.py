"""A finding that could not be read as it is defined keeps the service from starting, named by file and key."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from chart_builder import TERMINOLOGY, VOCABULARY

from mappings.errors import DefinitionError
from mappings.vocabulary_check import check_vocabulary


def test_vocabulary_fits_the_value_sets() -> None:
    check_vocabulary(VOCABULARY, TERMINOLOGY)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("grade", {"needs": ("Observations",)}, "needs: no type that is read called 'Observations'"),
        ("grade", {"also": ("Specimen",)}, "also: no type that is read called 'Specimen'"),
        ("grade", {"value_sets": ("grade_g4",)}, "value_sets: no value set called 'grade_g4'"),
        ("grade", {"lasting": "G4"}, "lasting: 'G4' is not among its values"),
        ("grade", {"values": ()}, "values: expected at least one"),
        ("grade", {"values": ("G1", "G1")}, "values: one stands twice"),
        ("grade", {"unit": "%"}, "unit: only an amount has one"),
        ("grade", {"most": Decimal(3)}, "most: only an amount has one"),
        ("grade", {"order": "sstr_pet"}, "order: only a step can be ordered"),
        ("tumour_size", {"unit": "millimetres"}, "unit: 'millimetres' is not in usual_units.toml"),
        ("tumour_size", {"unit": ""}, "unit: '' is not in usual_units.toml"),
        ("tumour_size", {"values": ("large",)}, "values: an amount has none"),
        ("months_since_sstr_imaging", {"steps": ("pet",)}, "steps: no step called 'pet'"),
        ("months_since_sstr_imaging", {"steps": ("grade",)}, "steps: no step called 'grade'"),
        ("mitotic_count", {"tells": ("degree",)}, "tells: no finding called 'degree'"),
        ("sstr_imaging", {"order": "no_such_set"}, "order: value set no_such_set: no preferred code"),
        ("sstr_imaging", {"order": "modality_ct"}, "order: value set modality_ct: no preferred code"),
        ("sstr_imaging", {"order": "gastrin"}, "by which gastrin is ordered, is in none of its value sets"),
    ],
)
def test_finding_that_does_not_fit_is_named_by_file_and_key(name: str, changes: dict[str, Any], message: str) -> None:
    changed = replace(VOCABULARY[name], **changes)

    with pytest.raises(DefinitionError) as told:
        check_vocabulary({**VOCABULARY, name: changed}, TERMINOLOGY)

    assert str(told.value).startswith(f"vocabulary/{changed.area}.toml: {name}: ")
    assert message in str(told.value)
