"""Orders being placed: what the selected ones are for."""

from __future__ import annotations

from mappings.chart import Chart
from mappings.findings import Evidence, Finding, known
from mappings.vocabulary import Definition


def read_selected_orders(chart: Chart, definition: Definition) -> Finding:
    """The classes of the selected drafts, by their codes."""
    selected = [draft for draft in chart.record.drafts if draft.selected and draft.classes]
    evidence = tuple(Evidence(draft.reference, "code", None, draft.words) for draft in selected)
    return known(definition.name, frozenset().union(*(draft.classes for draft in selected)), evidence)


READERS = {"selected_orders": read_selected_orders}
