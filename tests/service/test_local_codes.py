"""A hospital that codes everything in its own way gets the same findings, once its overlay says what its codes mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading_requests import findings_in
from stories import request_of

from cards.knowledge import shipped_knowledge
from mappings.findings import Finding
from service.app import create_app
from service.settings import load_settings

LOCAL = "urn:oid:2.999.7.1"
STORIES = (
    "duodenal_net_27_mm_with_nodes",
    "ileal_net_carcinoid_syndrome",
    "insulinoma_on_lanreotide_receptor_negative",
    "pancreatic_net_g3_liver_metastases",
    "unknown_primary_nec_without_fdg_pet",
)


def localised(element: Any, meant: dict[str, frozenset[str]]) -> Any:
    """The element with every code that we know replaced by one of the hospital's own; `meant` learns what it means."""
    if isinstance(element, list):
        return [localised(part, meant) for part in element]
    if not isinstance(element, dict):
        return element
    sets = shipped_knowledge().terminology.of_code(str(element.get("system")), str(element.get("code")))
    if sets:
        code = f"H-{element['code'].replace('/', '-')}"
        meant[code] = meant.get(code, frozenset()) | sets
        return {"system": LOCAL, "code": code, "display": "as the hospital says it"}
    return {key: localised(part, meant) for key, part in element.items()}


def overlay(meant: dict[str, frozenset[str]], path: Path) -> Path:
    by_set: dict[str, list[str]] = {}
    for code, sets in meant.items():
        for name in sets:
            by_set.setdefault(name, []).append(code)
    lines = ["[systems]", f'"The hospital" = "{LOCAL}"']
    for name, codes in by_set.items():
        rows = ", ".join(f'{{ system = "The hospital", code = "{code}" }}' for code in codes)
        lines += [f"[value_sets.{name}]", f"codes = [{rows}]"]
    path.write_text("\n".join(lines) + "\n")
    return path


def findings(request: dict[str, Any], site: Path | None) -> dict[str, tuple[Any, ...]]:
    read = findings_in(request, site)
    return {name: said(read[name]) for name in read}


def said(finding: Finding) -> tuple[Any, ...]:
    return finding.state, finding.value, str(finding.date), tuple(e.resource for e in finding.evidence)


@pytest.mark.parametrize("story", STORIES)
def test_local_codes_and_an_overlay_give_the_same_findings(story: str, tmp_path: Path) -> None:
    request = request_of(story)
    meant: dict[str, frozenset[str]] = {}
    local = {**request, "prefetch": localised(request["prefetch"], meant)}

    theirs = findings(local, overlay(meant, tmp_path / "site.toml"))

    assert theirs == findings(request, None)


def test_local_codes_without_an_overlay_say_nothing() -> None:
    request = request_of(STORIES[0])
    local = {**request, "prefetch": localised(request["prefetch"], {})}

    state, value, *_ = findings(local, None)["diagnosis_status"]

    assert (state.value, value) == ("absent", None)


def test_tumour_by_a_code_of_one_source_makes_no_card_and_the_answer_says_what_would() -> None:
    request = request_of(STORIES[0])
    for entry in request["prefetch"]["conditions"]["entry"]:
        entry["resource"]["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "123761000119103"}]}
    client = create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"})).test_client()

    answer = json.loads(client.post("/cds-services/net-patient-view", json=request).data)

    assert answer["cards"] == []
    assert "the site's own file can confirm it" in answer["extension"]["org.hoofbeats.response"]["unchecked"][0]
