"""A chart with two active primaries: what every organ has in common is said, what belongs to one of them is not."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from hook_requests import VIEW, chart, condition, request, search


def statements(client: FlaskClient, *codes: str) -> set[str]:
    problems = [{**condition(code), "id": code} for code in codes]
    answer: Any = client.post(VIEW, json=request(chart(conditions=search(*problems)))).json
    return {s for card in answer["cards"] for s in card["extension"]["org.hoofbeats.card"]["statements"]}


def test_work_up_for_every_organ_is_asked_for(client: FlaskClient) -> None:
    assert "GEN-WU-02" in statements(client, "C7A.010", "C7A.026")


def test_no_rule_of_one_organ_speaks(client: FlaskClient) -> None:
    both = statements(client, "C7A.010", "C7A.026")

    assert "DUO-WU-01" in statements(client, "C7A.010")
    assert not {s for s in both if s.startswith(("DUO", "PNET"))}
