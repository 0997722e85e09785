"""A site decides what is shown: modes, intervals and signatures stand in its overlay and are checked at start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stated import KNOWLEDGE, SMALL_RULE, VOCABULARY

from cards.knowledge import load_knowledge, shipped_knowledge
from cards.rules import Rule, load_rule
from mappings.errors import DefinitionError
from service.advise import advisor_for, consult
from service.app import create_app
from service.hook_request import read_request
from service.services import SERVICES
from service.settings import load_settings

FIXTURES = Path(__file__).parents[2] / "fixtures" / "patients"
INTERVAL = "imaging-follow-up-of-low-grade-net"
STEP = "sstr-pet-at-staging-of-duodenal-net"


def overlay(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text)
    return path


def statements(settings: dict[str, str], story: str, service: str = "net-patient-view") -> set[str]:
    expected = json.loads((FIXTURES / story / "expected.json").read_text())
    client = create_app(load_settings({**expected["settings"], **settings})).test_client()
    body = (FIXTURES / story / "request.json").read_bytes()
    answer: Any = client.post(f"/cds-services/{service}", data=body, content_type="application/json").json
    return {s for card in answer["cards"] for s in card["extension"]["org.hoofbeats.card"]["statements"]}


@pytest.mark.parametrize("mode", ["silent", "off"])
def test_a_rule_that_is_silent_or_off_is_not_shown(tmp_path: Path, mode: str) -> None:
    path = overlay(tmp_path, f'[rules.{STEP}]\nmode = "{mode}"\n')

    shown = statements({"HOOFBEATS_SITE": str(path)}, "duodenal_net_biopsied_and_nothing_else")

    assert "DUO-WU-10" not in shown
    assert "DUO-WU-12" in shown


def test_a_service_that_is_silent_gives_no_card(tmp_path: Path) -> None:
    path = overlay(tmp_path, '[services.net-patient-view]\nmode = "silent"\n')

    assert statements({"HOOFBEATS_SITE": str(path)}, "duodenal_net_biopsied_and_nothing_else") == set()


@pytest.mark.parametrize(("mode", "decided"), [("silent", True), ("off", False)])
def test_a_service_that_is_silent_decides_and_one_that_is_off_does_not(
    tmp_path: Path, mode: str, decided: bool
) -> None:
    path = overlay(tmp_path, f'[services.net-patient-view]\nmode = "{mode}"\n')
    advisor = advisor_for(load_settings({"HOOFBEATS_SITE": str(path), "HOOFBEATS_TODAY": "2026-11-20"}))
    body = (FIXTURES / "duodenal_net_biopsied_and_nothing_else" / "request.json").read_bytes()

    advice = consult(read_request(body, "patient-view"), SERVICES["net-patient-view"], advisor)

    assert advice.response == {"cards": []}
    assert bool(advice.outcomes) is decided


def test_a_service_that_is_off_leaves_the_others_on(tmp_path: Path) -> None:
    path = overlay(tmp_path, '[services.net-surveillance]\nmode = "off"\n')

    assert statements({"HOOFBEATS_SITE": str(path)}, "duodenal_net_biopsied_and_nothing_else") != set()


def test_a_service_that_nobody_offers_refuses_to_start(tmp_path: Path) -> None:
    path = overlay(tmp_path, '[services.net-surveilance]\nmode = "off"\n')

    with pytest.raises(DefinitionError, match=r"site.toml: services.net-surveilance: no service called"):
        advisor_for(load_settings({"HOOFBEATS_SITE": str(path)}))


def test_a_site_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere\.toml"):
        load_knowledge(tmp_path / "nowhere.toml")


def test_an_interval_of_the_site_takes_the_place_of_the_source(tmp_path: Path) -> None:
    path = overlay(tmp_path, f"[rules.{INTERVAL}]\nmonths = 18\n")

    rule = next(r for r in load_knowledge(path).rules if r.id == INTERVAL)

    assert [c.bound for c in rule.criteria() if c.finding.unit == "mo"] == [18]


_TIMED = [rule for rule in shipped_knowledge().rules if any(c.finding.unit == "mo" for c in rule.when.criteria())]


_IN_SURVEILLANCE = [rule.id for rule in _TIMED if rule.card == "surveillance"]


@pytest.fixture(scope="module")
def every_17_months(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Rule]:
    """The rules where a site does all surveillance every 17 months."""
    changes = "".join(f"[rules.{rule}]\nmonths = 17\n" for rule in _IN_SURVEILLANCE)
    changed = load_knowledge(overlay(tmp_path_factory.mktemp("site"), changes))
    return {rule.id: rule for rule in changed.rules}


@pytest.mark.parametrize("rule", _IN_SURVEILLANCE)
def test_a_card_tells_the_interval_of_the_site_and_calls_it_so(every_17_months: Mapping[str, Rule], rule: str) -> None:
    told = f"{every_17_months[rule].title} {every_17_months[rule].recommend}"

    assert "17 months" in told
    assert "within" not in told or "within 17 months" in told
    assert "source interval" not in told.partition(",")[0]


@pytest.mark.parametrize("rule", shipped_knowledge().rules, ids=lambda rule: rule.id)
def test_no_card_shows_a_placeholder(rule: Rule) -> None:
    assert "{" not in rule.title + rule.recommend


def test_a_signature_ends_with_a_change_of_a_statement(tmp_path: Path) -> None:
    statements = dict(shipped_knowledge().statements)
    changed = {**statements, "DUO-TX-01": replace(statements["DUO-TX-01"], verdict="disputed")}
    path = tmp_path / "endoscopic-resection.toml"
    path.write_text(SMALL_RULE)

    hashes = {load_rule(path, VOCABULARY, held, KNOWLEDGE.items).hash for held in (statements, changed)}

    assert len(hashes) == 2


def test_production_shows_only_what_is_signed(tmp_path: Path) -> None:
    rule = next(r for r in shipped_knowledge().rules if r.id == STEP)
    signed = f'[[signed]]\nrule = "{STEP}"\nname = "Dr A. Example"\ndate = 2026-11-01\nhash = "{rule.hash}"\n'
    settings = {"HOOFBEATS_SITE": str(overlay(tmp_path, signed)), "HOOFBEATS_UNSIGNED": "hide"}

    assert statements(settings, "duodenal_net_biopsied_and_nothing_else") == {"DUO-WU-10"}


def test_a_signature_of_another_version_does_not_count(tmp_path: Path) -> None:
    signed = f'[[signed]]\nrule = "{STEP}"\nname = "Dr A. Example"\ndate = 2026-11-01\nhash = "0000000000000000"\n'
    settings = {"HOOFBEATS_SITE": str(overlay(tmp_path, signed)), "HOOFBEATS_UNSIGNED": "hide"}

    assert statements(settings, "duodenal_net_biopsied_and_nothing_else") == set()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[rules.no-such-rule]\nmode = "off"\n', "site.toml: rules.no-such-rule: no rule called 'no-such-rule'"),
        (f'[rules.{STEP}]\nmode = "quiet"\n', f"site.toml: rules.{STEP}.mode: expected on, silent or off"),
        (f"[rules.{STEP}]\nmonths = 6\n", f"site.toml: rules.{STEP}.months: the rule has no interval"),
        (f"[rules.{INTERVAL}]\nmonths = 0\n", f"site.toml: rules.{INTERVAL}.months: expected a whole number of months"),
        (f"[rules.{STEP}]\nmood = 1\n", f"site.toml: rules.{STEP}: unknown key mood"),
        (f'[[signed]]\nrule = "{STEP}"\nname = "A"\ndate = 2026-11-01\n', "site.toml: signed[0]: hash is missing"),
        (
            f'[[signed]]\nrule = "{STEP}"\nname = "A"\ndate = "today"\nhash = "0"\n',
            "site.toml: signed[0]: date: expected",
        ),
        ('[[signed]]\nrule = "x"\nname = "A"\ndate = 2026-11-01\nhash = "0"\n', "site.toml: signed[0]: no rule called"),
        (
            f'[[signed]]\nrule = "{STEP}"\nname = " "\ndate = 2026-11-01\nhash = "0"\n',
            f"site.toml: signed: {STEP}: exp",
        ),
        (f"[rules.{INTERVAL}]\nmonths = true\n", f"site.toml: rules.{INTERVAL}: months: expected a whole number"),
        (f"[rules]\n{STEP} = 3\n", f"site.toml: rules.{STEP}: expected a table"),
        ("rules = 3\n", "site.toml: rules: expected a table"),
        ("[rules", "site.toml: "),
        ("[value_set.gastrin]\ncodes = []\n", "site.toml: unknown key value_set"),
        (
            '[services.net-surveillance]\nmode = "on"\nmonths = 3\n',
            "site.toml: services.net-surveillance: unknown key months",
        ),
        ("[services.net-surveillance]\n", "site.toml: services.net-surveillance.mode: expected on, silent or off"),
    ],
)
def test_a_wrong_decision_refuses_to_start_and_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = overlay(tmp_path, text)

    with pytest.raises(DefinitionError) as told:
        load_knowledge(path)

    assert str(told.value).startswith(message)
