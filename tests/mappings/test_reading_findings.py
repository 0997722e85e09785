"""Reading all findings of a record: on demand, once, and behind a bulkhead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from chart_builder import TERMINOLOGY, TODAY, VOCABULARY, coding, record_from
from finding_examples import NET

from mappings.chart import Chart, Site
from mappings.drafts import read_drafts
from mappings.errors import UnknownName
from mappings.findings import Finding, Findings, State, given, known
from mappings.readers import check_readers, read_findings
from mappings.record import PatientRecord
from mappings.vocabulary import Kind

NAMELESS = replace(VOCABULARY["age"], name="shoe_size", kind=Kind.AMOUNT)


def with_a_fault() -> tuple[Findings, list[tuple[str, str]]]:
    """Findings of which one has no reader, and the list in which failures are told."""
    failures: list[tuple[str, str]] = []
    vocabulary = {**VOCABULARY, "shoe_size": NAMELESS}
    on_failure = lambda name, error: failures.append((name, type(error).__name__))  # noqa: E731
    return read_findings(record_from(NET), vocabulary, TODAY, Site(), on_failure), failures


def test_reader_that_fails_leaves_its_own_finding_unknown_and_is_told() -> None:
    findings, failures = with_a_fault()

    found = findings["shoe_size"]

    assert found.state is State.UNKNOWN
    assert failures == [("shoe_size", "UnknownName")]


def test_reader_that_fails_does_not_lose_the_other_findings() -> None:
    findings, _ = with_a_fault()

    values = {name: found.value for name, found in findings.items()}

    assert values["primary_site"] == "duodenum"


def test_finding_is_read_once() -> None:
    reads: list[str] = []

    def read(name: str, _: Mapping[str, Finding]) -> Finding:
        reads.append(name)
        return known(name, "active")

    findings = Findings(("diagnosis_status",), read)

    _ = [findings["diagnosis_status"] for _ in range(3)]

    assert reads == ["diagnosis_status"]


def test_vocabulary_with_a_finding_that_nobody_reads_is_refused_by_file_and_name() -> None:
    check_readers(VOCABULARY, TERMINOLOGY)

    with pytest.raises(UnknownName, match=r"vocabulary/.*toml: shoe_size: no reader"):
        check_readers({**VOCABULARY, "shoe_size": NAMELESS}, TERMINOLOGY)


def test_findings_that_are_given_leave_the_others_unknown() -> None:
    findings = given({"grade": known("grade", "G1")})

    assert findings["grade"].value == "G1"
    assert findings["age"].state is State.UNKNOWN


def test_selected_orders_are_named_by_their_classes() -> None:
    draft = {
        "resourceType": "ServiceRequest",
        "id": "d1",
        "code": {"coding": [{"system": "http://loinc.org", "code": "9811-1"}]},
    }
    drafts = read_drafts({"entry": [{"resource": draft}]}, ["ServiceRequest/d1"], TERMINOLOGY)
    record = PatientRecord("p1", (), {}, TERMINOLOGY, drafts=drafts)

    findings = read_findings(record, VOCABULARY, TODAY, Site(), lambda name, error: None)

    assert findings["selected_orders"].value == frozenset({"chromogranin-a"})


def test_drafted_orders_are_those_that_are_selected_and_all_others() -> None:
    marker = {"resourceType": "ServiceRequest", "id": "d1", "code": coding("LOINC", "9811-1")}
    other = {"resourceType": "ServiceRequest", "id": "d2", "code": coding("LOINC", "2333-3")}
    drafts = read_drafts({"entry": [{"resource": marker}, {"resource": other}]}, ["ServiceRequest/d1"], TERMINOLOGY)
    record = PatientRecord("p1", (), {}, TERMINOLOGY, drafts=drafts)

    findings = read_findings(record, VOCABULARY, TODAY, Site(), lambda name, error: None)

    assert findings["drafted_orders"].value == frozenset({"chromogranin-a", "gastrin"})


def test_gap_names_every_search_that_was_not_complete() -> None:
    record = record_from(complete={"Condition"})
    findings = given({})

    gap = Chart(record, TODAY, Site(), VOCABULARY, findings).gap(VOCABULARY["differentiation"])

    assert gap == "Observation: a further page was not read"
