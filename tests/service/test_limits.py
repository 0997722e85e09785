"""Bodies that are too large, too deep or too many are turned away in milliseconds, before they become objects."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from hook_answers import kinds
from hook_requests import chart, condition, context, ki67, request, search
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BadRequest, ServiceError, TooLarge
from service.journal.feedback import read_feedback
from service.receiving.body import RATIO, inflate
from service.receiving.shape import CHECKED_NODES, DEPTH, NODES, STRING, check_shape
from service.schema_check import check
from service.watch import ENTRIES

PACKED = gzip.compress(b"{}", mtime=0)
MEGABYTE = 1024 * 1024
MOST = 16 * MEGABYTE
PATH = "/cds-services/net-patient-view"


def _with_prefetch(values: bytes) -> bytes:
    """A hook request that is otherwise as it should be."""
    asked = json.dumps(request(prefetch={})).encode()
    return asked.replace(b'"prefetch": {}', b'"prefetch": {' + values + b"}")


def _searched(entry: bytes, many: int) -> bytes:
    return b'"observations":{"resourceType":"Bundle","entry":[' + b",".join([entry] * many) + b"]}"


BOMBS: dict[str, tuple[bytes, int]] = {
    "nested 100,000 levels": (b"[" * 100_000 + b"]" * 100_000, 400),
    "nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "never closed": (b"[" * 900_000, 400),
    "a million entries": (_with_prefetch(_searched(b'{"resource":{}}', 1_000_000)), 413),
    "eight million parts": (b"[" + b"1," * (8 * MEGABYTE - 2) + b"1]", 413),
    "an endless string": (b'{"a":"' + b"a" * (5 * MEGABYTE) + b'"}', 413),
    "an endless string of escapes": (b'{"a":"' + b'\\"' * (3 * MEGABYTE) + b'"}', 413),
    "fifty megabytes": (b" " * (50 * MEGABYTE), 413),
    "no end of closing": (b"[" * 60 + b"]" * 60 + b"]" * 900_000, 400),
    "many deep towers": ((b"[" * 60 + b"]" * 60 + b",") * 16_000, 400),
    "many towers of a few layers": ((b"[" * 9 + b"]" * 9 + b",") * 90_000, 400),
    "brackets in strings to hide depth": (b'{"a":["]","]","]",' * 65 + b"1" + b"]}" * 65, 400),
    "nested in what is passed over": (_with_prefetch(b'"x":' + b"[" * 100_000 + b"]" * 100_000), 400),
    "objects in what is passed over": (_with_prefetch(b'"x":[' + b"{}," * 1_100_000 + b"1]"), 413),
    "numbers in what is passed over": (_with_prefetch(b'"x":[' + b"1," * 1_100_000 + b"1]"), 413),
    "values": (_with_prefetch(b",".join(b'"%d":null' % number for number in range(100_000))), 413),
    "a million values": (
        _with_prefetch(b",".join(b'"%d":{}' % number for number in range(1_000_000))),
        413,
    ),
    "entries of nothing": (_with_prefetch(_searched(b'{"resource":{}}', 500_000)), 413),
    "entries that are null": (_with_prefetch(_searched(b"null", 500_000)), 413),
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_size_bomb_is_turned_away_before_it_is_parsed(client: FlaskClient, name: str) -> None:
    body, status = BOMBS[name]
    began = time.process_time()

    answer = client.post(PATH, data=body, content_type="application/json")

    assert answer.status_code == status
    assert answer.json["resourceType"] == "OperationOutcome"
    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(("length", "status"), [(2 * MEGABYTE, 200), (2 * MEGABYTE + 1, 413)])
def test_feedback_is_held_to_a_size_of_its_own(client: FlaskClient, length: int, status: int) -> None:
    body = b'{"feedback": []}'.ljust(length)

    answer = client.post(f"{PATH}/feedback", data=body, content_type="application/json")

    assert answer.status_code == status


def test_a_zip_bomb_is_not_unpacked(client: FlaskClient) -> None:
    packed = gzip.compress(b" " * (500 * MEGABYTE), 9)
    began = time.process_time()

    answer = client.post(PATH, data=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 413
    assert time.process_time() - began < 0.25


def test_a_body_may_be_packed_with_gzip(client: FlaskClient) -> None:
    body = {"hook": "patient-view", "hookInstance": "i", "context": {"userId": "Practitioner/1", "patientId": "p1"}}
    packed = gzip.compress(json.dumps({**body, "prefetch": {"conditions": None}}).encode())

    answer = client.post(PATH, data=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})

    assert answer.json == {"cards": []}


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", b"no gzip at all", 400),
        ("gzip", PACKED[:-4], 400),
        ("gzip", PACKED + PACKED, 400),
        ("deflate", b"{}", 415),
        ("br", b"{}", 415),
        ("gzip, gzip", gzip.compress(PACKED, mtime=0), 415),
    ],
)
def test_other_packings_are_told_so(client: FlaskClient, coding: str, body: bytes, status: int) -> None:
    answer = client.post(PATH, data=body, content_type="application/json", headers={"Content-Encoding": coding})

    assert answer.status_code == status


def test_what_packs_at_most_at_the_accepted_ratio_is_unpacked() -> None:
    body = b"".join(f"{number:>9}".encode() for number in range(100_000))

    assert inflate(gzip.compress(body), MOST) == body


def test_a_ratio_above_the_accepted_one_is_too_large() -> None:
    packed = gzip.compress(b"0" * MEGABYTE)

    assert MEGABYTE / len(packed) > RATIO
    with pytest.raises(TooLarge):
        inflate(packed, MOST)


@pytest.mark.parametrize(
    "body", [b'{"hook": "\xe9"}', b'{"prefetch": {"patient": {"id": "\xff"}}}', b"\xff\xfe{\x00}\x00"]
)
def test_a_body_that_is_not_utf_8_is_told_so(client: FlaskClient, body: bytes) -> None:
    answer = client.post(PATH, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["issue"][0]["diagnostics"] == "the body is not UTF-8"


@pytest.mark.parametrize("depth", [1, 8, 9, DEPTH])
def test_a_body_as_deep_as_allowed_passes(depth: int) -> None:
    check_shape(b"[" * depth + b"]" * depth)


def test_a_body_one_level_deeper_does_not() -> None:
    with pytest.raises(BadRequest, match="nested"):
        check_shape(b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1))


def test_depth_is_counted_between_towers_too() -> None:
    tower = b"[" * 10 + b"]" * 10

    check_shape((b"[" + tower + b",") * 54 + b"1" + b"]" * 54)
    with pytest.raises(BadRequest, match="nested"):
        check_shape((b"[" + tower + b",") * 65 + b"1" + b"]" * 65)


def test_a_string_as_long_as_allowed_passes_and_one_twice_as_long_does_not() -> None:
    check_shape(b'["' + b"a" * (STRING - 2) + b'"]')

    with pytest.raises(TooLarge, match="string"):
        check_shape(b'["' + b"a" * (2 * STRING) + b'"]')


def test_as_many_entries_as_allowed_pass_and_one_more_does_not(client: FlaskClient) -> None:
    held = {"observations": search(*[{}] * (ENTRIES - 1))}

    allowed = client.post(PATH, json=request({**held, "conditions": search(condition())}))
    beyond = client.post(PATH, json=request({**held, "conditions": search(condition(), condition(id="c2"))}))

    assert allowed.status_code == 200
    assert beyond.status_code == 413
    assert beyond.json["issue"][0]["diagnostics"] == f"the body holds more than {ENTRIES} entries"


def test_the_entries_of_all_values_count_together(client: FlaskClient) -> None:
    values = b",".join(b'"%d":{"resourceType":"Bundle","entry":[%s]}' % (i, b"{}," * 999 + b"{}") for i in range(21))

    answer = client.post(PATH, data=_with_prefetch(values), content_type="application/json")

    assert answer.status_code == 413


def test_as_many_parts_as_allowed_pass_and_one_more_does_not() -> None:
    check_shape(b"[" + b"1," * (NODES - 1) + b"1]")

    with pytest.raises(TooLarge, match="parts"):
        check_shape(b"[" + b"1," * NODES + b"1]")


def test_what_is_held_against_a_schema_may_have_fewer_parts(client: FlaskClient) -> None:
    own = json.dumps(context(more=[])).count(",") + 2
    most = [0] * (CHECKED_NODES - own + 1)

    allowed = client.post(PATH, json=request(chart(), context=context(more=most)))
    beyond = client.post(PATH, json=request(chart(), context=context(more=[*most, 0])))

    assert allowed.status_code == 200
    assert beyond.status_code == 413
    assert beyond.json["issue"][0]["diagnostics"] == f"context has more than {CHECKED_NODES} parts"


def test_feedback_is_held_to_the_parts_of_what_is_held_against_a_schema() -> None:
    with pytest.raises(TooLarge, match=f"more than {CHECKED_NODES} parts"):
        read_feedback(json.dumps({"feedback": [], "more": [0] * CHECKED_NODES}).encode())


def test_of_a_list_in_which_all_is_wrong_the_first_is_told_at_once() -> None:
    began = time.process_time()

    with pytest.raises(BadRequest, match=r"selections\.0 is not of type string"):
        check(context(selections=[0] * 40_000, draftOrders={"resourceType": "Bundle"}), "order-select", "")

    assert time.process_time() - began < 0.25


@pytest.mark.parametrize("place", [0, 4, 9])
def test_parts_that_are_crowded_in_one_place_are_found(client: FlaskClient, place: int) -> None:
    values = [b'"%d":"%s"' % (number, b" " * MEGABYTE) for number in range(9)]
    values.insert(place, b'"x":[' + b"{}," * 2_000_000 + b"1]")

    answer = client.post(PATH, data=_with_prefetch(b",".join(values)), content_type="application/json")

    assert answer.status_code == 413


def test_what_stands_in_strings_is_no_part() -> None:
    check_shape(b'["' + b"{," * (NODES + 1) + b'"]')


def test_what_becomes_objects_is_held_to_the_depth_wherever_it_stands(client: FlaskClient) -> None:
    asked = request(context=context(more=_nested(DEPTH)))

    answer = client.post(PATH, json=asked)

    assert answer.status_code == 400
    assert "nested" in answer.json["issue"][0]["diagnostics"]


# Within what the parser follows, and beyond what any of our own reading could.
@pytest.mark.parametrize("depth", [DEPTH, 300, 900])
def test_a_neighbour_that_is_nested_deeply_spoils_nothing_else(client: FlaskClient, depth: int) -> None:
    deep = ki67(2, id="deep", component=_nested(depth), code={"coding": [{"system": "urn:x", "code": "x"}]})
    held = chart(observations=search(ki67(2), deep, ki67(2, id="beside", note=_nested(depth))))

    answer = client.post(PATH, json=request(held))

    assert answer.status_code == 200
    assert kinds(answer.json) == kinds(client.post(PATH, json=request(chart(observations=search(ki67(2))))).json)


@pytest.mark.parametrize("element", ["code", "subject", "extension", "bodySite", "clinicalStatus", "recordedDate"])
@pytest.mark.parametrize("depth", [DEPTH, 300, 900])
def test_a_problem_that_is_nested_deeply_is_never_a_fault_of_ours(
    client: FlaskClient, element: str, depth: int
) -> None:
    answer = client.post(PATH, json=request(chart(conditions=search(condition(**{element: _nested(depth)})))))

    assert answer.status_code in (200, 412)


@pytest.mark.parametrize("depth", [DEPTH, 300, 900])
def test_codes_in_codes_are_never_a_fault_of_ours(client: FlaskClient, depth: int) -> None:
    code: Any = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}
    for _ in range(depth):
        code = {"concept": code}
    drug = {"resourceType": "MedicationRequest", "id": "m", "medication": code, "subject": {"reference": "Patient/p1"}}
    held = chart(conditions=search(condition(), condition(id="c2", code=code)), medications=search(drug))

    assert client.post(PATH, json=request(held)).status_code == 200


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab"\\[]{},:\n é', max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='a"\\[{', max_size=4), inner, max_size=4)
    ),
    max_leaves=60,
)


@given(JSON, st.integers(min_value=0, max_value=90))
@settings(max_examples=300)
def test_depth_is_counted_as_a_parser_would_count_it(value: Any, wrapped: int) -> None:
    for _ in range(wrapped):
        value = [value]
    body = json.dumps(value, ensure_ascii=False).encode()

    try:
        check_shape(body)
        passed = True
    except ServiceError:
        passed = False

    assert passed == (_depth(value) <= DEPTH)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def test_checking_a_chart_takes_a_few_milliseconds_for_each_megabyte() -> None:
    entry = {"resource": {"resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org"}]}}}
    body = json.dumps({"prefetch": {"observations": {"entry": [entry] * 9_000}}}).encode()

    took = min(_seconds(body) for _ in range(5))

    assert took / (len(body) / MEGABYTE) < 0.02


def _seconds(body: bytes) -> float:
    began = time.process_time()
    check_shape(body)
    return time.process_time() - began
