"""Resections of the tumour: whether the primary is still in place, and how long ago it was removed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mappings.chart import Chart
from mappings.entries import Condition, Study, unconfirmed_in
from mappings.evidence import evidence_of
from mappings.findings import Finding, known, not_applicable, unknown
from mappings.readers.diagnosis import is_neuroendocrine, neoplasms, sites_of
from mappings.readers.elapsed import Events, time_since
from mappings.references import last_part
from mappings.statuses import FINAL
from mappings.truth import Truth
from mappings.vocabulary import Definition

_RESECTIONS = {
    "duodenum": ("endoscopic_resection", "duodenal_surgery", "pancreatoduodenectomy"),
    "pancreas": ("pancreatic_surgery", "pancreatoduodenectomy"),
    "stomach": ("endoscopic_resection", "gastric_surgery"),
    "jejunum-ileum": ("small_bowel_surgery", "colon_surgery"),
    "appendix": ("appendicectomy", "colon_surgery"),
    "colon": ("endoscopic_resection", "colon_surgery"),
    "rectum": ("endoscopic_resection", "rectal_surgery"),
}
_ANY_RESECTION = tuple(dict.fromkeys(name for sets in _RESECTIONS.values() for name in sets))
# Most tumours of the appendix are found in one that was removed for another reason, such as appendicitis.
_FOUND_BY_CHANCE = {"appendix": ("appendicectomy",)}
_BEHIND_US = ("remission", "inactive", "history")


def resections(chart: Chart, *value_sets: str) -> Iterator[tuple[Truth, Study]]:
    """Completed removals of the tumour: certain where the procedure names the neoplasm as its reason, or codes it.

    Where it gives no reason, or one that is not on the problem list, a removal from the organ of the primary, or from
    any if that is not known, may or may not have been of the tumour; so may the removal of an appendix with a tumour,
    whatever its reason.
    """
    site = chart.findings["primary_site"].value
    named = {last_part(c.reference) for _, c in neoplasms(chart) if _may_begin_in(site, sites_of(c))}
    organ = _RESECTIONS.get(str(site), ()) if site else _ANY_RESECTION
    for study in chart.record.entries(Study, "Procedure"):
        if study.status not in FINAL or not study.is_a(*(value_sets or _ANY_RESECTION)):
            continue
        match Truth.TRUE if _names_the_tumour(study, site) else done_for(chart, study, named):
            case Truth.TRUE:
                yield Truth.UNKNOWN if unconfirmed_in(study) else Truth.TRUE, study
            case Truth.UNKNOWN if study.is_a(*organ):
                yield Truth.UNKNOWN, study
            case Truth.FALSE if study.is_a(*_FOUND_BY_CHANCE.get(str(site), ())):
                yield Truth.UNKNOWN, study


def done_for(chart: Chart, study: Study, problems: Collection[str]) -> Truth:
    """Whether a procedure was done for one of some problems, by their ids; unknown where no reason on the list says."""
    reasons = {last_part(reason) for reason in study.reasons}
    if not reasons.isdisjoint(problems):
        return Truth.TRUE
    return Truth.FALSE if reasons and reasons <= chart.record.listed_problems else Truth.UNKNOWN


def removals(chart: Chart, *value_sets: str) -> Events:
    """The removals of the tumour by what is certain of them."""
    found = [(truth, evidence_of(s, value_sets or _ANY_RESECTION)) for truth, s in resections(chart, *value_sets)]
    return Events(
        tuple(evidence for truth, evidence in found if truth is Truth.TRUE),
        tuple(evidence for truth, evidence in found if truth is Truth.UNKNOWN),
    )


def read_primary_in_situ(chart: Chart, definition: Definition) -> Finding:
    """No where a completed Procedure removed the tumour; unknown where a removal does not say what it was for.

    Unknown too where the disease is in remission or past: something removed it, even if that is not on record.
    """
    found = removals(chart)
    if found.certain:
        return known(definition.name, "no", found.certain)
    if found.possible:
        reason = "a resection does not say whether it was of the tumour"
        return unknown(
            definition.name, reason, found.possible, tuple(f"{e.resource}: {reason}" for e in found.possible)
        )
    if chart.findings["diagnosis_status"].value in _BEHIND_US:
        return unknown(definition.name, "the disease is in remission or past, and no removal is on record")
    return chart.no_or_unknown(definition, "yes")


def read_years_since_resection(chart: Chart, definition: Definition) -> Finding:
    """From Procedure.performed of the latest certain removal to the day of the request."""
    found = removals(chart)
    if not found.certain and chart.findings["primary_in_situ"].value == "yes":
        return not_applicable(definition.name, "no resection on record")
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else time_since(definition, found, chart.today)


def _names_the_tumour(study: Study, site: object) -> bool:
    """Whether its reason is, by its code or words, a neoplasm that may be the one whose primary site is known."""
    problems = (Condition(study.reference, reason, "", "", (), (), None) for reason in study.coded_reasons)
    return any(is_neuroendocrine(problem) and _may_begin_in(site, sites_of(problem)) for problem in problems)


def _may_begin_in(site: object, sites: tuple[str, ...]) -> bool:
    """Whether a neoplasm may be the one whose primary site is known: an operation on another one left this in place."""
    return not site or not sites or "unknown-primary" in (site, *sites) or site in sites


READERS = {"primary_in_situ": read_primary_in_situ, "years_since_resection": read_years_since_resection}
