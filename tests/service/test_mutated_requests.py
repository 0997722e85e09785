"""Whatever is lost, nulled, retyped, doubled or reordered in what a client sends, it gets an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from feedback_calls import FEEDBACK, accepted, overridden
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import REQUESTS, mutated
from order_requests import drug, ordering, procedure

_CARD = "a96baf10-3d68-4ee3-a2e1-1c29bd1ae0a2"
_REASON = {"reason": {"code": "done-elsewhere", "system": "urn:oid:2.999.1"}, "userComment": "see letter"}
_FEEDBACK = {"feedback": [accepted(_CARD, _CARD), overridden(_CARD, overrideReason=_REASON)]}
# Octreotide, and an endoscopic excision with a reason and a priority.
_DRUG = drug("7617", subject={"reference": "Patient/p1"}, authoredOn="2026-11-20")
_OPERATION = procedure("43750003", priority="routine", reasonCode=[{"text": "tumour"}], occurrenceDateTime="2026-12")


def _select(request: dict[str, Any]) -> dict[str, Any]:
    """The request as it is when one of two orders is picked."""
    asked = ordering(request, _DRUG)
    asked["context"]["draftOrders"]["entry"].append({"resource": {**_OPERATION, "id": "draft-2"}})
    return asked


def _sign(request: dict[str, Any]) -> dict[str, Any]:
    """The request as it is before both are signed."""
    asked = {**_select(request), "hook": "order-sign"}
    del asked["context"]["selections"]
    return asked


CALLS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/cds-services/net-patient-view": lambda request: request,
    "/cds-services/net-surveillance": lambda request: request,
    "/cds-services/net-order-select": _select,
    "/cds-services/net-order-sign": _sign,
    "/explain": _select,
    FEEDBACK: lambda _: _FEEDBACK,
}


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An address and a mutated body for it: all of the body, or its prefetch or context alone."""
    url = draw(st.sampled_from(list(CALLS)))
    body = CALLS[url](draw(st.sampled_from(REQUESTS)))
    part = draw(st.sampled_from([name for name in ("prefetch", "context") if name in body] + ["all of it"]))
    return url, mutated(body, draw) if part == "all of it" else {**body, part: mutated(body[part], draw)}


@pytest.mark.parametrize("url", CALLS)
def test_what_is_mutated_is_answered_as_it_is(client: FlaskClient, url: str) -> None:
    assert client.post(url, json=CALLS[url](REQUESTS[0])).status_code == 200


@given(call=calls())
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_a_mutated_request_is_never_a_fault_of_ours(client: FlaskClient, call: tuple[str, dict[str, Any]]) -> None:
    url, body = call

    response = client.post(url, json=body)

    assert response.status_code in (200, 400, 412)
