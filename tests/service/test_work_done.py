"""What answering costs, counted in work done and not in seconds, so that it holds on any machine."""

from __future__ import annotations

import cProfile
import gc
import json
import pstats
from collections import Counter
from collections.abc import Iterator

import pytest
from work_counter import count_work

from bench.charts import WITH_NET, WITHOUT_NET, request_body
from cards.knowledge import shipped_knowledge
from service.advise import Advisor, advise
from service.fetching.fhir_client import FhirClient
from service.hook_request import read_request
from service.services import SERVICES
from service.settings import load_settings

SERVICE = SERVICES["net-patient-view"]
ADVISOR = Advisor(shipped_knowledge(), load_settings({"HOOFBEATS_TODAY": "2026-11-20"}), FhirClient(1))
# The most that the rules in the repository need; a rule or finding that is added may raise these, a chart may not.
DECIDING = {"findings read": 65, "rules looked at": 146, "rules decided": 26, "criteria tried": 133}

# Whatever else is done for every chart with a tumour, in Python's calls: 12,500, with room for rules to come.
_MOST_CALLS = 13_000


def work_for(body: bytes, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    work = count_work(monkeypatch)
    work["cards"] = len(advise(read_request(body, SERVICE.hook), SERVICE, ADVISOR)["cards"])
    return work


@pytest.mark.parametrize(
    ("size", "most"),
    [
        (
            36,
            {
                "bundles cut up again": 1,
                "wordings judged": 41,
                "resources read": 40,
                "entries made": 40,
            },
        ),
        (
            1000,
            {
                "bundles cut up again": 1,
                "wordings judged": 65,
                "resources read": 45,
                "entries made": 45,
            },
        ),
    ],
)
def test_a_chart_with_a_tumour_takes_no_more_work_than_it_did(
    size: int, most: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = request_body(size)

    work = work_for(body, monkeypatch)

    assert work["cards"] > 0
    assert all(work[what] for what in (*most, *DECIDING))
    assert {what: work[what] for what in (*most, *DECIDING)} == {
        what: min(work[what], bound) for what, bound in {**most, **DECIDING}.items()
    }


def test_a_small_chart_with_a_tumour_takes_few_calls() -> None:
    asked = read_request(request_body(36), SERVICE.hook)
    advise(asked, SERVICE, ADVISOR)

    with cProfile.Profile() as profile:
        advise(asked, SERVICE, ADVISOR)

    assert pstats.Stats(profile).total_calls <= _MOST_CALLS  # type: ignore[attr-defined]


def test_a_plain_resource_is_never_validated_by_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    body = request_body(1000)

    work = work_for(body, monkeypatch)

    assert work["resources validated"] == 0


@pytest.mark.parametrize(("patients", "most"), [(WITH_NET, 1.05), (WITHOUT_NET, 1.01)])
def test_no_byte_is_parsed_more_often_than_it_was(
    patients: tuple[str, ...], most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = request_body(1000, patients)

    work = work_for(body, monkeypatch)

    assert work["bytes parsed"] <= most * len(body)


def test_a_neighbour_that_is_no_fhir_has_no_byte_parsed_more_than_thrice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = json.loads(request_body(1000))
    asked["prefetch"]["observations"]["entry"].append({"resource": {"resourceType": "Observation", "id": 5}})
    body = json.dumps(asked).encode()

    work = work_for(body, monkeypatch)

    assert work["cards"] > 0
    assert work["bytes parsed"] <= 3.1 * len(body)


def test_deciding_takes_the_same_work_however_large_the_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        small = work_for(request_body(36), patched)

    large = work_for(request_body(1000), monkeypatch)

    assert {what: large[what] for what in DECIDING} == {what: small[what] for what in DECIDING}


def test_of_a_chart_without_a_tumour_only_the_problem_list_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    body = request_body(1000, WITHOUT_NET)

    work = work_for(body, monkeypatch)

    assert work["cards"] == 0
    assert work["wordings judged"] <= 9
    assert work["resources read"] <= 2
    assert work["rules looked at"] == 0


@pytest.fixture
def uncollected() -> Iterator[list[object]]:
    """What only the garbage collector would free, and keeps here instead, once everything is loaded."""
    advise(read_request(request_body(36), SERVICE.hook), SERVICE, ADVISOR)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def test_nothing_of_a_chart_waits_for_the_garbage_collector(uncollected: list[object]) -> None:
    advise(read_request(request_body(36), SERVICE.hook), SERVICE, ADVISOR)
    gc.collect()

    ours = {type(held).__name__ for held in uncollected if type(held).__module__.startswith(("mappings", "cards"))}
    assert ours == set()
