"""Whatever is lost, nulled, retyped or reordered in a request, the service answers, and claims no absence for it."""

from __future__ import annotations

import copy
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cards.knowledge import shipped_knowledge
from mappings.findings import Findings, State
from mappings.vocabulary import Kind
from service.advise import Advisor, findings_of
from service.app import create_app
from service.fetching.fhir_client import FhirClient
from service.fetching.gather import UnsupportedVersion, gather
from service.hook_request import read_request
from service.services import PREFETCH_KEYS
from service.settings import load_settings

PATIENTS = sorted((Path(__file__).parents[2] / "fixtures" / "patients").iterdir())
REQUESTS = [json.loads((folder / "request.json").read_text()) for folder in PATIENTS]
OTHER_TYPES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "text",
    [],
    {},
    [None],
    [[]],
    {"coding": {}},
    "2026-13-45",
    {"x": [1]},
)
# Types of which a finding says that absence may not be claimed without them; further types count where they are sent.
NEEDED = {PREFETCH_KEYS[kind] for d in shipped_knowledge().vocabulary.values() for kind in d.needs}
SETTINGS = load_settings({"HOOFBEATS_TODAY": "2026-11-20"})


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(SETTINGS).test_client()


def places(element: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every element below the top."""
    found = [path] if path else []
    keys = element if isinstance(element, dict) else range(len(element)) if isinstance(element, list) else ()
    for key in keys:
        found += places(element[key], (*path, key))
    return found


def changed(request: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    """The request with one to three elements dropped, nulled, retyped, doubled or reordered."""
    request = copy.deepcopy(request)
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(places(request["prefetch"])))
        parent = request["prefetch"]
        for key in way[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["drop", "retype", "double", "reorder"])):
            case "drop":
                del parent[way[-1]]
            case "retype":
                parent[way[-1]] = draw(st.sampled_from(OTHER_TYPES))
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[way[-1]]))
            case "reorder" if isinstance(parent, list):
                parent.reverse()
            case _:
                pass
    return request


@st.composite
def mutated_requests(draw: st.DrawFn) -> dict[str, Any]:
    return changed(draw(st.sampled_from(REQUESTS)), draw)


@given(request=mutated_requests())
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_a_mutated_request_is_never_a_fault_of_ours(client: FlaskClient, request: dict[str, Any]) -> None:
    response = client.post("/cds-services/net-patient-view", json=request)

    assert response.status_code in (200, 400, 412)


def findings(request: dict[str, Any]) -> Findings:
    knowledge = shipped_knowledge()
    asked = read_request(json.dumps(request).encode(), "patient-view")
    record = gather(asked, (), knowledge.terminology, None, lambda _: True)
    return findings_of(record, Advisor(knowledge, SETTINGS, FhirClient(SETTINGS.max_body_bytes)))


def claims_of_absence(read: Findings) -> set[str]:
    """The findings that say that something is not there, which only a complete search allows."""
    negative = {"absent", "no", "incomplete", "N/A"}
    vocabulary = shipped_knowledge().vocabulary
    without_evidence = {
        n for n in read if read[n].value in negative and not read[n].evidence and n != "sstr_pet_available"
    }
    empty_sets = {n for n in read if vocabulary[n].kind is Kind.SET and read[n].is_known and read[n].complete}
    return without_evidence | empty_sets | {n for n in read if read[n].state is State.ABSENT}


@pytest.mark.parametrize("folder", PATIENTS, ids=lambda folder: folder.name)
def test_a_search_that_was_not_made_adds_no_claim_of_absence(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    before = claims_of_absence(findings(request))

    added = {}
    for key in NEEDED & set(request["prefetch"]):
        rest = {k: v for k, v in request["prefetch"].items() if k != key}
        added[key] = claims_of_absence(findings({**request, "prefetch": rest})) - before

    assert {key: names for key, names in added.items() if names} == {}


@pytest.mark.parametrize("key", ["conditions", "observations", "procedures", "medications"])
def test_a_search_that_failed_makes_no_step_absent(key: str) -> None:
    request = copy.deepcopy(REQUESTS[0])
    request["prefetch"][key] = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "exception"}],
    }
    kind = {"conditions": "Condition", "observations": "Observation", "procedures": "Procedure"}.get(
        key, "MedicationRequest"
    )

    read = findings(request)

    needing = [d.name for d in shipped_knowledge().vocabulary.values() if kind in d.needs]
    assert claims_of_absence(read) & set(needing) == set()


# What FHIR lets a resource leave out, and what its absence then means by our reading; where another value stands in
# the place, nobody can see that anything was lost.
MAY_BE_LEFT_OUT = re.compile(
    r"""
    Condition\.(verificationStatus|clinicalStatus)                      # confirmed, active
    | Condition\.(bodySite|extension).*                                 # of no stated place or morphology
    | \w+\.(id|(subject|patient)(\.reference)?)                         # of the patient whose search returned it
    | Procedure\.reasonReference.*                                      # for no stated reason
    | Observation\.(focus|specimen|method|interpretation|referenceRange|contained|hasMember).*
    | Observation\..*(comparator|low|high|unit)                         # an exact number, an open end, no unit
    | Observation\.component\.\*(\.value\w+.*)?                         # a part, or its value
    | ImagingStudy\.(procedureCode|modality|series|description)(\.\*)*  # told by what is left
    | \w+\.dosageInstruction.*                                          # of no stated days
    | .*\.(display|text|version|userSelected|extension|coding\.\*)      # words, one of several codes
    """,
    re.VERBOSE,
)


@st.composite
def losses(draw: st.DrawFn) -> tuple[int, dict[str, Any], str]:
    """A request by its number, the same with one element of a resource lost, and which element that was."""
    number = draw(st.integers(0, len(REQUESTS) - 1))
    request = copy.deepcopy(REQUESTS[number])
    bundles = [v for v in request["prefetch"].values() if isinstance(v, dict) and v.get("entry")]
    resources = [e["resource"] for bundle in bundles for e in bundle["entry"] if isinstance(e.get("resource"), dict)]
    resource = draw(st.sampled_from(resources))
    way = draw(st.sampled_from(places(resource)))
    parent: Any = resource
    for key in way[:-1]:
        parent = parent[key]
    lost = ".".join([str(resource.get("resourceType")), *("*" if isinstance(key, int) else key for key in way)])
    others = [other for other in OTHER_TYPES if not isinstance(other, type(parent[way[-1]])) and other is not None]
    match draw(st.sampled_from(["drop", "null", "retype"])):
        case "drop":
            del parent[way[-1]]
        case "null":
            parent[way[-1]] = None
        case _:
            parent[way[-1]] = draw(st.sampled_from(others))
    return number, request, lost


@functools.cache
def whole(number: int) -> tuple[set[str], set[str]]:
    """The claims of absence of a request before anything is lost, and the findings that are known."""
    read = findings(REQUESTS[number])
    return claims_of_absence(read), {name for name in read if read[name].state is not State.UNKNOWN}


def more_certain(number: int, request: dict[str, Any], lost: str) -> set[str]:
    """The findings that claim absence, or anything at all, only since something was lost.

    What has lost its code may be of anything: it keeps absence from being claimed, and contradicts nothing any more.
    """
    read, (absent, known) = findings(request), whole(number)
    told = {name for name in read if read[name].state is not State.UNKNOWN}
    contradicted = set() if re.fullmatch(r"\w+\.(code|resourceType)(\.coding.*)?", lost) else told - known
    return (claims_of_absence(read) - absent) | contradicted


@given(loss=losses())
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_finding_becomes_more_certain_by_a_loss(loss: tuple[int, dict[str, Any], str]) -> None:
    number, request, lost = loss
    assume(not MAY_BE_LEFT_OUT.fullmatch(lost))

    try:
        added = more_certain(number, request, lost)
    except UnsupportedVersion:
        added = set()

    assert added == set(), lost
