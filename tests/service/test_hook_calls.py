"""A call is answered with cards or with none, whatever a client sends or leaves out."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_answers import answer, details, facts, kinds, missing
from hook_requests import KEYS, VIEW, chart, condition, context, ki67, request, search
from json_reading import empties

_OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
_WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-supported"}]}
_FORMS = {
    "absent": ...,
    "null": None,
    "empty searchset": search(),
    "Bundle without entry": {"resourceType": "Bundle", "type": "searchset"},
    "Bundle without type": {"resourceType": "Bundle", "entry": []},
    "OperationOutcome": _OUTCOME,
    "Bundle with an OperationOutcome": {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": _OUTCOME}],
    },
    "text": "none",
    "number": 7,
    "list": [],
    "empty object": {},
    "empty text": "",
    "true": True,
}


def backwards(value: Any) -> Any:
    """Some JSON with the members of its objects in the opposite order: the type of a resource comes last."""
    match value:
        case dict():
            return {key: backwards(inner) for key, inner in reversed(value.items())}
        case list():
            return [backwards(inner) for inner in value]
        case _:
            return value


@pytest.mark.cds("H1", "S1", "C1")
def test_call_is_answered_with_cards(client: FlaskClient) -> None:
    response = client.post(VIEW, json=request())

    assert (response.status_code, kinds(response.json)) == (200, ["work-up"])


@pytest.mark.cds("H1")
def test_call_with_unknown_fields_is_answered(client: FlaskClient) -> None:
    body = request(extension={"com.example": {"any": [1, None]}}, version="3.0", context=context(encounterId="e1", x=1))

    assert kinds(answer(client, body)) == ["work-up"]


@pytest.mark.cds("H1")
@pytest.mark.parametrize("user", ["PractitionerRole/1", "Patient/p1", "RelatedPerson/1"])
def test_call_by_any_kind_of_user_is_answered(client: FlaskClient, user: str) -> None:
    assert kinds(answer(client, request(context=context(userId=user)))) == ["work-up"]


@pytest.mark.cds("H1", "F8")
def test_call_with_a_server_but_no_token_is_answered_from_prefetch(client: FlaskClient) -> None:
    assert kinds(answer(client, request(fhirServer="http://127.0.0.1:9/fhir"))) == ["work-up"]


@pytest.mark.cds("H2")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
def test_every_form_of_every_key_is_coped_with(client: FlaskClient, key: str, form: object) -> None:
    response = client.post(VIEW, json=request(chart(**{key: form})))

    assert response.status_code == 200


@pytest.mark.cds("H2")
@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
def test_prefetch_of_one_form_throughout_never_fails(client: FlaskClient, form: object) -> None:
    body = request({key: form for key in KEYS if form is not ...})

    response = client.post(VIEW, json=body)

    assert response.status_code in (200, 412)


@pytest.mark.cds("H2", "H4", "S3")
@pytest.mark.parametrize("prefetch", [None, {}, {"conditions": _OUTCOME}, {"other": "text"}])
def test_call_without_any_data_is_told_what_it_needs(client: FlaskClient, prefetch: object) -> None:
    response = client.post(VIEW, json=request(prefetch))

    assert response.status_code == 412
    assert "Condition resources are needed (prefetch key conditions)" in response.get_data(as_text=True)


@pytest.mark.cds("H6")
def test_null_means_that_nothing_was_found(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=None, orders=None)))

    assert "gastrin_test" in missing(said)
    assert facts(said)["gastrin_test"] == "absent"


@pytest.mark.cds("H6")
def test_absent_key_does_not_mean_that_nothing_was_found(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=...)))

    assert "gastrin_test" not in facts(said)
    assert re.search(r"fasting gastrin.*: Observation: not searched", details(said))


@pytest.mark.cds("H5")
def test_failed_search_does_not_mean_that_nothing_was_found(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=_OUTCOME)))

    assert "gastrin_test" not in facts(said)
    assert re.search(r"fasting gastrin.*: Observation: the search failed", details(said))


@pytest.mark.cds("H5")
@pytest.mark.parametrize(("outcome", "found"), [(_OUTCOME, False), (_WARNING, True)], ids=["error", "warning"])
def test_outcome_beside_matches_spoils_the_search_only_if_it_is_an_error(
    client: FlaskClient, outcome: dict[str, Any], found: bool
) -> None:
    entries = [{"resource": outcome, "search": {"mode": "outcome"}}]

    said = answer(client, request(chart(observations=search(entry=entries, total=0))))

    assert ("gastrin_test" in facts(said)) is found


@pytest.mark.cds("H6")
def test_chart_without_its_problem_list_gets_no_cards_and_is_told_why(client: FlaskClient) -> None:
    said = answer(client, request(chart(conditions=...)))

    assert said == {"cards": [], "extension": {"org.hoofbeats.response": {"unchecked": ["Condition: not searched"]}}}


@pytest.mark.cds("S2")
@pytest.mark.parametrize(
    "conditions",
    [
        search(),
        search(condition("I10")),
        search(condition(verificationStatus={"coding": [{"code": "refuted"}]})),
        search(condition(verificationStatus={"coding": [{"code": "entered-in-error"}]})),
        search(condition(clinicalStatus={"coding": [{"code": "inactive"}]})),
    ],
    ids=["no problems", "another problem", "refuted", "entered in error", "inactive"],
)
def test_chart_without_a_neuroendocrine_tumour_gets_an_empty_list_of_cards(
    client: FlaskClient, conditions: dict[str, Any]
) -> None:
    assert answer(client, request(chart(conditions=conditions))) == {"cards": []}


def test_chart_of_only_the_problem_list_is_answered(client: FlaskClient) -> None:
    response = client.post(VIEW, json=request({"conditions": search(condition())}))

    assert response.status_code == 200


@pytest.mark.cds("H2", "T3", "T4", "T5")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", _FORMS.values(), ids=_FORMS)
def test_no_answer_holds_anything_that_is_empty(client: FlaskClient, key: str, form: object) -> None:
    body = client.post(VIEW, json=request(chart(**{key: form}))).json

    assert [place for place in empties(body) if place != "$.cards"] == []


@pytest.mark.cds("T6")
def test_answer_is_strict_json(client: FlaskClient) -> None:
    data = client.post(VIEW, json=request()).get_data(as_text=True)

    assert json.loads(data, parse_constant=lambda _: pytest.fail("not JSON"))


def test_same_request_gets_the_same_bytes(client: FlaskClient) -> None:
    first = client.post(VIEW, json=request(chart(observations=search(ki67()))))

    second = client.post(VIEW, json=request(chart(observations=search(ki67()))))

    assert first.data == second.data


def test_order_of_prefetch_keys_changes_nothing(client: FlaskClient) -> None:
    backwards = dict(reversed(chart(observations=search(ki67())).items()))

    assert answer(client, request(backwards)) == answer(client, request(chart(observations=search(ki67()))))


def test_order_of_the_elements_of_resources_changes_nothing(client: FlaskClient) -> None:
    held = chart(observations=search(ki67()))

    assert answer(client, request(backwards(held))) == answer(client, request(held))


def test_elements_of_other_types_change_nothing(client: FlaskClient) -> None:
    odd = {"issue": 5, "vaccineCode": [], "extension": [], "activity": "no", "medicationReference": 3}

    assert answer(client, request(chart(observations=search({**ki67(), **odd})))) == answer(
        client, request(chart(observations=search(ki67())))
    )


@pytest.mark.parametrize("code", [5, None, [], {"coding": [7]}])
def test_a_patient_with_a_code_that_no_patient_has_changes_nothing(client: FlaskClient, code: object) -> None:
    held = chart(observations=search(ki67()))
    patient = {**held["patient"], "code": code}

    for sent in (patient, search(patient)):
        assert answer(client, request({**held, "patient": sent})) == answer(client, request(held))


@pytest.mark.cds("C2", "B10")
def test_another_hook_instance_gets_other_uuids(client: FlaskClient) -> None:
    [first] = answer(client, request())["cards"]

    [second] = answer(client, request(hookInstance="00000000-0000-4000-8000-000000000000"))["cards"]

    assert first["uuid"] != second["uuid"]


@pytest.mark.parametrize("id", ["net-patient-view", "net-surveillance", "net-order-select", "net-order-sign"])
def test_every_service_answers_with_cards_and_extension_only(client: FlaskClient, id: str) -> None:
    hook = {"net-order-select": "order-select", "net-order-sign": "order-sign"}.get(id, "patient-view")
    drafts = {"draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": []}, "selections": ["A/1"]}

    body = client.post(f"/cds-services/{id}", json=request(hook=hook, context=context(**drafts))).json

    assert set(body) <= {"cards", "extension"}
