"""A code that only one source gives proves nothing by itself."""

from __future__ import annotations

from functools import cache

import pytest
from chart_builder import (
    TERMINOLOGY,
    VOCABULARY,
    Element,
    Resource,
    coding,
    condition,
    drug,
    finding,
    findings_of,
    mm,
    observation,
    percent,
    procedure,
    report,
    study,
    vaccination,
    value,
)

from mappings.findings import Finding, State
from mappings.value_sets import Additions, Member, load_terminology
from mappings.vocabulary import Kind

NET = condition("nen_of_duodenum", id="net")
GASTRINOMA = coding("SNOMED CT", "879992009")
IN_WORDS = coding("SNOMED CT", "879992009", "Duodenal gastrinoma (disorder)")


def test_code_of_one_source_without_its_words_leaves_the_finding_unknown_and_says_what_to_do() -> None:
    found = finding("gastrinoma", condition(GASTRINOMA))

    assert found.state is State.UNKNOWN
    assert "the site's own file can confirm it" in found.conflicts[0]


def test_code_of_one_source_counts_where_the_sender_says_the_same_words() -> None:
    found = value("gastrinoma", condition(IN_WORDS))

    assert found == "yes"


def test_code_of_one_source_does_not_take_away_what_another_code_says() -> None:
    found = value("gastrinoma", condition("gastrinoma"), condition(GASTRINOMA))

    assert found == "yes"


def test_code_of_several_sources_beside_it_confirms_a_code_of_one_source() -> None:
    both = {"coding": [*GASTRINOMA["coding"], *coding("SNOMED CT", "302824004")["coding"]]}

    found = value("gastrinoma", condition(both))

    assert found == "yes"


def test_set_with_a_member_by_a_code_of_one_source_is_unknown() -> None:
    found = finding("functional_syndromes", condition("carcinoid_syndrome"), condition(GASTRINOMA))

    assert found.state is State.UNKNOWN


def test_removal_by_a_code_of_one_source_may_or_may_not_have_been_of_the_tumour() -> None:
    removal = procedure(coding("SNOMED CT", "771569004"), reason="Condition/net", on="2024-05-04")

    wait = finding("months_without_eus_after_endoscopic_resection", NET, removal)

    assert wait.state is State.UNKNOWN


def test_site_confirms_a_code_of_one_source_in_its_own_file() -> None:
    seen = {"codes": [{"system": "SNOMED CT", "code": "879992009"}]}
    local = Additions("site.toml", {}, {"gastrinoma": seen})
    code = condition(GASTRINOMA)["code"]["coding"][0]["code"]

    confirmed = load_terminology(local).value_sets["gastrinoma"].of_one_source()

    assert code not in {member.code for member in confirmed}


def _members() -> list[tuple[str, Member]]:
    sets = TERMINOLOGY.value_sets.values()
    return list(dict.fromkeys((held.area, member) for held in sets for member in held.of_one_source()))


def _charts(area: str, code: Element) -> list[tuple[Resource, ...]]:
    """The code in every place where a reader of its area could find it, each beside what makes it matter."""
    match area:
        case "diagnosis" | "hereditary" | "morphology" | "body_sites":
            metastasis = {**condition(coding("ICD-10-CM", "C7B.8")), "bodySite": [code]}
            neoplasm = {**condition("neuroendocrine_neoplasm"), "bodySite": [code]}
            return [(condition(code),), (neoplasm,), (metastasis,), (_with_morphology(code),)]
        case "staging" | "pathology" | "laboratory" | "qualifiers":
            values = (percent(8), mm(8), {"valueBoolean": True})
            named = ("tumour_size", "histologic_grade", "invasion_depth", "gastric_net_type")
            stating = [(observation(place, {"valueCodeableConcept": code}),) for place in named]
            return [*((observation(code, held),) for held in values), *stating]
        case _:
            return [
                (NET, procedure(code, reason="Condition/net")),
                (study(code), report(code), drug(code)),
                (vaccination(code),),
            ]


def _with_morphology(code: Element) -> Resource:
    held = condition("malignant_neoplasm_of_colon", morphology="morphology_net")
    return {**held, "extension": [{**held["extension"][0], "valueCodeableConcept": code}]}


def _claims(found: Finding) -> object:
    return None if found.state is State.UNKNOWN else (found.state, str(found.value))


@pytest.mark.parametrize(("area", "member"), _members(), ids=lambda part: getattr(part, "code", part))
def test_no_code_of_one_source_alone_makes_a_finding_but_a_step(area: str, member: Member) -> None:
    charts = _charts(area, coding(member.system, member.code))

    added = {
        name
        for with_it, without in zip(map(_read, charts), _without(area, member.system), strict=True)
        for name in VOCABULARY
        if VOCABULARY[name].kind is not Kind.STEP and not name.startswith("months_since_")
        if with_it[name] not in (None, without[name])
        if with_it["diagnosis_status"] or name != "primary_site"  # of no tumour, and so of no card
    }

    assert added - _SILENCING == set()


# Findings whose value by such a code only keeps something from being recommended.
_SILENCING = {"open_orders"}


@cache
def _without(area: str, system: str) -> list[dict[str, object]]:
    """What the same charts say with a code that nobody knows in its place."""
    return [_read(chart) for chart in _charts(area, coding(system, "0"))]


def _read(chart: tuple[Resource, ...]) -> dict[str, object]:
    return {name: _claims(found) for name, found in findings_of(*chart).items()}
