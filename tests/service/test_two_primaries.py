"""A chart with two active primaries: what every organ has in common is said, what belongs to one of them is not."""

from __future__ import annotations

from flask.testing import FlaskClient
from hook_answers import answer, statements
from hook_requests import chart, condition, request, search


def statements_for(client: FlaskClient, *codes: str) -> set[str]:
    problems = [condition(code, id=code) for code in codes]
    return statements(answer(client, request(chart(conditions=search(*problems)))))


def test_work_up_for_every_organ_is_asked_for(client: FlaskClient) -> None:
    assert "GEN-WU-02" in statements_for(client, "C7A.010", "C7A.026")


def test_no_rule_of_one_organ_speaks(client: FlaskClient) -> None:
    both = statements_for(client, "C7A.010", "C7A.026")

    assert "DUO-WU-01" in statements_for(client, "C7A.010")
    assert not {s for s in both if s.startswith(("DUO", "PNET"))}
