"""What a site decided about rules, services and signatures is what its users see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hook_answers import answer, statements
from stated import overlay
from stories import PATIENTS, request_of

from cards.knowledge import shipped_knowledge
from mappings.errors import DefinitionError
from service.advise import advisor_for, consult
from service.app import create_app
from service.hook_request import read_request
from service.services import SERVICES
from service.settings import load_settings

STEP = "sstr-pet-at-staging-of-duodenal-net"


def statements_for(settings: dict[str, str], story: str) -> set[str]:
    expected = json.loads((PATIENTS / story / "expected.json").read_text())
    client = create_app(load_settings({**expected["settings"], **settings})).test_client()
    return statements(answer(client, request_of(story)))


@pytest.mark.parametrize("mode", ["silent", "off"])
def test_a_rule_that_is_silent_or_off_is_not_shown(tmp_path: Path, mode: str) -> None:
    path = overlay(tmp_path, f'[rules.{STEP}]\nmode = "{mode}"\n')

    shown = statements_for({"HOOFBEATS_SITE": str(path)}, "duodenal_net_biopsied_and_nothing_else")

    assert "DUO-WU-10" not in shown
    assert "DUO-WU-12" in shown


@pytest.mark.parametrize(("mode", "decided"), [("silent", True), ("off", False)])
def test_a_service_that_is_silent_decides_and_one_that_is_off_does_not(
    tmp_path: Path, mode: str, decided: bool
) -> None:
    path = overlay(tmp_path, f'[services.net-patient-view]\nmode = "{mode}"\n')
    advisor = advisor_for(load_settings({"HOOFBEATS_SITE": str(path), "HOOFBEATS_TODAY": "2026-11-20"}))
    body = (PATIENTS / "duodenal_net_biopsied_and_nothing_else" / "request.json").read_bytes()

    advice = consult(read_request(body, "patient-view"), SERVICES["net-patient-view"], advisor)

    assert advice.response == {"cards": []}
    assert bool(advice.outcomes) is decided


def test_a_service_that_is_off_leaves_the_others_on(tmp_path: Path) -> None:
    path = overlay(tmp_path, '[services.net-surveillance]\nmode = "off"\n')

    assert statements_for({"HOOFBEATS_SITE": str(path)}, "duodenal_net_biopsied_and_nothing_else") != set()


def test_a_service_that_nobody_offers_refuses_to_start(tmp_path: Path) -> None:
    path = overlay(tmp_path, '[services.net-surveilance]\nmode = "off"\n')

    with pytest.raises(DefinitionError, match=r"site.toml: services.net-surveilance: no service called"):
        advisor_for(load_settings({"HOOFBEATS_SITE": str(path)}))


def test_production_shows_only_what_is_signed(tmp_path: Path) -> None:
    rule = next(r for r in shipped_knowledge().rules if r.id == STEP)
    signed = f'[[signed]]\nrule = "{STEP}"\nname = "Dr A. Example"\ndate = 2026-11-01\nhash = "{rule.hash}"\n'
    settings = {"HOOFBEATS_SITE": str(overlay(tmp_path, signed)), "HOOFBEATS_UNSIGNED": "hide"}

    assert statements_for(settings, "duodenal_net_biopsied_and_nothing_else") == {"DUO-WU-10"}


def test_a_signature_of_another_version_does_not_count(tmp_path: Path) -> None:
    signed = f'[[signed]]\nrule = "{STEP}"\nname = "Dr A. Example"\ndate = 2026-11-01\nhash = "0000000000000000"\n'
    settings = {"HOOFBEATS_SITE": str(overlay(tmp_path, signed)), "HOOFBEATS_UNSIGNED": "hide"}

    assert statements_for(settings, "duodenal_net_biopsied_and_nothing_else") == set()
