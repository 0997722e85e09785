"""At the deadline the cards that are proven go out, and the rest is said to be unchecked."""

from __future__ import annotations

import json

import pytest
from fhir_stub import searchset
from hook_answers import unchecked
from hook_requests import condition, ki67, request

from cards.knowledge import shipped_knowledge
from mappings.findings import Finding, Findings, absent
from service.advise import Advice, Advisor, consult
from service.fetching.fhir_client import FhirClient
from service.hook_request import HookRequest, read_request
from service.services import SERVICES
from service.settings import load_settings
from service.watch import Deadline, OutOfTime, Watch

SERVICE = SERVICES["net-patient-view"]


class Ticking:
    """A clock that moves on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def asked() -> HookRequest:
    found = {"conditions": searchset(condition()), "observations": searchset(ki67())}
    body = request({"patient": {"resourceType": "Patient", "id": "p1"}, **found})
    return read_request(json.dumps(body).encode(), "patient-view")


@pytest.fixture(scope="module")
def advisor() -> Advisor:
    settings = load_settings({"HOOFBEATS_TODAY": "2026-11-20"})
    return Advisor(shipped_knowledge(), settings, FhirClient(1_000_000))


def answered(advisor: Advisor, seconds: float) -> tuple[Advice, Watch]:
    watch = Watch(Deadline(seconds, Ticking()))
    return consult(asked(), SERVICE, advisor, watch), watch


def test_with_enough_time_every_rule_is_checked(advisor: Advisor) -> None:
    advice, watch = answered(advisor, 1_000_000)

    assert watch.unchecked == []
    assert advice.response == consult(asked(), SERVICE, advisor).response


def test_without_time_no_rule_speaks_and_the_answer_says_so(advisor: Advisor) -> None:
    advice, watch = answered(advisor, 0.5)

    assert advice.response["cards"] == []
    assert unchecked(advice.response) == [f"{len(watch.unchecked)} rules were not checked in time"]


def test_cards_that_are_proven_in_time_go_out_and_say_what_was_not_checked(advisor: Advisor) -> None:
    whole = answered(advisor, 1_000_000)[0].response["cards"]

    advice, watch = next(found for n in range(20, 4000, 20) if (found := answered(advisor, n))[0].response["cards"])

    assert watch.unchecked
    assert {card["uuid"] for card in advice.response["cards"]} <= {card["uuid"] for card in whole}
    assert all("not checked in time" in card["detail"] for card in advice.response["cards"])
    assert unchecked(advice.response)


def test_a_rule_that_was_cut_short_has_no_outcome(advisor: Advisor) -> None:
    whole = answered(advisor, 1_000_000)[0].outcomes

    advice, watch = answered(advisor, 200)

    assert set(advice.outcomes).isdisjoint(watch.unchecked)
    assert set(advice.outcomes) | set(watch.unchecked) == set(whole)
    assert all(whole[rule] == outcome for rule, outcome in advice.outcomes.items())


def test_the_deadline_is_over_at_its_moment_and_not_before() -> None:
    now = [0.0]
    deadline = Deadline(2, lambda: now[0])

    now[0] = 1.5
    assert deadline.left() == 0.5
    now[0] = 2.0
    with pytest.raises(OutOfTime):
        deadline.left()


def test_after_the_deadline_what_was_read_before_is_still_told_and_nothing_more_is_read() -> None:
    now, read = [0.0], []

    def reader(name: str, _: Findings) -> Finding:
        read.append(name)
        return absent(name)

    timed = Watch(Deadline(2, lambda: now[0])).until_over(Findings(("grade", "men1"), reader))
    before = timed["grade"]
    now[0] = 2.0

    assert timed["grade"] == before
    with pytest.raises(OutOfTime):
        timed["men1"]
    assert read == ["grade"]
