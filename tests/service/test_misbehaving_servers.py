"""FHIR servers as they are: whatever one does wrong costs its own search, and what can be understood is."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from typing import Any

import pytest
from fetched_charts import ask, give_chart
from fhir_stub import Answer, FhirStub, searchset, serving
from flask.testing import FlaskClient
from hook_answers import statements
from hook_requests import app_with, condition, ki67

from service.fetching.fhir_client import FetchFailed, FhirClient, address_on, is_on
from service.hook_request import FhirAccess
from service.secret import Secret
from service.watch import Deadline

FOUND = json.dumps(searchset(ki67())).encode()
NONE = json.dumps(searchset()).encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app_with(FETCH_DEADLINE_MS="5000").test_client()


def chunked(body: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer in chunks; without its end it is cut off."""
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(body):x}".encode() + b"\r\n" + body + b"\r\n" + end


def outcome(severity: str, code: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def is_complete(response: Any) -> bool:
    """Whether the search for Observations counts as complete: chromogranin A is then said to be missing."""
    assert response.status_code == 200
    return "DUO-WU-05" in statements(response.json)


def direct(server: FhirStub, seconds: float = 5) -> bytes:
    return FhirClient(1_000_000).fetch(FhirAccess(server.url, Secret("t")), "metadata", Deadline(seconds))


EMPTY_WITH_OUTCOME = {
    **searchset(),
    "total": 0,
    "entry": [{"resource": outcome("warning", "processing"), "search": {"mode": "outcome"}}],
}
READ = {
    "JSON called text": Answer(NONE, headers={"Content-Type": "text/plain"}),
    "JSON called HTML": Answer(NONE, headers={"Content-Type": "text/html; charset=iso-8859-1"}),
    "byte order mark": Answer(b"\xef\xbb\xbf" + NONE),
    "blanks around": Answer(b"\r\n  " + NONE + b"\n"),
    "gzip": Answer(gzip.compress(NONE), headers={"Content-Encoding": "gzip"}),
    "deflate": Answer(zlib.compress(NONE), headers={"Content-Encoding": "deflate"}),
    "in chunks": Answer(raw=chunked(NONE)),
    "without a length": Answer(raw=OK + b"\r\n" + NONE),
    "nothing found, with an outcome": Answer(EMPTY_WITH_OUTCOME),
    "no entry, no link": Answer({"resourceType": "Bundle", "type": "searchset", "total": 0}),
    "null for lists": Answer({"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": None, "link": None}),
    "an empty next": Answer({**searchset(), "link": [{"relation": "next", "url": ""}]}),
    "self on an inner host": Answer(
        {**searchset(), "link": [{"relation": "self", "url": "http://app-7/fhir/Observation"}]}
    ),
}
LOST = {
    "nothing": Answer(b""),
    "no content": Answer(b"", status=204),
    "not found": Answer(outcome("error", "not-found"), status=404),
    "gone": Answer(b"", status=410),
    "not implemented": Answer(b"", status=501),
    "XML": Answer(b'<Bundle xmlns="http://hl7.org/fhir"/>', headers={"Content-Type": "application/fhir+xml"}),
    "JSON null": Answer(b"null"),
    "a list": Answer(b"[]"),
    "an empty object": Answer(b"{}"),
    "null for its entries": Answer({"resourceType": "Bundle", "type": "searchset", "entry": None}),
    "another resource": Answer({"resourceType": "CapabilityStatement"}),
    "a single resource": Answer(ki67()),
    "a collection": Answer({**searchset(), "type": "collection"}),
    "an answer to a batch": Answer({**searchset(), "type": "batch-response"}),
    "an outcome among entries": Answer(
        {**searchset(), "entry": [{"resource": outcome("error", "processing"), "search": {"mode": "outcome"}}]}
    ),
    "an outcome that calls itself incomplete": Answer(
        {**searchset(), "entry": [{"resource": outcome("warning", "too-costly"), "search": {"mode": "outcome"}}]}
    ),
    "called gzip and not packed": Answer(NONE, headers={"Content-Encoding": "gzip"}),
    "gzip cut off": Answer(gzip.compress(NONE * 100)[:-20], headers={"Content-Encoding": "gzip"}),
    "chunks cut off": Answer(raw=chunked(NONE, end=b"")),
    "a chunk cut off": Answer(raw=chunked(NONE)[:-40]),
    "a chunk of no length": Answer(raw=OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a length that is too short": Answer(raw=OK + b"Content-Length: 20\r\n\r\n" + NONE),
    "no HTTP": Answer(raw=b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a header without end": Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000),
}


@pytest.mark.parametrize("case", READ)
def test_an_answer_that_can_be_understood_is(client: FlaskClient, server: FhirStub, case: str) -> None:
    server.answer("Observation", READ[case])

    assert is_complete(ask(client, server))


@pytest.mark.parametrize("case", LOST)
def test_an_answer_that_is_none_claims_no_absence(client: FlaskClient, server: FhirStub, case: str) -> None:
    server.answer("Observation", LOST[case])

    response = ask(client, server)

    assert not is_complete(response)
    assert "DUO-GOV-01" in statements(response.json)


@pytest.mark.parametrize(
    ("query", "complete"),
    [
        ("patient=p1&_count=500", True),
        ("patient=Patient/p1&_getpages=7c1&ct=abc", True),
        ("", True),
        ("subject:Patient=p1&_sort=-date", True),
        ("patient=p1&category=laboratory", False),
        ("patient=p1&status:not=entered-in-error", False),
        ("patient=p2", False),
        ("patient=p1&_lastUpdated=gt2025", False),
    ],
)
def test_a_link_that_says_what_was_searched_tells_whether_it_was_all(
    client: FlaskClient, server: FhirStub, query: str, complete: bool
) -> None:
    self_link = {"relation": "self", "url": f"http://app-7/fhir/Observation?{query}"}
    server.answer("Observation", Answer({**searchset(ki67()), "link": [self_link]}))

    assert is_complete(ask(client, server)) is complete


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_token_that_ends_between_two_pages_keeps_the_first_and_claims_no_absence(
    client: FlaskClient, server: FhirStub, status: int
) -> None:
    server.answer("Observation", Answer(searchset(ki67(), next_url=f"{server.url}/Observation-page-2")))
    server.answer("Observation-page-2", Answer(b"", status=status))

    response = ask(client, server)

    assert not is_complete(response)
    assert "DUO-WU-04" not in statements(response.json)


def test_a_page_whose_next_is_itself_is_asked_once(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(searchset(ki67(), next_url=f"{server.url}/Observation-page-2")))
    server.answer("Observation-page-2", Answer(searchset(next_url=f"{server.url}/Observation-page-2")))

    response = ask(client, server)

    assert not is_complete(response)
    assert server.asked.count("Observation-page-2") == 1


def test_pages_that_lead_back_to_the_first_are_asked_once(client: FlaskClient, server: FhirStub) -> None:
    pages = ("Observation-page-2", "Observation-page-3")
    server.answer("Observation", Answer(searchset(next_url=f"{server.url}/{pages[0]}")))
    for page, after in (pages, pages[::-1]):
        server.answer(page, Answer(searchset(next_url=f"{server.url}/{after}")))

    response = ask(client, server)

    assert not is_complete(response)
    assert [query for query in server.asked if query in pages] == list(pages)


def test_a_search_without_end_is_given_up(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(searchset(next_url=f"{server.url}/page-1")))
    for number in range(1, 60):
        server.answer(f"page-{number}", Answer(searchset(next_url=f"{server.url}/page-{number + 1}")))

    response = ask(client, server)

    assert not is_complete(response)
    assert "page-49" in server.asked
    assert "page-50" not in server.asked


@pytest.mark.parametrize("link", ["Observation-page-2", "/fhir/Observation-page-2", "{upper}/Observation-page-2"])
def test_a_next_page_is_found_however_its_address_is_written(client: FlaskClient, server: FhirStub, link: str) -> None:
    upper = server.url.replace("http://", "HTTP://")
    server.answer("Observation", Answer(searchset(next_url=link.format(upper=upper))))
    server.answer("Observation-page-2", Answer(searchset(ki67())))

    response = ask(client, server)

    assert is_complete(response)
    assert "Observation-page-2" in server.asked


@pytest.mark.parametrize(
    ("server_url", "url"),
    [
        ("https://ehr.example.org/fhir", "https://ehr.example.org:443/fhir/x"),
        ("https://ehr.example.org:443/fhir", "https://ehr.example.org/fhir/x"),
        ("http://ehr.example.org/fhir", "http://ehr.example.org:80/fhir/x"),
        ("https://ehr.example.org/fhir", "https://EHR.Example.org/fhir/x"),
        ("https://ehr.example.org/fhir/", "https://ehr.example.org/fhir/x"),
        ("http://[::1]:8080/fhir", "http://[::1]:8080/fhir/x"),
    ],
)
def test_an_address_on_the_server_is_known_however_host_and_port_are_written(server_url: str, url: str) -> None:
    assert is_on(server_url, url)


@pytest.mark.parametrize(
    "url", ["https://ehr.example.org:80/fhir/x", "https://ehr.example.org:x/fhir", "https:///fhir/x"]
)
def test_another_port_or_none_at_all_is_another_server(url: str) -> None:
    assert not is_on("https://ehr.example.org/fhir", url)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("http://ehr.example.org/fhir?page=2", "https://ehr.example.org/fhir?page=2"),
        ("http://EHR.example.org:80/fhir?page=2", "https://ehr.example.org/fhir?page=2"),
        ("https://ehr.example.org/fhir?page=2", "https://ehr.example.org/fhir?page=2"),
        ("http://ehr.example.org:8080/fhir?page=2", "http://ehr.example.org:8080/fhir?page=2"),
        ("http://other.example.org/fhir?page=2", "http://other.example.org/fhir?page=2"),
        ("http://user@ehr.example.org/fhir?page=2", "http://user@ehr.example.org/fhir?page=2"),
    ],
)
def test_a_link_that_lost_its_tls_behind_a_proxy_is_asked_with_it(link: str, address: str) -> None:
    assert address_on("https://ehr.example.org/fhir", link) == address


def test_a_server_without_tls_is_asked_without() -> None:
    assert address_on("http://ehr.example.org/fhir", "http://ehr.example.org/fhir/x") == "http://ehr.example.org/fhir/x"


def test_a_server_at_an_address_of_version_6_is_asked(client: FlaskClient) -> None:
    with serving("::1") as server:
        give_chart(server)

        assert is_complete(ask(client, server))


def test_a_base_that_ends_in_a_slash_is_the_same_base(client: FlaskClient, server: FhirStub) -> None:
    response = ask(client, server, fhirServer=f"{server.url}/")

    assert is_complete(response)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", status=403),
        Answer(b"<html/>"),
        Answer({"resourceType": "CapabilityStatement"}),
        Answer({"resourceType": "CapabilityStatement", "fhirVersion": None}),
        Answer(b"", status=404),
    ],
    ids=["forbidden", "HTML", "without version", "null", "not found"],
)
def test_a_server_that_does_not_tell_its_version_is_read_as_r4(
    client: FlaskClient, server: FhirStub, answer: Answer
) -> None:
    server.answer("metadata", answer)

    assert is_complete(ask(client, server))


def test_a_connection_that_is_dropped_once_is_made_again(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(raw=b""), Answer(searchset(ki67())))

    assert is_complete(ask(client, server))


def test_a_connection_that_is_dropped_each_time_is_given_up(client: FlaskClient, server: FhirStub) -> None:
    server.answer("Observation", Answer(raw=b""))

    response = ask(client, server)

    assert not is_complete(response)
    assert sum(query.startswith("Observation") for query in server.asked) == 2


def test_a_server_that_asks_to_wait_is_asked_again_after_that_time(server: FhirStub) -> None:
    server.answer("metadata", Answer(b"", status=429, headers={"Retry-After": "1"}), Answer(b"{}"))
    began = time.monotonic()

    assert direct(server) == b"{}"

    assert time.monotonic() - began >= 1
    assert len(server.asked) == 2


@pytest.mark.parametrize("wait", ["30", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_server_that_asks_to_wait_beyond_the_deadline_is_not_asked_again(server: FhirStub, wait: str) -> None:
    server.answer("metadata", Answer(b"", status=429, headers={"Retry-After": wait}))
    began = time.monotonic()

    with pytest.raises(FetchFailed, match="429"):
        direct(server)

    assert time.monotonic() - began < 1
    assert len(server.asked) == 1


@pytest.mark.parametrize("wait", ["soon", "-5", "", "0"])
def test_a_wait_that_is_none_is_as_if_it_were_not_there(server: FhirStub, wait: str) -> None:
    server.answer("metadata", Answer(b"", status=503, headers={"Retry-After": wait}), Answer(b"{}"))

    assert direct(server) == b"{}"


def test_a_server_that_stays_busy_is_asked_less_and_less_often(server: FhirStub) -> None:
    server.answer("metadata", Answer(b"", status=503))

    with pytest.raises(FetchFailed, match="503"):
        direct(server, seconds=2)

    assert len(server.asked) <= 6


def test_a_cookie_that_a_server_sets_is_never_sent_back(client: FlaskClient, server: FhirStub) -> None:
    cookie = {"Set-Cookie": "JSESSIONID=of-this-user; Path=/"}
    server.answer("Condition", Answer(searchset(condition()), headers=cookie))

    ask(client, server)
    ask(client, server)

    assert set(server.cookies) == {""}


def test_a_header_that_drips_is_given_up_at_the_deadline() -> None:
    with serving() as server:
        give_chart(server)
        server.answer("Observation", Answer(raw=b"HTTP/1.1 200 OK\r\nX: ", delay=3))
        began = time.monotonic()

        response = ask(app_with(FETCH_DEADLINE_MS="1000").test_client(), server)

    assert not is_complete(response)
    assert time.monotonic() - began < 2.5
