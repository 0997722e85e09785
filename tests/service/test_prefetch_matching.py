"""What a prefetch says is taken by its content, whatever its keys; what it does not say is not made up."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_answers import answer, details, facts, missing, unchecked
from hook_requests import chart, condition, ki67, request, search
from markdown_reading import words

from cards.knowledge import shipped_knowledge
from service.fetching.prefetch import Prefetched

_SELF = "https://ehr.example/fhir/Observation"


def observations(client: FlaskClient, **changes: Any) -> Any:
    """The answer for a chart in which the search for observations found nothing, with changes to that searchset."""
    return answer(client, request(chart(observations=search(**changes))))


def claims_absence(said: Any) -> bool:
    """Whether the answer says that no gastrin test is on record."""
    return facts(said).get("gastrin_test") == "absent"


def test_content_under_foreign_keys_is_used(client: FlaskClient) -> None:
    foreign = {"problems": search(condition()), "labs": search(ki67())}

    said = answer(client, request(chart(conditions=..., observations=..., **foreign)))

    assert facts(said)["grade"] == "G1"


def test_content_under_a_key_of_another_type_is_used(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=search(condition()), conditions=search(ki67()))))

    assert facts(said)["grade"] == "G1"


def test_nothing_found_under_a_foreign_key_is_no_absence(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=..., labs=search(ki67()))))

    assert not claims_absence(said)


def test_nothing_found_under_a_foreign_key_is_absence_where_its_self_link_tells_the_search(
    client: FlaskClient,
) -> None:
    labs = search(ki67(), link=[{"relation": "self", "url": f"{_SELF}?patient=p1"}])

    said = answer(client, request(chart(observations=..., labs=labs)))

    assert claims_absence(said)


def test_resource_without_an_id_is_named_by_its_address(client: FlaskClient) -> None:
    found = search({name: element for name, element in condition().items() if name != "id"})
    found["entry"][0]["fullUrl"] = "https://ehr.example/fhir/Condition/c7/_history/2"

    said = answer(client, request(chart(conditions=found)))

    assert "Condition/c7" in details(said)


def test_resource_under_two_keys_counts_once(client: FlaskClient) -> None:
    once = answer(client, request(chart(observations=search(ki67()))))

    twice = answer(client, request(chart(observations=search(ki67()), labs=search(ki67()))))

    assert details(twice) == details(once)


def test_single_resource_is_used(client: FlaskClient) -> None:
    said = answer(client, request(chart(ki67=ki67())))

    assert facts(said)["grade"] == "G1"


def test_single_resource_where_a_search_belongs_is_used_but_is_no_search(client: FlaskClient) -> None:
    said = answer(client, request(chart(observations=ki67())))

    assert facts(said)["grade"] == "G1"
    assert not claims_absence(said)


def test_resource_of_another_patient_is_left_out_and_the_card_says_so(client: FlaskClient) -> None:
    other = ki67(45, id="o9", subject={"reference": "Patient/p2"})

    said = answer(client, request(chart(observations=search(other))))

    assert "grade" not in facts(said)
    assert "Observation/o9: belongs to another patient and was left out" in words(details(said))


@pytest.mark.parametrize("code", [None, "text", {"coding": [None]}])
def test_what_is_another_patients_spoils_nothing_even_where_its_code_is_misshapen(
    client: FlaskClient, code: Any
) -> None:
    other = {**ki67(45, id="o9", subject={"reference": "Patient/p2"}), "code": code}

    said = answer(client, request(chart(observations=search(ki67(), other))))

    assert facts(said)["grade"] == "G1"
    assert "Observation/o9: belongs to another patient and was left out" in words(details(said))


def test_a_search_whose_link_is_no_address_is_not_taken_for_complete(client: FlaskClient) -> None:
    found = search(ki67())
    found["link"] = [{"relation": "self", "url": "http://[::1/Observation"}]

    said = answer(client, request(chart(observations=found)))

    assert "the link of the search is no address" in words(details(said))


def test_problem_list_of_another_patient_makes_no_cards(client: FlaskClient) -> None:
    other = condition(subject={"reference": "Patient/p2"})

    assert answer(client, request(chart(conditions=search(other))))["cards"] == []


def test_resource_without_a_subject_belongs_to_whose_search_found_it(client: FlaskClient) -> None:
    nobodys = {name: element for name, element in ki67().items() if name != "subject"}

    said = answer(client, request(chart(observations=search(nobodys))))

    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize("subject", [None, {}, {"reference": None}, 5], ids=str)
def test_resource_whose_subject_was_lost_belongs_to_nobody(client: FlaskClient, subject: object) -> None:
    said = answer(client, request(chart(observations=search(ki67(subject=subject)))))

    assert "grade" not in facts(said)


@pytest.mark.parametrize(
    "entry",
    [[None], [{"resource": None}], None, [{}], [{"fullUrl": "urn:uuid:1"}], [{"search": {"mode": "match"}}]],
    ids=str,
)
def test_entry_that_was_lost_keeps_absence_from_being_claimed(client: FlaskClient, entry: object) -> None:
    found = {name: element for name, element in search().items() if name != "total"}

    said = answer(client, request(chart(observations={**found, "entry": entry})))

    assert not claims_absence(said)


def test_search_that_found_nothing_may_have_null_for_its_entries(client: FlaskClient) -> None:
    said = observations(client, total=0, entry=None)

    assert claims_absence(said)


def test_resource_without_a_subject_belongs_to_nobody_where_others_of_its_search_have_one(client: FlaskClient) -> None:
    nobodys = {name: element for name, element in ki67(id="o2").items() if name != "subject"}
    other = ki67(id="o3", code={"coding": [{"system": "http://loinc.org", "code": "8867-4"}]})

    said = answer(client, request(chart(observations=search(nobodys, other))))

    assert "grade" not in facts(said)
    assert "Observation/o2: has no subject or status, though others of its list have" in words(details(said))


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "Patient/p1/_history/3",
        "https://ehr.example/fhir/Patient/p1",
        "https://ehr.example/fhir/Patient/p1/_history/3",
        "urn:uuid:p1",
    ],
)
def test_subject_is_known_however_it_is_written(client: FlaskClient, reference: str) -> None:
    said = answer(client, request(chart(observations=search(ki67(subject={"reference": reference})))))

    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize("reference", ["Patient/p11", "Patient/xp1", "Group/p1", "https://ehr.example/fhir/Patient/p2"])
def test_subject_that_only_looks_like_the_patient_is_another(client: FlaskClient, reference: str) -> None:
    said = answer(client, request(chart(observations=search(ki67(subject={"reference": reference})))))

    assert "grade" not in facts(said)


def test_subject_is_known_by_the_full_url_of_the_patient_in_the_bundle(client: FlaskClient) -> None:
    urn = "urn:uuid:7a1c3b1e-0000-4000-8000-000000000001"
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": urn, "resource": {"resourceType": "Patient", "id": "p1"}},
            {"fullUrl": "urn:uuid:c1", "resource": condition(subject={"reference": urn})},
            {"fullUrl": "urn:uuid:o1", "resource": ki67(subject={"reference": urn})},
        ],
    }

    said = answer(client, request(chart(conditions=..., patient=..., everything=bundle)))

    assert facts(said)["grade"] == "G1"


@pytest.mark.cds("H8")
def test_further_page_that_was_not_read_is_no_absence(client: FlaskClient) -> None:
    said = observations(client, link=[{"relation": "next", "url": f"{_SELF}?page=2"}])

    assert not claims_absence(said)
    assert re.search(r"fasting gastrin.*: Observation: a further page was not read", words(details(said)))


@pytest.mark.cds("H8")
def test_larger_total_than_was_sent_is_no_absence(client: FlaskClient) -> None:
    said = observations(client, total=60)

    assert not claims_absence(said)
    assert re.search(r"fasting gastrin.*: Observation: 0 of 60 entries were sent", words(details(said)))


def test_total_counts_matches_and_not_what_was_included(client: FlaskClient) -> None:
    entries = [{"resource": {"resourceType": "Patient", "id": "p1"}, "search": {"mode": "include"}}]

    said = observations(client, total=1, entry=entries)

    assert not claims_absence(said)


def test_entries_without_a_search_mode_are_matches(client: FlaskClient) -> None:
    said = observations(client, total=1, entry=[{"resource": ki67()}])

    assert claims_absence(said)


@pytest.mark.cds("H5")
@pytest.mark.parametrize(
    ("severity", "code", "complete"),
    [
        ("information", "informational", True),
        ("warning", "not-supported", True),
        ("warning", "incomplete", False),
        ("warning", "suppressed", False),
        ("error", "forbidden", False),
        ("fatal", "exception", False),
    ],
)
def test_outcome_entry_spoils_the_search_only_where_it_says_that_something_is_left_out(
    client: FlaskClient, severity: str, code: str, complete: bool
) -> None:
    issue = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}

    said = observations(client, entry=[{"resource": issue, "search": {"mode": "outcome"}}])

    assert claims_absence(said) is complete


@pytest.mark.parametrize(
    ("query", "complete"),
    [
        ("patient=p1", True),
        ("patient=Patient/p1", True),
        ("subject=Patient/p1&_count=50&_sort=-date", True),
        ("patient:Patient=p1", True),
        ("", True),
        ("patient=p1&category=laboratory", False),
        ("patient=p1&date=ge2026-01-01", False),
        ("patient=p1&status=final", False),
        ("patient=p1&code:in=http://vs.example", False),
        ("patient=p2", False),
        ("patient=p1&_summary=true", False),
        ("patient=p1&_elements=id", False),
    ],
)
def test_narrowed_search_is_no_absence(client: FlaskClient, query: str, complete: bool) -> None:
    said = observations(client, link=[{"relation": "self", "url": f"{_SELF}?{query}"}])

    assert claims_absence(said) is complete


@pytest.mark.parametrize("patient_id", ["p1&code=1", "p1%26code=1"])
def test_narrowing_is_not_taken_for_a_part_of_the_patients_id(patient_id: str) -> None:
    bundle = search(link=[{"relation": "self", "url": f"{_SELF}?patient={patient_id}"}])
    prefetched = Prefetched({"observations": json.dumps(bundle).encode()}, patient_id, shipped_knowledge().terminology)

    [(_, said)] = prefetched.pages(["observations"])

    assert not said["Observation"].complete


def test_self_link_of_another_type_is_believed_rather_than_the_key(client: FlaskClient) -> None:
    said = observations(client, link=[{"relation": "self", "url": "https://ehr.example/fhir/Encounter?patient=p1"}])

    assert not claims_absence(said)


def test_self_link_of_a_posted_search_tells_its_type(client: FlaskClient) -> None:
    said = observations(client, link=[{"relation": "self", "url": f"{_SELF}/_search?patient=p1"}])

    assert claims_absence(said)


def test_bundle_without_a_type_is_a_search(client: FlaskClient) -> None:
    assert claims_absence(answer(client, request(chart(observations={"resourceType": "Bundle", "entry": []}))))


@pytest.mark.parametrize("kind", ["collection", "transaction", "batch-response", "document"])
def test_bundle_of_another_kind_is_no_search(client: FlaskClient, kind: str) -> None:
    assert not claims_absence(answer(client, request(chart(observations=search(type=kind)))))


@pytest.mark.parametrize("entry", [None, {}, {"resource": None}, {"fullUrl": "urn:uuid:1"}])
def test_entry_without_resource_spoils_no_other(client: FlaskClient, entry: object) -> None:
    said = observations(client, entry=[entry, {"resource": ki67()}], total=1)

    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize(
    "entry",
    [
        7,
        "text",
        [],
        {"resource": 7},
        {"resource": "text"},
    ],
)
def test_entry_that_is_no_entry_spoils_the_search_and_nothing_else(client: FlaskClient, entry: object) -> None:
    said = observations(client, entry=[entry, {"resource": ki67()}])

    assert not claims_absence(said)
    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize("total", ["1", 1.5, {}, [], True, -1])
def test_total_that_is_none_counts_as_not_given(client: FlaskClient, total: object) -> None:
    said = observations(client, entry=[{"resource": ki67()}], total=total)

    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize(
    "kind",
    [7, None, [], {}, "", "observation", "Observation "],
)
def test_resource_of_no_type_spoils_no_other(client: FlaskClient, kind: object) -> None:
    said = observations(client, entry=[{"resource": {"resourceType": kind, "id": "x"}}, {"resource": ki67()}])

    assert facts(said)["grade"] == "G1"


@pytest.mark.parametrize(
    "changes",
    [
        {"valueQuantity": "high"},
        {"code": []},
        {"status": 7},
        {"effectiveDateTime": {"year": 2026}},
        {"id": 7},
        {"subject": "Patient/p1"},
        {"component": {}},
    ],
)
def test_resource_that_is_not_fhir_is_named_and_every_other_is_used(
    client: FlaskClient, changes: dict[str, Any]
) -> None:
    broken = ki67(45, id="broken")

    said = answer(client, request(chart(observations=search({**broken, **changes}, ki67()))))

    assert facts(said).get("grade") in (None, "G1")
    assert "Observation" in details(said).partition("Not recorded or unclear")[2]


def test_missing_items_are_the_same_whatever_the_keys(client: FlaskClient) -> None:
    links = {
        f"key{number}": search(*held, link=[{"relation": "self", "url": f"https://e.example/{kind}?patient=p1"}])
        for number, (kind, held) in enumerate(
            {"Condition": [condition()], "Observation": [], "Procedure": [], "ServiceRequest": []}.items()
        )
    }

    assert "gastrin_test" in missing(answer(client, request(links)))


def test_answer_without_a_card_names_what_of_the_chart_is_not_here(client: FlaskClient) -> None:
    said = answer(client, request({"conditions": search(condition())}))

    assert said["cards"] == []
    assert "Observation: not searched" in unchecked(said)


def test_answer_without_a_card_names_nothing_where_all_is_here(client: FlaskClient) -> None:
    said = answer(client, request(chart(conditions=search())))

    assert (said["cards"], unchecked(said)) == ([], [])
