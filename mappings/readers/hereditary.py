"""Hereditary disease: MEN1 by the problem list, and whether family history was taken."""

from __future__ import annotations

from mappings.chart import Chart, Dated, disagreement
from mappings.entries import Condition, FamilyMember
from mappings.evidence import evidence_of
from mappings.findings import Evidence, Finding, known, unknown
from mappings.statuses import PARTLY_TAKEN
from mappings.vocabulary import Definition


def read_men1(chart: Chart, definition: Definition) -> Finding:
    """Condition.code: confirmed means confirmed, refuted means excluded; no entry means unknown.

    A confirmed entry counts even if it is listed as inactive, since the disease does not go away; a suspected one, or
    an inactive one that does not say that it was confirmed, leaves it open.
    """
    entries = [c for c in chart.record.entries(Condition, "Condition") if c.is_a("men1")]
    confirmed = [c for c in entries if c.state == "active" or c.verification_status == "confirmed"]
    refuted = [c for c in entries if c.state == "refuted"]
    if confirmed and refuted:
        said = [Dated("confirmed", evidence_of(c)) for c in confirmed]
        return disagreement(definition.name, said + [Dated("excluded", evidence_of(c)) for c in refuted])
    if confirmed:
        return known(definition.name, "confirmed", tuple(map(evidence_of, confirmed)))
    unsettled = tuple(evidence_of(c) for c in entries if c.state not in ("refuted", ""))
    if unsettled:
        return unknown(definition.name, "on record and not settled", unsettled)
    if refuted:
        return known(definition.name, "excluded", tuple(map(evidence_of, refuted)))
    return chart.absence(definition)


def read_family_history(chart: Chart, definition: Definition) -> Finding:
    """Done where a relative's history is recorded as completed; one that is partial or cannot be had leaves it open."""
    relatives = list(chart.record.entries(FamilyMember, "FamilyMemberHistory"))
    taken = [m for m in relatives if m.status == "completed"]
    if taken:
        return known(definition.name, "done", tuple(map(_asked, taken)))
    begun = tuple(_asked(m) for m in relatives if m.status in PARTLY_TAKEN)
    if begun:
        return unknown(definition.name, "taken in part, or not to be had", begun)
    return chart.no_or_unknown(definition, "absent")


def _asked(relative: FamilyMember) -> Evidence:
    return Evidence(relative.reference, "status", relative.date)


READERS = {"men1": read_men1, "family_history": read_family_history}
