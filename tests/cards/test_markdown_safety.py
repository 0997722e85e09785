"""Text from a record can be shown in a card without doing anything there."""

import pytest
from markdown_reading import ATTACKS, active_constructs, structure, words
from stated import KNOWLEDGE, cards_of, findings, rule

from cards.context import CardContext
from cards.markdown import one_line, safe
from cards.rules import Rule
from cards.statements import Statement
from mappings.dates import read_date
from mappings.findings import Evidence, Findings, given, known, unknown

_PLAIN = "plain"
_SMALL = rule(when={"all": [{"finding": "tumour_size", "at_most": 10, "unit": "mm"}]})
_ASKS_GRADE = rule(
    "graded", when={"all": [{"finding": "grade", "is": "G1"}, {"finding": "tumour_function", "is": "functioning"}]}
)


def detail_with(text: str) -> str:
    """A card that shows a text as resource id, as conflict, as reason and as problem."""
    context = CardContext("net-patient-view", "instance", "p1", (f"Condition/{text}: {text}",))
    [card] = cards_of(_told(text), _SMALL, _ASKS_GRADE, context=context)
    return str(card["detail"])


def _told(text: str) -> Findings:
    evidence = (Evidence(f"Observation/{text}", "valueQuantity", read_date("2026-01-02"), text),)
    size = findings(tumour_size="8 mm")["tumour_size"].value
    assert size is not None
    return given(
        {
            "tumour_size": known("tumour_size", size, evidence),
            "grade": unknown("grade", "the record contradicts itself", conflicts=(f"Observation/{text}: {text}",)),
            "tumour_function": unknown("tumour_function", text),
        }
    )


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_text_of_a_record_does_nothing_in_a_card(attack: str) -> None:
    detail = detail_with(attack)

    assert active_constructs(detail) == []


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_text_of_a_record_leaves_the_shape_of_a_card_alone(attack: str) -> None:
    detail = detail_with(attack)

    assert structure(detail) == structure(detail_with(_PLAIN))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_text_of_a_record_does_not_burst_a_card(attack: str) -> None:
    detail = detail_with(attack)

    assert len(detail) < len(detail_with(_PLAIN)) + 6 * 250


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_text_of_a_record_can_be_sent(attack: str) -> None:
    detail = detail_with(attack)

    assert detail.encode("utf-8").decode("utf-8") == detail


@pytest.mark.parametrize(
    "text",
    [
        "Ki-67 <3 % & G1",
        "G2 (WHO 2022), 3-20 %",
        "a_b*c",
        "#12: [x] | `y` ~z~",
        "Nodes: N+ \\ M0",
        "Größe 8 mm – ≥ 3",
    ],
)
def test_plain_text_is_read_as_it_was_written(text: str) -> None:
    assert words(safe(text)) == text


@pytest.mark.parametrize("text", ["Observation/n1: N0 (final)!", "2026-01-02T10:00", "{a}"])
def test_text_without_markup_is_the_same_where_markdown_is_not_rendered(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see www.evil.example", "see www .evil.example"),
        ("https://evil.example", "https: //evil.example"),
        ("nurse@evil.example", "nurse @ evil.example"),
    ],
)
def test_address_is_set_apart(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines", "two lines"),
        ("tab\tand  blanks ", "tab and blanks"),
        ("a\u200bb", "ab"),
        ("a\u202eb", "ab"),
        ("a\x00b", "a b"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 118 + " yz", "x" * 118 + "…"),
        ("", ""),
    ],
)
def test_text_is_put_on_one_line_without_hidden_characters(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize("statement", KNOWLEDGE.statements.values(), ids=lambda statement: statement.id)
def test_statement_of_ours_does_nothing_in_a_card(statement: Statement) -> None:
    assert active_constructs(f"{statement.text} ({statement.locator}; {statement.guidance})") == []


@pytest.mark.parametrize("held", KNOWLEDGE.rules, ids=lambda rule: rule.id)
def test_words_of_a_rule_do_nothing_in_a_card(held: Rule) -> None:
    assert active_constructs(f"**{held.title}** – {held.recommend}") == []


@pytest.mark.parametrize("conflict", KNOWLEDGE.conflicts)
def test_note_of_a_conflict_does_nothing_in_a_card(conflict: str) -> None:
    assert active_constructs(KNOWLEDGE.conflicts[conflict].note) == []
