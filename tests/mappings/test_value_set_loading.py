"""Value sets and a site's overlay: what is read, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from chart_builder import TERMINOLOGY

from mappings.errors import DefinitionError, UnknownName
from mappings.value_sets import Additions, Terminology, load_terminology, normalised

OVERLAY = """
[systems]
"Our lab" = "urn:oid:2.999.1.2.3"

[value_sets.chromogranin_a]
codes = [{ system = "Our lab", code = "CGA-P", display = "Chromogranin A, plasma" }]
phrases = ["CgA plasma"]
preferred = "CGA-P"
"""


def value_sets(folder: Path, text: str, name: str = "markers.toml") -> Terminology:
    (folder / name).write_text(text)
    return load_terminology(folder=folder)


def with_overlay(text: str) -> Terminology:
    tables = tomli.loads(text)
    return load_terminology(Additions("site.toml", tables.get("systems", {}), tables.get("value_sets", {})))


def code(system: str, number: str) -> str:
    return f'[marker]\nmeaning = "A marker."\ncodes = [{{ system = "{system}", code = "{number}" }}]\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[marker", "markers.toml: "),
        ("marker = 1", "markers.toml: marker: expected a table"),
        ("[marker]\ncodes = []", "markers.toml: marker: meaning is missing"),
        (code("LOINC", "9811-1") + "color = 1", "markers.toml: marker: unknown key color"),
        (code("LOINC", "9811-2"), "markers.toml: marker: LOINC 9811-2: the check digit is wrong"),
        (code("SNOMED CT", "38848005"), "markers.toml: marker: SNOMED CT 38848005: the check digit is wrong"),
        (code("CPT", "43259"), "markers.toml: marker: 43259: no system called 'CPT'"),
        (code("LOINC", "9811-1") + 'preferred = "1-8"', "marker: preferred code 1-8 is not among its codes"),
        (code("LOINC", "9811-1") + 'phrases = "CgA"', "markers.toml: marker: phrases: expected a list"),
        (code("LOINC", "9811-1") + 'phrases = [" - "]', "markers.toml: marker: phrases must be a list of texts"),
        ('[marker]\nmeaning = ""\ncodes = [{ system = "LOINC" }]', r"marker: codes\[0\]: code is missing"),
        ('[marker]\nmeaning = ""\ncodes = [{ system = "LOINC", code = 7 }]', r"codes\[0\]: code: expected text"),
        ('[marker]\nmeaning = ""\ncodes = [{ system = "LOINC", code = "1-8", colour = 7 }]', "unknown key colour"),
        (
            code("LOINC", "9811-1") + 'left_out = [{ system = "LOINC", code = "1-8" }]',
            r"left_out\[0\]: reason is missing",
        ),
        (
            '[marker]\nmeaning = ""\ncodes = [{ system = "ATC", code = "A" }, { system = "ATC", code = "A" }]',
            "markers.toml: marker: a code stands twice",
        ),
    ],
)
def test_value_set_that_is_wrong_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        value_sets(tmp_path, text)


def test_value_set_that_two_files_define_is_refused(tmp_path: Path) -> None:
    (tmp_path / "blood.toml").write_text(code("LOINC", "9811-1"))

    with pytest.raises(DefinitionError, match=r"markers.toml: marker: also defined in blood.toml"):
        value_sets(tmp_path, code("LOINC", "9811-1"))


def test_code_is_found_under_every_spelling_of_its_system(tmp_path: Path) -> None:
    terminology = value_sets(tmp_path, code("LOINC", "9811-1"))

    found = [terminology.of_code(spelling, "9811-1") for spelling in TERMINOLOGY.systems["LOINC"].spellings()]

    assert found == [frozenset({"marker"})] * 3


@pytest.mark.parametrize(
    ("system", "number"), [("http://snomed.info/sct", "9811-1"), ("", "9811-1"), ("LOINC", "9811-1")]
)
def test_code_of_another_system_is_not_found(system: str, number: str) -> None:
    found = TERMINOLOGY.of_code(system, number)

    assert found == frozenset()


@pytest.mark.parametrize("text", ["Carcinoid syndrome", "carcinoid-syndrome", "  CARCINOID   SYNDROME "])
def test_phrase_is_found_whatever_its_case_blanks_and_hyphens(text: str) -> None:
    found = TERMINOLOGY.of_text(text)

    assert found == frozenset({"carcinoid_syndrome"})


@pytest.mark.parametrize("text", ["", "no carcinoid syndrome", "carcinoid syndrome?", "carcinoid"])
def test_text_that_says_anything_else_is_no_phrase(text: str) -> None:
    found = TERMINOLOGY.of_text(text)

    assert "carcinoid_syndrome" not in found


def test_text_is_compared_without_its_typography() -> None:
    found = normalised("Ki‐67\u00a0Index")

    assert found == "ki 67 index"


def test_overlay_adds_a_local_code_and_keeps_the_shipped_ones() -> None:
    terminology = with_overlay(OVERLAY)

    found = [terminology.of_code("urn:oid:2.999.1.2.3", "CGA-P"), terminology.of_code("http://loinc.org", "9811-1")]

    assert found == [frozenset({"chromogranin_a"})] * 2


def test_overlay_adds_a_phrase() -> None:
    terminology = with_overlay(OVERLAY)

    found = terminology.of_text("cga plasma")

    assert found == frozenset({"chromogranin_a"})


def test_overlay_may_prefer_its_own_code_for_orders() -> None:
    terminology = with_overlay(OVERLAY)

    found = terminology.preferred("chromogranin_a")

    assert (found.system, found.code) == ("urn:oid:2.999.1.2.3", "CGA-P")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[value_sets.chromogranin]\ncodes = []", "site.toml: value_sets.chromogranin: no value set called"),
        ('[value_sets.gastrin]\ncodes = [{ system = "Lab", code = "G" }]', "G: no system called 'Lab'"),
        ('[value_sets.gastrin]\ncodes = [{ system = "LOINC", code = "9811-2" }]', "the check digit is wrong"),
        ('[value_sets.gastrin]\ncode = "G"', "site.toml: value_sets.gastrin: unknown key code"),
        ('[value_sets.gastrin]\npreferred = "G"', "site.toml: value_sets.gastrin: preferred code G"),
        ('[systems]\nLOINC = "urn:oid:2.999.1"', "site.toml: systems.LOINC: the system is defined before"),
        ('[systems]\nOurs = "http://loinc.org"', "site.toml: systems.Ours: the system is defined before"),
        ("[systems]\nOurs = 7", "site.toml: systems.Ours: expected the URL of the system"),
        ("[value_sets]\ngastrin = 3", "site.toml: value_sets.gastrin: expected a table"),
        ('[value_sets.gastrin]\ncodes = "G"', "site.toml: value_sets.gastrin: codes: expected a list"),
    ],
)
def test_overlay_that_is_wrong_says_where(text: str, complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        with_overlay(text)


def test_overlay_that_names_an_unknown_value_set_names_something_unknown() -> None:
    with pytest.raises(UnknownName):
        with_overlay("[value_sets.chromogranin]\ncodes = []")


@pytest.mark.parametrize("name", ["no_such_set", "modality_ct"])
def test_value_set_without_a_preferred_code_has_none_to_order_by(name: str) -> None:
    with pytest.raises(UnknownName, match=f"value set {name}: no preferred code"):
        TERMINOLOGY.preferred(name)
