"""The shipped value sets: codes that can be right, sets that the vocabulary names, orders that readers count."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from chart_builder import TERMINOLOGY, VOCABULARY

from mappings.readers import steps
from mappings.value_sets import ValueSet

SETS = TERMINOLOGY.value_sets
ASKED = {"is_a", "results", "stated", "problems_of"}
READERS = sorted(Path(steps.__file__).parent.glob("*.py"))
ROOT = Path(__file__).parent.parent.parent
SOURCES = [
    path
    for layer in ("mappings", "cards", "service")
    for path in sorted((ROOT / layer).rglob("*"))
    if path.suffix in (".py", ".toml") and path.parent.name != "value_sets"
]
# Codes that look right and are not: system, code, and the set that it seems to belong to.
TRAPS = [
    ("LOINC", "24628-0", "ct_abdomen"),
    ("LOINC", "24627-2", "ct_abdomen"),
    ("LOINC", "10471-1", "chromogranin_a"),
    ("LOINC", "85330-9", "ki67_index"),
    ("LOINC", "44650-0", "mitotic_count"),
    ("LOINC", "3126-0", "vip"),
    ("LOINC", "39678-8", "sstr_pet"),
    ("SNOMED CT", "61530001", "men1"),
    ("SNOMED CT", "1263784000", "prrt_procedure"),
    ("RxNorm", "1534772", "lutetium_prrt"),
    ("HCPCS", "A9607", "lutetium_prrt"),
    ("LOINC", "88935-2", "prrt_procedure"),
    ("ATC", "L04AH02", "cytotoxics"),
    ("ATC", "C02DA01", "diazoxide"),
    ("ICD-10-PCS", "0DTJ4ZZ", "cholecystectomy"),
    ("ICD-10-CM", "D3A.8", "neuroendocrine_carcinoma"),
]


def asked_for(path: Path) -> Iterator[str]:
    """The value sets that the code of a reader names where it asks whether something is in one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ASKED:
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def named_in(path: Path) -> Iterator[str]:
    """The texts of a Python file, and the words of another."""
    if path.suffix != ".py":
        yield from re.findall(r"\w+", path.read_text())
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.stem)
def test_value_set_that_a_reader_asks_for_exists(path: Path) -> None:
    unknown = [name for name in asked_for(path) if name not in SETS]

    assert unknown == []


def test_every_value_set_is_read_by_something() -> None:
    unread = set(SETS) - {name for path in SOURCES for name in named_in(path)}

    assert unread == set()


@pytest.mark.parametrize("value_set", SETS.values(), ids=lambda value_set: value_set.name)
def test_every_code_says_where_it_was_seen_and_what_it_is_called(value_set: ValueSet) -> None:
    silent = [m.code for m in value_set.members if not (m.seen and m.display)]

    assert silent == []


@pytest.mark.parametrize("value_set", SETS.values(), ids=lambda value_set: value_set.name)
def test_every_value_set_has_a_code_or_a_phrase(value_set: ValueSet) -> None:
    assert value_set.members or value_set.phrases


@pytest.mark.parametrize("value_set", SETS.values(), ids=lambda value_set: value_set.name)
def test_code_that_is_left_out_is_not_in(value_set: ValueSet) -> None:
    members = {(m.system, m.code) for m in value_set.members}

    contradictions = [(left.system, left.code) for left in value_set.left_out if (left.system, left.code) in members]

    assert contradictions == []


def test_no_code_of_cpt_is_shipped() -> None:
    cpt = [s.name for s in TERMINOLOGY.systems.values() if "cpt" in f"{s.name} {s.url} {s.also}".casefold()]

    assert cpt == []


def test_no_five_digit_code_hides_as_hcpcs_level_one() -> None:
    level_one = [m.code for s in SETS.values() for m in s.members if m.system == "HCPCS" and m.code.isdigit()]

    assert level_one == []


@pytest.mark.parametrize(("system", "code", "value_set"), TRAPS)
def test_code_that_looks_right_and_is_not_is_out(system: str, code: str, value_set: str) -> None:
    found = TERMINOLOGY.of_code(TERMINOLOGY.systems[system].url, code)

    assert value_set not in found


def test_ct_of_the_chest_is_where_it_belongs() -> None:
    found = TERMINOLOGY.of_code("http://loinc.org", "24628-0")

    assert found == frozenset({"ct_chest"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("well_differentiated_neoplasm", "neuroendocrine_carcinoma"),
        ("sstr_pet", "fdg_pet"),
        ("grade_g1", "grade_g2"),
        ("grade_g2", "grade_g3"),
        ("category_n0", "category_n_positive"),
        ("category_m0", "category_m1"),
        ("positive", "negative"),
        ("yes", "no"),
        ("function_functioning", "function_nonfunctioning"),
        ("progression_worse", "progression_stable"),
        ("chromogranin_a", "chromogranin_a_immunostain"),
        ("gastrin", "secretin_test"),
    ],
)
def test_sets_that_exclude_each_other_share_no_code(one: str, other: str) -> None:
    codes = [{(m.system, m.code) for m in SETS[name].members} for name in (one, other)]

    assert codes[0] & codes[1] == set()


@pytest.mark.parametrize(
    "site",
    [
        "nen_of_duodenum",
        "nen_of_ampulla",
        "nen_of_pancreas",
        "nen_of_stomach",
        "nen_of_jejunum_ileum",
        "nen_of_appendix",
        "nen_of_colon",
        "nen_of_rectum",
        "nen_of_other_site",
        "nonfunctioning_neoplasm",
        "neuroendocrine_carcinoma",
        "well_differentiated_neoplasm",
    ],
)
def test_every_code_of_a_neuroendocrine_diagnosis_leads_to_the_diagnosis(site: str) -> None:
    counted = set(VOCABULARY["diagnosis_status"].value_sets)

    uncounted = [
        m.code
        for m in SETS[site].members
        if TERMINOLOGY.of_code(TERMINOLOGY.systems[m.system].url, m.code).isdisjoint(counted)
    ]

    assert uncounted == []
