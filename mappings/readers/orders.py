"""Orders being placed: what they are for, the selected ones and all of them."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.chart import Chart
from mappings.drafts import Draft
from mappings.findings import Evidence, Finding, known
from mappings.vocabulary import Definition


def read_selected_orders(chart: Chart, definition: Definition) -> Finding:
    """The classes of the selected drafts, by their codes."""
    return _classes(definition, (draft for draft in chart.record.drafts if draft.selected))


def read_drafted_orders(chart: Chart, definition: Definition) -> Finding:
    """The classes of all drafts, by their codes."""
    return _classes(definition, chart.record.drafts)


def _classes(definition: Definition, drafts: Iterable[Draft]) -> Finding:
    classed = [draft for draft in drafts if draft.classes]
    evidence = tuple(Evidence(draft.reference, "code", None, draft.words) for draft in classed)
    return known(definition.name, frozenset().union(*(draft.classes for draft in classed)), evidence)


READERS = {"selected_orders": read_selected_orders, "drafted_orders": read_drafted_orders}
