"""Scope: whether there is anything to advise on, so that the record of anybody else is not read further."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.findings import Finding
from mappings.order_classes import order_classes
from mappings.vocabulary import Vocabulary

_WITH_CARDS = ("active", "suspected", "remission")


def telling_sets(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The value sets of problems of which one nearly always means that there is a neoplasm to advise on."""
    return vocabulary["diagnosis_status"].value_sets


def is_in_scope(findings: Mapping[str, Finding]) -> bool:
    """Whether there is a neoplasm to advise on, or an order that is judged without one."""
    if findings["diagnosis_status"].value in _WITH_CARDS:
        return True
    classes, orders = order_classes(), findings["selected_orders"].value
    return isinstance(orders, frozenset) and any(classes[name].judged_without_neoplasm for name in orders)
