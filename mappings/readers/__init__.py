"""Readers: for every finding of the vocabulary the one function that reads it from the chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from mappings.chart import Chart, Site
from mappings.doubts import beyond_doubt
from mappings.errors import UnknownName
from mappings.findings import FailureSink, Finding, Findings, unknown
from mappings.readers import (
    diagnosis,
    grade,
    hereditary,
    hormones,
    imaging,
    laboratory,
    lesions,
    metastasis,
    orders,
    pathology,
    resection,
    staging,
    steps,
    surveillance,
    treatment,
)
from mappings.record import PatientRecord
from mappings.units import check_units
from mappings.value_sets import Terminology
from mappings.vocabulary import Definition, Kind, Vocabulary

Reader = Callable[[Chart, Definition], Finding]

_READERS: Mapping[str, Reader] = {
    **diagnosis.READERS,
    **hormones.READERS,
    **pathology.READERS,
    **grade.READERS,
    **lesions.READERS,
    **metastasis.READERS,
    **staging.READERS,
    **laboratory.READERS,
    **imaging.READERS,
    **treatment.READERS,
    **resection.READERS,
    **hereditary.READERS,
    **surveillance.READERS,
    **orders.READERS,
}


def reader_of(definition: Definition) -> Reader:
    """The reader of a finding: its own, or the common one of steps; raises UnknownName where there is none."""
    reader = _READERS.get(definition.name)
    if reader is not None:
        return reader
    if definition.kind is Kind.STEP:
        return steps.read_step
    raise UnknownName(f"vocabulary/{definition.area}.toml: {definition.name}: no reader reads it")


def check_readers(vocabulary: Vocabulary, terminology: Terminology) -> None:
    """Raises DefinitionError for what would leave a finding unknown in every chart.

    That is a finding which nobody reads, and a mistake in a file that readers read: grades, units, molar masses.
    """
    for definition in vocabulary.values():
        reader_of(definition)
    grade.check_limits(vocabulary)
    check_units(terminology.value_sets)


def read_findings(
    record: PatientRecord, vocabulary: Vocabulary, today: date, site: Site, on_failure: FailureSink
) -> Findings:
    """All findings of a record; a reader that fails leaves its own finding unknown and is told to `on_failure`."""

    def read(name: str, findings: Findings) -> Finding:
        definition, chart = vocabulary[name], Chart(record, today, site, vocabulary, findings)
        try:
            finding = reader_of(definition)(chart, definition)
            return beyond_doubt(finding, definition, record.doubts(chart.asked.union(definition.value_sets)))
        except Exception as error:  # noqa: BLE001 -- a bulkhead: one broken reader must not lose the other findings
            on_failure(name, error)
            return unknown(name, "could not be read because of a fault in this service")

    return Findings(tuple(vocabulary), read)
