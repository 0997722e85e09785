"""What prefetch lacks is fetched from the client's server, no more than is needed, and each failure stays its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fetched_charts import ask
from fhir_stub import Answer, FhirStub, searchset, serving
from flask.testing import FlaskClient
from hook_answers import missing, statements, unchecked
from hook_requests import app_with, condition, context, ki67
from order_requests import RXNORM, SNOMED

from cards.knowledge import shipped_knowledge
from service.fetching.fhir_client import is_on
from service.services import PREFETCH_KEYS, SERVICES, needed_types


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app_with(FETCH_DEADLINE_MS="20000").test_client()


def test_a_chart_without_prefetch_is_fetched_whole(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(searchset(ki67())))

    response = ask(client, server)

    assert "DUO-WU-10" in statements(response.json)
    assert {query.partition("?")[0].partition("/")[0] for query in server.asked} == {
        "metadata",
        *needed_types(SERVICES["net-patient-view"], shipped_knowledge()),
    }


def test_every_query_carries_the_token(client: FlaskClient, server: FhirStub) -> None:
    ask(client, server)

    assert set(server.tokens) == {"Bearer secret-token"}


def test_only_the_missing_types_are_fetched(client: FlaskClient, server: FhirStub) -> None:
    prefetch = {"conditions": searchset(condition()), "observations": searchset(ki67()), "imagingStudies": None}

    ask(client, server, prefetch)

    asked = {query.partition("?")[0].partition("/")[0] for query in server.asked}
    assert not asked & {"Condition", "Observation", "ImagingStudy"}


def test_nothing_but_conditions_is_fetched_without_a_neoplasm(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Condition", Answer(searchset()))

    response = ask(client, server)

    assert response.json == {"cards": []}
    assert [query.partition("?")[0] for query in server.asked] == ["metadata", "Condition"]


def test_all_pages_of_a_search_are_read(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(searchset(next_url=f"{server.url}/Observation-page-2")))
    server.answer("Observation-page-2", Answer(searchset(ki67())))

    response = ask(client, server)

    assert "ki67_assessment" not in missing(response.json)
    assert "DUO-WU-04" not in statements(response.json)


def test_pages_that_prefetch_left_unread_are_fetched(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation-page-2", Answer(searchset(ki67())))
    first = searchset(next_url=f"{server.url}/Observation-page-2")

    response = ask(client, server, {"conditions": searchset(condition()), "observations": first})

    assert "Observation-page-2" in server.asked
    assert "DUO-WU-05" in statements(response.json)


@pytest.mark.parametrize(("total", "complete"), [(2, True), (3, False)])
def test_pages_of_prefetch_count_towards_the_total_that_the_server_names(
    client: FlaskClient, server: FhirStub, total: int, complete: bool
) -> None:
    other = ki67(id="o2", effectiveDateTime="2026-09-11")
    server.answer("Observation-page-2", Answer({**searchset(other), "total": total}))
    first = {**searchset(ki67(), next_url=f"{server.url}/Observation-page-2"), "total": total}

    response = ask(client, server, {"conditions": searchset(condition()), "observations": first})

    assert ("DUO-WU-05" in statements(response.json)) is complete


@pytest.mark.parametrize("key", ["observations", "something"])
def test_further_pages_of_a_search_that_was_narrowed_are_used_and_do_not_complete_it(
    client: FlaskClient, server: FhirStub, key: str
) -> None:
    server.answer("Observation-page-2", Answer(searchset(ki67())))
    first = searchset(ki67(id="o2"), next_url=f"{server.url}/Observation-page-2")
    if key == "observations":
        first["link"].append({"relation": "self", "url": f"{server.url}/Observation?patient=p1&combo-code=x"})

    response = ask(client, server, {"conditions": searchset(condition()), key: first})

    assert "Observation-page-2" in server.asked
    assert "DUO-WU-05" not in statements(response.json)


def test_a_page_on_another_server_is_not_followed(client: FlaskClient, server: FhirStub) -> None:
    with serving() as other:
        server.answer("Observation", Answer(searchset(next_url=f"{other.url}/Observation?page=2")))
        response = ask(client, server)

    assert response.status_code == 200
    assert "DUO-WU-05" not in statements(response.json)
    assert other.asked == []


@pytest.mark.parametrize("link", ["http://[::1", "//[", "http://127.0.0.1:x/", "http://\u0107/"])
def test_a_link_that_is_no_address_costs_its_own_search_alone(client: FlaskClient, server: FhirStub, link: str) -> None:
    server.answer("Observation", Answer(searchset(next_url=link)))

    response = ask(client, server)

    assert response.status_code == 200
    assert "DUO-WU-05" not in statements(response.json)


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}, status=403),
        Answer({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}),
        Answer(b"<html>busy</html>"),
        Answer(b'{"resourceType": "Bundle", "entry": ['),
        Answer(b'{"resourceType": "Bundle"}', cut=True),
        Answer(b"", status=302, headers={"Location": "/fhir/elsewhere"}),
        Answer(b"", status=500),
        Answer(b"", status=401),
    ],
    ids=["forbidden", "outcome", "html", "truncated", "cut off", "redirect", "500", "401"],
)
def test_a_search_that_fails_makes_its_findings_unknown_and_no_other(
    client: FlaskClient, server: FhirStub, answer: Answer
) -> None:
    server.answer("Observation", answer)

    response = ask(client, server)

    assert response.status_code == 200
    assert "DUO-WU-05" not in statements(response.json)
    assert "DUO-GOV-01" in statements(response.json)


def test_a_search_that_hangs_is_given_up_at_the_deadline(server: FhirStub) -> None:
    server.answer("Observation", Answer(searchset(), delay=4))
    hurried = app_with(FETCH_DEADLINE_MS="2000").test_client()
    others = {key: None for key in PREFETCH_KEYS.values() if key not in ("observations", "patient")}

    response = ask(hurried, server, {**others, "conditions": searchset(condition())})

    assert "DUO-GOV-01" in statements(response.json)
    assert "DUO-WU-05" not in statements(response.json)


def test_a_server_that_is_busy_once_is_asked_again(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(b"", status=503), Answer(searchset(ki67())))

    response = ask(client, server)

    assert "DUO-WU-05" in statements(response.json)
    assert sum(query.startswith("Observation") for query in server.asked) == 2


def test_a_redirect_is_not_followed(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(b"", status=307, headers={"Location": "/fhir/elsewhere"}))

    ask(client, server)

    assert "elsewhere" not in server.asked


def test_conditions_that_cannot_be_had_at_all_give_412_that_names_them(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Condition", Answer(b"", status=403))

    response = ask(client, server)

    assert response.status_code == 412
    assert "Condition" in response.json["issue"][0]["diagnostics"]


def test_a_server_without_a_token_is_not_asked(client: FlaskClient, server: FhirStub) -> None:
    response = ask(client, server, fhirAuthorization=None)

    assert response.status_code == 412
    assert server.asked == []


def test_a_server_of_an_older_fhir_version_is_told_so(client: FlaskClient, server: FhirStub) -> None:
    server.answer("metadata", Answer({"resourceType": "CapabilityStatement", "fhirVersion": "1.0.2"}))

    response = ask(client, server)

    assert response.json["cards"] == []
    assert "DSTU2" in unchecked(response.json)[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://ehr.example.org/fhir/Observation",
        "http://ehr.example.org:8080/fhir/Observation",
        "http://ehr.example.org.evil.example/fhir/x",
        "http://ehr.example.org@evil.example/fhir/x",
        "http://ehr.example.org/other/Observation",
        "http://ehr.example.org/fhir/../admin",
        "//evil.example/fhir/x",
    ],
)
def test_an_address_beside_the_base_is_another_server(url: str) -> None:
    assert not is_on("http://ehr.example.org/fhir", url)


def medication_request(reference: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-10-01",
        "medicationReference": {"reference": reference},
    }


def test_a_drug_that_a_request_refers_to_is_fetched(client: FlaskClient, server: FhirStub) -> None:
    coding = {"system": "http://www.whocc.no/atc", "code": "H01CB02"}
    server.answer("MedicationRequest", Answer(searchset(medication_request(f"{server.url}/Medication/d1"))))
    server.answer("Medication/d1", Answer({"resourceType": "Medication", "id": "d1", "code": {"coding": [coding]}}))
    insulinoma = {**condition(), "code": {"coding": [{"system": SNOMED, "code": "302822000"}]}}
    server.answer("Condition", Answer(searchset(insulinoma)))

    response = ask(client, server)

    assert "EXT-14" in statements(response.json)


@pytest.mark.parametrize("reference", ["Medication/d1", "Medication/d1/_history/3", "/fhir/Medication/d1"])
def test_a_drug_that_came_with_its_request_is_not_fetched(
    client: FlaskClient, server: FhirStub, reference: str
) -> None:
    drug = {"resourceType": "Medication", "id": "d1", "code": {"text": "octreotide"}}
    server.answer("MedicationRequest", Answer(searchset(medication_request(reference), drug)))

    ask(client, server)

    assert not any(query.startswith("Medication/") for query in server.asked)


def test_a_drug_on_another_server_is_not_fetched(client: FlaskClient, server: FhirStub) -> None:
    elsewhere = "http://127.0.0.1:9/fhir/Medication/d1"
    server.answer("MedicationRequest", Answer(searchset(medication_request(elsewhere))))

    response = ask(client, server)

    assert response.status_code == 200
    assert not any(query.startswith("Medication/") for query in server.asked)


def test_the_drug_of_a_draft_is_fetched_where_nobody_sent_it(client: FlaskClient, server: FhirStub) -> None:
    insulinoma = {**condition(), "code": {"coding": [{"system": SNOMED, "code": "302822000"}]}}
    server.answer("Condition", Answer(searchset(insulinoma)))
    coding = {"system": RXNORM, "code": "7617"}
    server.answer("Medication/d1", Answer({"resourceType": "Medication", "id": "d1", "code": {"coding": [coding]}}))
    drug = {"reference": f"{server.url}/Medication/d1"}
    draft = {"resourceType": "MedicationRequest", "id": "draft-1", "medicationReference": drug}
    orders = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    drafted = context(draftOrders=orders, selections=["draft-1"])

    response = ask(client, server, hook="order-select", context=drafted)

    assert "PNET-CI-02" in statements(response.json)


@pytest.mark.parametrize("depth", [65, 500, 900, 930, 960])
def test_a_problem_that_is_nested_as_deeply_as_a_thread_can_follow_is_no_fault_of_ours(
    client: FlaskClient, server: FhirStub, depth: int
) -> None:
    page = json.dumps(searchset(condition(note="deep"))).encode()
    server.answer("Condition", Answer(page.replace(b'"deep"', b"[" * depth + b"]" * depth)))
    draft = {"resourceType": "ServiceRequest", "id": "draft-1", "code": {"text": "CT"}}
    orders = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    drafted = context(draftOrders=orders, selections=["draft-1"])

    response = ask(client, server, hook="order-select", context=drafted)

    assert response.status_code == 200
