"""How far: nodes, distant metastases and where they are, from the N and M categories and the problem list."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.chart import Chart, Dated, disagreement, newest, not_before
from mappings.entries import Condition
from mappings.evidence import evidence_of
from mappings.findings import Finding, State, known, unknown
from mappings.readers.stated import latest_stated, stated
from mappings.vocabulary import Definition, find

_DISTANT = ("liver", "bone", "peritoneum", "lung", "brain")
# Organs in which no tumour begins that is read here.
ORGANS = {"liver": "site_liver", "bone": "site_bone", "lymph-node": "site_lymph_node"}


def read_nodal_status(chart: Chart, definition: Definition) -> Finding:
    """The latest N category; an N0 beside a confirmed nodal metastasis on the problem list contradicts it.

    Not where there are distant metastases: the node may be one of them.
    """
    finding = latest_stated(chart, definition, stated(chart, "n_category", definition.meanings))
    shown = _dated("N+", _metastases(chart)["lymph-node"])
    if finding.value == "N0" and shown and chart.findings["distant_metastasis"].value != "M1":
        return disagreement(definition.name, [*(Dated("N0", e) for e in finding.evidence), *shown])
    return finding


def read_distant_metastasis(chart: Chart, definition: Definition) -> Finding:
    """The latest M category; a metastasis of a distant organ on the problem list is M1 unless a later M0 denies it.

    A suspected one, or one whose place is not named, leaves an earlier M0 open.
    """
    categories = newest(stated(chart, "m_category", definition.meanings))
    confirmed = _metastases(chart)
    shown = [m for name in _DISTANT for m in _dated("M1", confirmed[name])]
    denied = [d for d in categories if d.value == "M0" and any(_not_before(d, s) for s in shown)]
    if denied:
        return disagreement(definition.name, [*denied, *shown])
    if shown:
        agreeing = [d for d in categories if d.value == "M1"]
        return known(definition.name, "M1", tuple(d.evidence for d in shown + agreeing))
    finding = latest_stated(chart, definition, categories)
    suspected = _metastases(chart, "suspected")
    unsure = [*(c for name in _DISTANT for c in suspected[name]), *confirmed["other"], *suspected["other"]]
    doubtful = [d for d in map(evidence_of, unsure) if not_before(d.date, finding.date)]
    if finding.value != "M1" and not finding.conflicts and doubtful:
        reason = "a metastasis is suspected, or its place is not named"
        return unknown(definition.name, reason, finding.evidence + tuple(doubtful))
    return finding


def read_metastatic_sites(chart: Chart, definition: Definition) -> Finding:
    """Condition.code of metastases, confirmed and active."""
    return chart.set_of(definition, {organ: map(evidence_of, held) for organ, held in _metastases(chart).items()})


def read_advanced_disease(chart: Chart, definition: Definition) -> Finding:
    """Yes by M1 or a stated unresectability; no by M0 where nothing states it."""
    metastasis, unresectable = chart.findings["distant_metastasis"], chart.findings["unresectable_disease"]
    if metastasis.value == "M1":
        return known(definition.name, "yes", metastasis.evidence)
    if unresectable.value == "yes":
        return known(definition.name, "yes", unresectable.evidence)
    if metastasis.value == "M0" and (unresectable.value == "no" or unresectable.state is State.ABSENT):
        return known(definition.name, "no", metastasis.evidence)
    return unknown(definition.name, "neither M category nor resectability settle it")


def _metastases(chart: Chart, state: str = "active") -> Mapping[str, list[Condition]]:
    """The metastases on the problem list, confirmed unless said otherwise, by organ."""
    named = find(chart.vocabulary, "metastatic_sites").meanings
    found: dict[str, list[Condition]] = {organ: [] for organ in named}
    for condition in chart.record.entries(Condition, "Condition"):
        if condition.state == state:
            for organ in _organs_of(condition, named):
                found[organ].append(condition)
    return found


def _organs_of(metastasis: Condition, named: Mapping[str, tuple[str, ...]]) -> list[str]:
    """By code or, where the code names no organ, by body site."""
    organs = [organ for organ, value_sets in named.items() if not metastasis.sets.isdisjoint(value_sets)]
    if "other" not in organs:
        return organs
    sited = [organ for organ, site in ORGANS.items() if any(s.is_a(site) for s in metastasis.body_sites)]
    organs.remove("other")
    return list(dict.fromkeys(organs + (sited or ["other"])))


def _dated(category: str, conditions: list[Condition]) -> list[Dated[str]]:
    return [Dated(category, evidence_of(c)) for c in conditions]


def _not_before(category: Dated[str], shown: Dated[str]) -> bool:
    return not_before(category.evidence.date, shown.evidence.date)


READERS = {
    "nodal_status": read_nodal_status,
    "distant_metastasis": read_distant_metastasis,
    "metastatic_sites": read_metastatic_sites,
    "advanced_disease": read_advanced_disease,
}
