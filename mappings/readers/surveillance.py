"""Surveillance: how long ago a study or test was last done, or the tumour resected if that was later."""

from __future__ import annotations

from mappings.chart import Chart
from mappings.findings import Evidence, Finding, not_applicable, unknown
from mappings.readers.elapsed import Events, time_since
from mappings.readers.imaging import doubtful_studies
from mappings.readers.resection import removals
from mappings.readers.steps import done_evidence
from mappings.vocabulary import Definition, find


def read_months_since(chart: Chart, definition: Definition) -> Finding:
    """From the latest of the steps or, if later, the resection; unknown where a later one might not be here."""
    events = _done(chart, definition) + removals(chart)
    gap = _gap(chart, definition)
    if gap:
        return unknown(definition.name, gap)
    if not events:
        return not_applicable(definition.name, "never done and no resection to count from")
    return time_since(definition, events, chart.today)


def read_months_without(chart: Chart, definition: Definition) -> Finding:
    """From the latest endoscopic resection, where none of the steps was done after it; one of the same day is none."""
    done = _done(chart, definition)
    gap = _gap(chart, definition)
    if gap:
        return unknown(definition.name, gap)
    resections = removals(chart, "endoscopic_resection")
    if not resections:
        return not_applicable(definition.name, "no endoscopic resection on record")
    if any(_surely_after(e, resections) for e in done.certain):
        return not_applicable(definition.name, "done since the resection")
    unclear = tuple(e for e in done.certain + done.possible if not _surely_not_after(e, resections))
    if unclear:
        return unknown(definition.name, "it is not clear what was done since the resection", unclear)
    return time_since(definition, resections, chart.today)


def _done(chart: Chart, definition: Definition) -> Events:
    steps = [find(chart.vocabulary, step) for step in definition.steps]
    return Events(
        tuple(e for step in steps for e in done_evidence(chart, step)),
        tuple(e for step in steps for e in doubtful_studies(chart, step.name)),
    )


def _surely_after(done: Evidence, resections: Events) -> bool:
    days = [e.date for e in resections.certain + resections.possible]
    return done.date is not None and all(day is not None and done.date.earliest > day.latest for day in days)


def _surely_not_after(done: Evidence, resections: Events) -> bool:
    days = [e.date for e in resections.certain]
    return done.date is not None and any(day is not None and done.date.latest <= day.earliest for day in days)


def _gap(chart: Chart, definition: Definition) -> str:
    """Why a later step or resection might not be here: a search that was not complete, or a step in doubt."""
    behind = [find(chart.vocabulary, name) for name in (definition.name, "primary_in_situ", *definition.steps)]
    gaps = (chart.gap(one) for one in behind)
    doubts = (doubt for one in behind for doubt in chart.record.doubts(one.value_sets) if not doubt.is_unconfirmed)
    return next((gap for gap in gaps if gap), "") or next((str(doubt) for doubt in doubts), "")


READERS = {
    **dict.fromkeys(
        (
            "months_since_abdominal_imaging",
            "months_since_pancreatic_imaging",
            "months_since_staging_imaging",
            "months_since_sstr_imaging",
            "months_since_chromogranin_a",
            "months_since_tumour_marker",
            "months_since_echocardiography",
        ),
        read_months_since,
    ),
    "months_without_eus_after_endoscopic_resection": read_months_without,
    "months_without_endoscopy_after_endoscopic_resection": read_months_without,
}
