"""No order guard holds up an emergency or a biopsy."""

import pytest
from stated import KNOWLEDGE, findings, stated_by

from cards.decide import Outcome, decide
from cards.rules import Rule

_GUARDS = [rule for rule in KNOWLEDGE.rules if rule.card == "order-guard"]


def _id(rule: Rule) -> str:
    return rule.id


@pytest.mark.parametrize("orders", [[], ["biopsy"]], ids=["emergency", "biopsy"])
@pytest.mark.parametrize("rule", _GUARDS, ids=_id)
def test_guard_is_silent_where_the_order_is_an_emergency_or_a_biopsy(rule: Rule, orders: list[str]) -> None:
    held = findings(**stated_by(rule, selected_orders=orders))

    assert decide(rule, held).outcome is Outcome.SILENT
