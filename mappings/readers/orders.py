"""Orders being placed: what they are for, the selected ones and all of them."""

from __future__ import annotations

from mappings.chart import Chart
from mappings.drafts import classes_of
from mappings.findings import Finding
from mappings.vocabulary import Definition


def read_selected_orders(chart: Chart, definition: Definition) -> Finding:
    """The classes of the selected drafts, by their codes."""
    return classes_of(definition.name, (draft for draft in chart.record.drafts if draft.selected))


def read_drafted_orders(chart: Chart, definition: Definition) -> Finding:
    """The classes of all drafts, by their codes."""
    return classes_of(definition.name, chart.record.drafts)


READERS = {"selected_orders": read_selected_orders, "drafted_orders": read_drafted_orders}
