"""The clinic's own routes: the page, what it starts with, the patients; in the demonstration only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hook_requests import app_with, shared_client

from mappings.drafts import read_drafts
from mappings.errors import DefinitionError
from mappings.value_sets import load_terminology
from service.clinic import patients
from service.clinic.offer import offer_of

FOLDER = Path(patients.__file__).parent
SCRIPTS = sorted((FOLDER / "static").glob("*.js"))


def test_the_page_is_html_under_a_policy_that_allows_our_own_host_only() -> None:
    answer = shared_client().get("/")

    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", answer.text)


def test_every_patient_of_the_folder_is_listed_and_can_be_opened() -> None:
    client = shared_client()
    listed = client.get("/clinic/start.json").json["patients"]

    opened = [client.get(f"/clinic/patients/{patient['name']}.json").json for patient in listed]

    assert {patient["name"] for patient in listed} == {path.name for path in patients.PATIENTS.iterdir()}
    assert all(one["request"]["hook"] == "patient-view" and one["bundle"]["entry"] for one in opened)


def test_every_tour_begins_at_a_patient_of_the_list_and_every_part_of_it_holds_some() -> None:
    start = shared_client().get("/clinic/start.json").json
    names = {patient["name"] for patient in start["patients"]}

    held = [part["label"] for part in start["parts"] if any(word in name for word in part["words"] for name in names)]

    assert {tour["patient"] for tour in start["tours"]} <= names
    assert held == [part["label"] for part in start["parts"][:-1]]


@pytest.mark.parametrize("name", ["nobody", "..", "%2e%2e", "net_refuted%2f..%2fnet_refuted"])
def test_what_is_no_patient_is_not_found(name: str) -> None:
    assert shared_client().get(f"/clinic/patients/{name}.json").status_code == 404


def test_without_the_folder_there_are_no_patients_and_no_fault(tmp_path: Path) -> None:
    assert patients.list_patients(tmp_path / "missing") == []


def test_every_order_is_read_as_one_that_some_rule_may_look_at() -> None:
    terminology = load_terminology()
    orders = [{**order["resource"], "id": str(at)} for at, order in enumerate(offer_of(terminology)["orders"])]

    drafts = read_drafts({"entry": [{"resource": order} for order in orders]}, None, terminology)

    assert [draft.words for draft in drafts if not draft.classes] == []
    assert len(drafts) == 11


def test_an_order_whose_code_left_its_value_set_refuses_to_start(tmp_path: Path) -> None:
    row = 'name = "X"\ngroup = "G"\nkind = "ServiceRequest"\nset = "gastrin"\ncode = "0"\n'
    (tmp_path / "clinic.toml").write_text(f"facts = []\nseries = []\n[[orders]]\n{row}")

    with pytest.raises(DefinitionError, match="X: 0 is not in the value set gastrin"):
        offer_of(load_terminology(), tmp_path / "clinic.toml")


def test_production_has_no_clinic(tmp_path: Path) -> None:
    app = app_with(PROFILE="production", REPLAY_FILE=str(tmp_path / "replay"), DATABASE_URL=f"sqlite:///{tmp_path}/db")

    assert [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("clinic")] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_and_makes_no_markup_from_data(script: Path) -> None:
    text = script.read_text()

    assert len(text.splitlines()) < 300
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|https?://(?!www\.w3\.org)", text
    )
