"""A demonstration may ask for another day; production may not."""

from __future__ import annotations

from typing import Any

import pytest
from hook_requests import app_with
from stories import request_of

from cards.knowledge import load_knowledge
from service.advise import Advisor
from service.fetching.fhir_client import FhirClient
from service.requested_day import EXTENSION, on_requested_day
from service.settings import load_settings

FOLLOWED_UP = request_of("duodenal_net_resected_and_followed_up")


def asking(day: object) -> dict[str, Any]:
    return {**FOLLOWED_UP, "extension": {EXTENSION: day}}


def test_the_day_of_the_extension_is_the_day_that_is_judged() -> None:
    client = app_with().test_client()

    now = client.post("/cds-services/net-surveillance", json=asking("2026-11-20")).json["cards"]
    later = client.post("/cds-services/net-surveillance", json=asking("2027-11-20")).json["cards"]

    assert now == []
    assert "overdue" in later[0]["summary"]


def test_the_explanation_is_of_the_same_day() -> None:
    client = app_with().test_client()

    answer = client.post("/explain", json=asking("2027-11-20")).json["net-surveillance"]["rules"]

    assert "recommend" in {rule["outcome"] for rule in answer}


@pytest.mark.parametrize("day", ["tomorrow", 20271120, ["2027-11-20"], "2027-02-30"])
def test_what_is_no_date_is_refused_with_its_place(day: object) -> None:
    answer = app_with().test_client().post("/cds-services/net-surveillance", json=asking(day))

    assert answer.status_code == 400
    assert "extension.org.hoofbeats.today" in answer.json["issue"][0]["diagnostics"]


@pytest.mark.parametrize("extension", [None, {}, [], "text", {EXTENSION: None}, {"other": 1}])
def test_another_extension_changes_nothing(extension: object) -> None:
    answer = (
        app_with().test_client().post("/cds-services/net-surveillance", json={**FOLLOWED_UP, "extension": extension})
    )

    assert answer.json == {"cards": []}


def test_production_does_not_hear_of_it() -> None:
    settings = load_settings({"HOOFBEATS_PROFILE": "production", "HOOFBEATS_TODAY": "2026-11-20"})
    advisor = Advisor(load_knowledge(), settings, FhirClient(settings.max_body_bytes))

    assert on_requested_day(advisor, {EXTENSION: "2027-11-20"}) is advisor
