"""Imaging: studies told apart by code and tracer, never by modality alone; receptor expression as reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mappings.chart import Chart
from mappings.entries import Concept, Study
from mappings.findings import Evidence, Finding, known, unknown
from mappings.readers.stated import read_stated
from mappings.readers.steps import read_step
from mappings.statuses import FINAL
from mappings.vocabulary import Definition

_TRACERS = ("sstr_pet", "sstr_scintigraphy", "fdg_pet")
_KNOWN_SYSTEMS = frozenset({"http://snomed.info/sct", "http://loinc.org"})


def read_imaging(chart: Chart, definition: Definition) -> Finding:
    """As a step; a completed PET that does not say its tracer, or a CT or MRI its region, leaves it open."""
    finding = read_step(chart, definition)
    if finding.value == "done":
        return finding
    doubtful = doubtful_studies(chart, definition.name)
    if doubtful:
        reason = _UNCLEAR[definition.name][1]
        return unknown(definition.name, reason, tuple(doubtful), tuple(f"{e.resource}: {reason}" for e in doubtful))
    return finding


def doubtful_studies(chart: Chart, step: str) -> list[Evidence]:
    """The completed studies that may or may not have been the step, since they do not say enough."""
    if step not in _UNCLEAR:
        return []
    unclear = _UNCLEAR[step][0]
    return [Evidence(s.reference, "code", s.date, _named(s)) for s in _done(chart) if unclear(s)]


def read_sstr_pet_available(chart: Chart, definition: Definition) -> Finding:
    """The site's setting."""
    return known(definition.name, "yes" if chart.site.sstr_pet_available else "no")


def _done(chart: Chart) -> Iterator[Study]:
    for study in chart.record.entries(Study, "ImagingStudy", "DiagnosticReport", "Procedure"):
        if study.status in FINAL:
            yield study


def _is_pet_without_tracer(study: Study) -> bool:
    if study.is_a(*_TRACERS):
        return False
    if _is_unnamed(study) and _says_no_modality(study):
        return True
    return study.is_a("pet_tracer_unstated") or _is_by(study, "modality_pet")


def _is_scan_without_region(study: Study) -> bool:
    if not _is_unnamed(study) or _is_by(study, "modality_pet", "modality_nm"):
        return False
    return _says_no_modality(study) or _is_by(study, "modality_ct", "modality_mr")


def _is_ultrasound_without_organ(study: Study) -> bool:
    return _is_unnamed(study) and (_says_no_modality(study) or _is_by(study, "modality_us"))


def _is_unnamed(study: Study) -> bool:
    return not study.sets and not any(c.system in _KNOWN_SYSTEMS for code in study.codes for c in code.codings)


def _is_by(study: Study, *modalities: str) -> bool:
    return any(modality.is_a(*modalities) for modality in study.modalities)


def _says_no_modality(study: Study) -> bool:
    """Whether an imaging study has none, or one that nobody can tell; reports and procedures never have one."""
    return study.kind == "ImagingStudy" and not all(m.codings for m in study.modalities or (Concept(),))


def _named(study: Study) -> str:
    return next((str(named) for named in (*study.codes, *study.modalities) if str(named)), "")


_UNCLEAR: Mapping[str, tuple[Callable[[Study], bool], str]] = {
    **dict.fromkeys(("sstr_imaging", "fdg_pet"), (_is_pet_without_tracer, "a PET whose tracer is not stated")),
    **dict.fromkeys(
        ("abdominal_imaging", "chest_imaging"), (_is_scan_without_region, "a CT or MRI whose region is not coded")
    ),
    "echocardiography": (_is_ultrasound_without_organ, "an ultrasound that does not say of what"),
}

READERS = {
    **dict.fromkeys(_UNCLEAR, read_imaging),
    "sstr_status": read_stated,
    "sstr_pet_available": read_sstr_pet_available,
}
