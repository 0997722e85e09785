"""Doubts: what a finding is worth where a resource that speaks of the same thing cannot be relied on."""

from __future__ import annotations

from msgspec.structs import replace

from mappings.entry_maker import Doubt
from mappings.findings import UNREAD, Finding, State, unknown
from mappings.vocabulary import Definition, Kind


def beyond_doubt(finding: Finding, definition: Definition, doubts: tuple[Doubt, ...]) -> Finding:
    """The finding, unknown where a resource in doubt may say otherwise: it may be the latest, or contradict the rest.

    A step that was done stays so, and a code that was seen in one source is enough for that: it silences a reminder.
    A set keeps what is certain and is no longer complete. A value that nothing can overturn needs one sure evidence.
    """
    if doubts and definition.kind is Kind.STEP:
        doubts = () if finding.value == "done" else tuple(doubt for doubt in doubts if not doubt.is_unconfirmed)
    if not doubts:
        return finding
    if finding.state not in (State.KNOWN, State.ABSENT):
        return replace(finding, among=frozenset())
    doubted = {doubt.resource for doubt in doubts}
    sure = [evidence.resource not in doubted for evidence in finding.evidence]
    if definition.kind is Kind.SET and finding.is_known and all(sure):
        return replace(finding, complete=False)
    if definition.lasting and finding.value == definition.lasting and any(sure):
        return finding
    return unknown(finding.name, UNREAD, finding.evidence, tuple(map(str, doubts)))
