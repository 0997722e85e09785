"""Charts to measure with: the patient-view request of a synthetic patient, filled with routine care to any size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random

from bench.routine import (
    SERVER,
    Resource,
    conditions,
    imaging_studies,
    medication_requests,
    observations,
    procedures,
)
from fixtures.cohort.facts import TODAY
from fixtures.cohort.stories import STORIES
from fixtures.cohort.story import Story
from fixtures.cohort.write import patient_resource, resources_of

# How many Observations a chart has. 36 are ten beside those that the first patient has alone.
SIZES = (10, 36, 100, 1000, 5000)
# Both in the plainest dialect, and with cards. The first was examined and treated more widely than any other of the
# cohort, and has 26 Observations before any of routine care. The second has 9, and of all such patients who fit into
# the smallest chart it takes longest.
WITH_NET = ("duodenal_net_g2_progressive_liver_metastases", "unknown_primary_g2_after_imaging")
WITHOUT_NET = ("no_net_cancer_of_caecum",)
_KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "ImagingStudy": "imagingStudies",
    "Procedure": "procedures",
    "MedicationRequest": "medications",
}


def request_body(size: int, patients: Sequence[str] = WITH_NET) -> bytes:
    """A request with so many Observations, of the first patient who has no more, and other resources in proportion.

    Always the same bytes. Raises ValueError where every patient has more.
    """
    story, known = _who_fits(size, patients)
    held = [*known, *_routine(size - _observations_in(known), story)]
    prefetch: Resource = {"patient": patient_resource(story.person)}
    for kind, key in _KEYS.items():
        prefetch[key] = searchset(kind, story.person.id, [r for r in held if r["resourceType"] == kind])
    body = {
        "hook": "patient-view",
        "hookInstance": "5f0c1a7e-7d0c-4c57-9a58-0d6f4f1e7a11",
        "context": {"userId": "Practitioner/testdoctor", "patientId": story.person.id},
        "prefetch": prefetch,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def searchset(kind: str, patient_id: str, resources: list[Resource]) -> Resource:
    """The result of a search for one type, as a server gives it."""
    entries = [{"fullUrl": f"{SERVER}/{kind}/{r['id']}", "resource": r, "search": {"mode": "match"}} for r in resources]
    link = [{"relation": "self", "url": f"{SERVER}/{kind}?patient={patient_id}"}]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": link, "entry": entries}


def _who_fits(size: int, patients: Sequence[str]) -> tuple[Story, list[Resource]]:
    for name in patients:
        story = next(story for story in STORIES if story.name == name)
        known = list(resources_of(story.all_facts(), story.person, story.dialect))
        if _observations_in(known) <= size:
            return story, known
    raise ValueError(f"each of these patients has more than {size} Observations")


def _observations_in(resources: list[Resource]) -> int:
    return sum(resource["resourceType"] == "Observation" for resource in resources)


def _routine(size: int, story: Story) -> Iterator[Resource]:
    """So many Observations with what comes with them: a problem, a visit's work and a prescription for each thirty."""
    dice = Random(f"{story.name} {size}")  # noqa: S311 -- no secret
    some = (story.person.id, TODAY, dice)
    yield from observations(size, *some)
    yield from conditions(3 + size // 30, *some)
    yield from procedures(3 + size // 30, *some)
    yield from medication_requests(3 + size // 60, *some)
    yield from imaging_studies(1 + size // 200, *some)
