"""No finding becomes more certain, and no treatment is suggested, because something of a request was lost."""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from mutations import OTHER_TYPES, REQUESTS, Way, parent_of, places
from reading_requests import findings_in
from stories import STORIES, request_of

from cards.decide import Outcome, decide_all
from cards.knowledge import shipped_knowledge
from mappings.findings import Findings, State
from mappings.vocabulary import Kind
from service.fetching.gather import UnsupportedVersion
from service.services import PREFETCH_KEYS

# Types of which a finding says that absence may not be claimed without them; further types count where they are sent.
NEEDED = {PREFETCH_KEYS[kind] for d in shipped_knowledge().vocabulary.values() for kind in d.needs}


def claims_of_absence(read: Findings) -> set[str]:
    """The findings that say that something is not there, which only a complete search allows."""
    negative = {"absent", "no", "incomplete", "N/A"}
    vocabulary = shipped_knowledge().vocabulary
    without_evidence = {
        n for n in read if read[n].value in negative and not read[n].evidence and n != "sstr_pet_available"
    }
    empty_sets = {n for n in read if vocabulary[n].kind is Kind.SET and read[n].is_known and read[n].complete}
    return without_evidence | empty_sets | {n for n in read if read[n].state is State.ABSENT}


def treatments(read: Findings) -> set[str]:
    """The rules that suggest a treatment without a reservation, which a card would name."""
    rules = [rule for rule in shipped_knowledge().rules if rule.card == "management"]
    spoken = [d for d in decide_all(rules, read, lambda *_: None) if d.outcome is Outcome.RECOMMEND]
    return {decision.rule.id for decision in spoken if not decision.reservations()}


@pytest.mark.parametrize("story", STORIES)
def test_a_search_that_was_not_made_adds_no_claim_of_absence(story: str) -> None:
    request = request_of(story)
    before = claims_of_absence(findings_in(request))

    added = {}
    for key in NEEDED & set(request["prefetch"]):
        rest = {k: v for k, v in request["prefetch"].items() if k != key}
        added[key] = claims_of_absence(findings_in({**request, "prefetch": rest})) - before

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

    read = findings_in(request)

    needing = [d.name for d in shipped_knowledge().vocabulary.values() if kind in d.needs]
    assert claims_of_absence(read) & set(needing) == set()


# What nobody can see was lost: FHIR lets it be left out, and nothing else in the patients' charts tells that it was
# there. Only where it is dropped as a whole; what is null, empty, mistyped or half there was lost for all to see.
MAY_BE_LEFT_OUT = re.compile(
    r"""
    Condition\.bodySite(\.\*)?   # most problems have none; one of several may be all that there is
    | \w+\.code\.coding\.\*     # one of several codes: a local one that is left is whole, and of something else
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Loss:
    """A request by its number, the same with one element of a search result lost, which element that was, and how."""

    number: int
    request: dict[str, Any]
    element: str
    how: str

    def is_allowed(self) -> bool:
        return self.how == "drop" and MAY_BE_LEFT_OUT.fullmatch(self.element) is not None


@st.composite
def losses(draw: st.DrawFn) -> Loss:
    number = draw(st.integers(0, len(REQUESTS) - 1))
    request = copy.deepcopy(REQUESTS[number])
    held = [value for value in request["prefetch"].values() if isinstance(value, dict)]
    bundle = draw(st.sampled_from([value for value in held if value.get("entry")] or held))
    way = draw(st.sampled_from(places(bundle)))
    element, parent = _name(bundle, way), parent_of(bundle, way)
    others = [other for other in OTHER_TYPES if not isinstance(other, type(parent[way[-1]])) and other is not None]
    how = draw(st.sampled_from(["drop", "null", "retype"]))
    match how:
        case "drop":
            del parent[way[-1]]
        case "null":
            parent[way[-1]] = None
        case _:
            parent[way[-1]] = copy.deepcopy(draw(st.sampled_from(others)))
    return Loss(number, request, element, how)


def _name(bundle: dict[str, Any], way: Way) -> str:
    """An element by the type that it is of, with * for its place in a list."""
    match way:
        case ("entry", int(), "resource", _, *_):
            kind, within = parent_of(bundle, way[:4])["resourceType"], way[3:]
        case _:
            kind, within = bundle["resourceType"], way
    return ".".join([kind, *("*" if isinstance(key, int) else key for key in within)])


@functools.cache
def whole(number: int) -> tuple[set[str], set[str], set[str]]:
    """The claims of absence of a request before anything is lost, the findings that are known, and the treatments."""
    read = findings_in(REQUESTS[number])
    return claims_of_absence(read), _told(read), treatments(read)


def more_certain(loss: Loss) -> set[str]:
    """The findings that claim absence, or anything at all, and the treatments suggested, only since something was lost.

    What has lost its code may be of anything: it keeps absence from being claimed, and contradicts nothing any more.
    Of a resource that is not there at all nothing is known: what is left is judged, as of any list that is not whole.
    """
    read, (absent, known, treated) = findings_in(loss.request), whole(loss.number)
    is_gone = re.fullmatch(r"Bundle\.entry(\.\*(\.resource)?)?", loss.element) is not None
    said = (_told(read) - known) | (set() if is_gone else treatments(read) - treated)
    of_anything = re.fullmatch(r"\w+\.(code(\.coding(\.\*(\.code)?)?)?|resourceType)", loss.element)
    return (claims_of_absence(read) - absent) | (set() if of_anything else said)


def _told(read: Findings) -> set[str]:
    return {name for name in read if read[name].state is not State.UNKNOWN}


@given(loss=losses())
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_finding_becomes_more_certain_by_a_loss(loss: Loss) -> None:
    assume(not loss.is_allowed())

    try:
        added = more_certain(loss)
    except UnsupportedVersion:
        added = set()

    assert added == set(), (loss.element, loss.how)
