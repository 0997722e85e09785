"""Codes and their systems: check digits, spellings, and files of ours that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from chart_builder import TERMINOLOGY

from mappings.codes import load_systems
from mappings.errors import DefinitionError

SNOMED, LOINC, RXNORM = (TERMINOLOGY.systems[name] for name in ("SNOMED CT", "LOINC", "RxNorm"))
TABLE = '[x]\nname = "X"\nurl = "urn:x"\nversion = "1"\nlicence = "none"\n'


@pytest.mark.parametrize("code", ["38848004", "10828004", "286771000119106"])
def test_snomed_code_with_its_check_digit_is_accepted(code: str) -> None:
    found = SNOMED.accepts(code)

    assert found


@pytest.mark.parametrize("code", ["38848005", "38484004", "30367100", "16457501000119100", "0", "", "x", "3884800-4"])
def test_snomed_code_with_a_wrong_check_digit_is_refused(code: str) -> None:
    found = SNOMED.accepts(code)

    assert not found


@pytest.mark.parametrize("code", ["9811-1", "29593-1", "100878-8"])
def test_loinc_code_with_its_check_digit_is_accepted(code: str) -> None:
    found = LOINC.accepts(code)

    assert found


@pytest.mark.parametrize("code", ["9811-2", "9181-1", "56490-7", "98111", "-0", "9811-", "9811-11", "LP7839-6", ""])
def test_loinc_code_with_a_wrong_check_digit_is_refused(code: str) -> None:
    found = LOINC.accepts(code)

    assert not found


def test_system_without_check_digit_accepts_any_code() -> None:
    found = RXNORM.accepts("anything")

    assert found


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("urn:oid:2.16.840.1.113883.6.96", "SNOMED CT"),
        ("2.16.840.1.113883.6.96", "SNOMED CT"),
        ("urn:oid:2.16.840.1.113883.6.1", "LOINC"),
        ("urn:oid:2.16.840.1.113883.6.90", "ICD-10-CM"),
        ("http://fhir.de/CodeSystem/bfarm/atc", "ATC"),
    ],
)
def test_system_has_one_url_however_it_is_spelt(spelling: str, name: str) -> None:
    found = TERMINOLOGY.canonical(spelling)

    assert found == TERMINOLOGY.systems[name].url


def test_unknown_system_is_itself() -> None:
    found = TERMINOLOGY.canonical("urn:oid:2.999.20.1")

    assert found == "urn:oid:2.999.20.1"


def test_no_spelling_means_two_systems() -> None:
    spellings = [spelling for system in TERMINOLOGY.systems.values() for spelling in system.spellings()]

    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TABLE.replace('url = "urn:x"\n', ""), "systems.toml: x: url is missing"),
        (TABLE + 'check_digit = "verhoef"', "systems.toml: x: check_digit: expected verhoeff or loinc, not 'verhoef'"),
        (TABLE + TABLE.replace("[x]", "[y]"), "systems.toml: y: a system called X is defined before"),
        ("[x", "systems.toml: "),
    ],
)
def test_file_of_systems_that_is_wrong_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "systems.toml"
    path.write_text(text)

    with pytest.raises(DefinitionError, match=complaint):
        load_systems(path)


def test_file_of_systems_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"systems\.toml"):
        load_systems(tmp_path / "systems.toml")
