"""Imaging: studies told apart by code and tracer, never by modality alone; receptor expression as reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mappings.chart import FINAL, Chart, Dated, agreed, observed
from mappings.entries import Study
from mappings.findings import Finding, known, unknown
from mappings.readers.steps import read_step
from mappings.vocabulary import Definition

_TRACERS = ("sstr_pet", "sstr_scintigraphy", "fdg_pet")
_KNOWN_SYSTEMS = frozenset({"http://snomed.info/sct", "http://loinc.org"})


def read_pet(chart: Chart, definition: Definition) -> Finding:
    """As a step; but where a completed PET does not say its tracer, the study is neither done nor missing."""
    return _unless_unclear(chart, definition, _is_pet_without_tracer, "a PET whose tracer is not stated")


def read_regional_imaging(chart: Chart, definition: Definition) -> Finding:
    """As a step; but where a completed CT or MRI does not say its region, the study is neither done nor missing."""
    return _unless_unclear(chart, definition, _is_scan_without_region, "a CT or MRI whose region is not coded")


def read_sstr_status(chart: Chart, definition: Definition) -> Finding:
    """The latest stated receptor expression; a scan that was done says nothing of its result."""
    stated = [
        Dated(value, observed(observation, part.reading, str(part.reading.concept)))
        for observation, part in chart.results("sstr_result")
        if part.reading.concept is not None
        for value in ("positive", "negative")
        if part.reading.concept.is_a(value)
    ]
    return agreed(definition, stated, lambda: chart.absence(definition))


def read_sstr_pet_available(chart: Chart, definition: Definition) -> Finding:
    """The site's setting."""
    return known(definition.name, "yes" if chart.site.sstr_pet_available else "no")


def _unless_unclear(chart: Chart, definition: Definition, unclear: Callable[[Study], bool], reason: str) -> Finding:
    finding = read_step(chart, definition)
    if finding.value == "done":
        return finding
    doubtful = [study.reference for study in _done(chart) if unclear(study)]
    if doubtful:
        return unknown(definition.name, reason, (), tuple(f"{reference}: {reason}" for reference in doubtful))
    return finding


def _done(chart: Chart) -> Iterator[Study]:
    for study in chart.record.entries(Study, "ImagingStudy", "DiagnosticReport", "Procedure"):
        if study.status in FINAL:
            yield study


def _is_pet_without_tracer(study: Study) -> bool:
    if study.is_a(*_TRACERS):
        return False
    return study.is_a("pet_tracer_unstated") or any(m.is_a("modality_pet") for m in study.modalities)


def _is_scan_without_region(study: Study) -> bool:
    if any(m.is_a("modality_pet", "modality_nm") for m in study.modalities):
        return False
    coded = any(c.system in _KNOWN_SYSTEMS for code in study.codes for c in code.codings)
    meant = any(code.sets for code in study.codes)
    return not (coded or meant) and any(m.is_a("modality_ct", "modality_mr") for m in study.modalities)


READERS = {
    "sstr_imaging": read_pet,
    "fdg_pet": read_pet,
    "abdominal_imaging": read_regional_imaging,
    "chest_imaging": read_regional_imaging,
    "sstr_status": read_sstr_status,
    "sstr_pet_available": read_sstr_pet_available,
}
