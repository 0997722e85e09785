"""A population to measure sweeps with: a Bulk Data export of synthetic patients, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random
from typing import BinaryIO

import msgspec

from bench.routine import Resource, conditions, imaging_studies, medication_requests, observations, procedures
from fixtures.cohort.facts import TODAY
from fixtures.cohort.stories import STORIES
from fixtures.cohort.write import Person, patient_resource, resources_of

# Of so many patients one is of the cohort, most of whom have a NET; in a hospital they are far fewer.
ONE_IN = 50
OBSERVATIONS = 190
_PARTS = 4
_SITES = 5
_DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("308136", "amlodipine 2.5 MG Oral Tablet"),
    ("617310", "atorvastatin 20 MG Oral Tablet"),
)


def write_export(folder: Path, patients: int, processes: int) -> int:
    """Writes the files of an export, some of each type; how many resources they hold."""
    folder.mkdir(parents=True)
    with ProcessPoolExecutor(processes) as pool:
        return sum(pool.map(partial(_write_part, folder, patients), range(_PARTS)))


def chart_of(number: int) -> Iterator[Resource]:
    """Everything of one patient."""
    dice = Random(f"patient {number}")  # noqa: S311 -- no secret
    story = STORIES[number // ONE_IN % len(STORIES)]
    person = Person(f"P{number:07}", story.person.gender, story.person.born)
    organization = {"reference": f"Organization/hospital-{number % _SITES + 1}"}
    yield {**patient_resource(person), "managingOrganization": organization}
    some = (person.id, TODAY, dice)
    if number % ONE_IN == 0:
        yield from resources_of(story.all_facts(), person, replace(story.dialect, opaque_ids=False))
    yield from observations(OBSERVATIONS, *some)
    yield from conditions(6, *some)
    yield from procedures(5, *some)
    yield from imaging_studies(1, *some)
    yield from _prescriptions(number, *medication_requests(4, *some))


def _prescriptions(number: int, *requests: Resource) -> Iterator[Resource]:
    """Every other patient has a drug that stands outside the prescription."""
    for request in requests:
        if number % 2 and request["id"].endswith("-0"):
            del request["medicationCodeableConcept"]
            request["medicationReference"] = {"reference": f"Medication/drug-{number % len(_DRUGS)}"}
        yield request


def _drugs() -> Iterator[Resource]:
    """The drugs that many patients share."""
    for number, (code, display) in enumerate(_DRUGS):
        coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code, "display": display}
        yield {"resourceType": "Medication", "id": f"drug-{number}", "code": {"coding": [coding]}}


def _write_part(folder: Path, patients: int, part: int) -> int:
    """Writes every so manyth patient."""
    charts = (resource for number in range(part, patients, _PARTS) for resource in chart_of(number))
    files: dict[str, BinaryIO] = {}
    written = 0
    with ExitStack() as stack:
        for resource in chain(_drugs() if part == 0 else (), charts):
            kind = resource["resourceType"]
            if kind not in files:
                files[kind] = stack.enter_context((folder / f"{kind}.{part}.ndjson").open("wb"))
            files[kind].write(msgspec.json.encode(resource) + b"\n")
            written += 1
    return written
