"""Staging and course as clinicians state them: edition, type, progression, and plain yes or no."""

from __future__ import annotations

from mappings.chart import Chart, Dated
from mappings.entries import Concept
from mappings.findings import Evidence, Finding
from mappings.readers.stated import YES_NO, latest_stated, read_stated, stated
from mappings.vocabulary import Definition


def read_tnm_edition(chart: Chart, definition: Definition) -> Finding:
    """Observation.method of the latest stage group; an edition that is not named, or not known, stays unknown."""
    editions = [
        Dated(value, Evidence(observation.reference, "method", observation.date, str(observation.method)))
        for observation, part in chart.results("tnm_stage_group")
        if not (observation.says_why_empty and part.reading.is_empty())
        for value in (_edition(observation.method, definition),)
    ]
    return latest_stated(chart, definition, editions)


def read_progressive_disease(chart: Chart, definition: Definition) -> Finding:
    """The boolean that states it, or the latest course of disease; the later of the two."""
    course = stated(chart, "disease_progression", definition.meanings)
    return latest_stated(chart, definition, [*stated(chart, "progressive_disease", YES_NO), *course])


def _edition(method: Concept, definition: Definition) -> str:
    return next((value for value, sets in definition.meanings.items() if method.is_a(*sets)), "")


READERS = {
    "tnm_edition": read_tnm_edition,
    "gastric_net_type": read_stated,
    "progressive_disease": read_progressive_disease,
    **dict.fromkeys(
        (
            "unresectable_disease",
            "local_invasion",
            "aggressive_course",
            "symptoms_or_malignant_features",
            "fit_for_surgery",
            "liver_metastases_resectable",
            "liver_metastases_multifocal",
            "liver_metastases_few",
            "liver_dominant_disease",
            "painful_bone_metastases",
            "hormone_control_documented",
        ),
        read_stated,
    ),
}
