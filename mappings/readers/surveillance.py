"""Surveillance: how long ago a study or test was last done, or the tumour resected if that was later."""

from __future__ import annotations

from mappings.amounts import Amount
from mappings.chart import Chart
from mappings.dates import PartialDate, months_between
from mappings.findings import Evidence, Finding, known, not_applicable, unknown
from mappings.readers.steps import done_evidence
from mappings.readers.treatment import last_resection
from mappings.vocabulary import Definition, find


def read_months_since(chart: Chart, definition: Definition) -> Finding:
    """From the latest of the steps or, if later, the resection; unknown where a later one might not be here."""
    evidence = [e for step in definition.steps for e in done_evidence(chart, find(chart.vocabulary, step))]
    resection = last_resection(chart)
    if resection is not None:
        evidence.append(Evidence(resection.reference, "performed", resection.date, "resection"))
    gap = _gap(chart, definition)
    if gap:
        return unknown(definition.name, gap)
    anchors = [(e.date, e) for e in evidence if e.date is not None]
    if not anchors:
        return not_applicable(definition.name, "never done and no resection to count from")
    latest, proof = max(anchors, key=lambda pair: (pair[0].latest, pair[0].earliest))
    return known(definition.name, _months(latest, chart), (proof,))


def read_months_without(chart: Chart, definition: Definition) -> Finding:
    """From the latest endoscopic resection, where none of the steps was done after it."""
    resection = last_resection(chart, "endoscopic_resection")
    gap = _gap(chart, definition)
    if gap:
        return unknown(definition.name, gap)
    if resection is None or resection.date is None:
        return not_applicable(definition.name, "no endoscopic resection on record")
    for step in definition.steps:
        for done in done_evidence(chart, find(chart.vocabulary, step)):
            if done.date is not None and done.date.latest > resection.date.latest:
                return not_applicable(definition.name, "done since the resection")
    proof = Evidence(resection.reference, "performed", resection.date, "endoscopic resection")
    return known(definition.name, _months(resection.date, chart), (proof,))


def _months(anchor: PartialDate, chart: Chart) -> Amount:
    return Amount(months_between(anchor.latest, chart.today), months_between(anchor.earliest, chart.today), "mo")


def _gap(chart: Chart, definition: Definition) -> str:
    steps = (chart.gap(find(chart.vocabulary, step)) for step in definition.steps)
    return next((gap for gap in (chart.gap(definition), *steps) if gap), "")


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
