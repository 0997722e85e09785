"""Criteria and findings in words: what a rule asks for, line by line, for readers who have never seen code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cards.criteria import Comparator, Criterion, Group, Join
from cards.words import value_in_words
from mappings.amounts import Amount, plain
from mappings.findings import Finding, State, known
from mappings.vocabulary import Definition, Kind, Vocabulary

_UNITS = {"a": "years", "mo": "months", "mm/a": "mm per year", "/(2.mm2)": "per 2 mm²", "1": ""}
_MEMBERS = {
    "acth": "ACTH-secreting tumour",
    "analogue-stop": "stopping a somatostatin analogue",
    "biopsy": "biopsy",
    "ct-abdomen": "CT of the abdomen",
    "cytotoxic": "cytotoxic chemotherapy",
    "gastrin": "gastrin measurement",
    "chromogranin-a": "chromogranin A measurement",
    "h2-blocker": "H2 blocker",
    "platinum": "platinum chemotherapy",
    "prrt": "peptide receptor radionuclide therapy",
    "receptor-scintigraphy": "somatostatin-receptor scintigraphy",
    "splenectomy-risk": "surgery that may need splenectomy",
    "targeted": "targeted drug",
    "vipoma": "VIPoma",
}
_VALUES = {
    "absent": "not found and not on order",
    "muscularis": "muscularis propria",
    "beyond": "beyond the muscularis propria",
}
_HEADINGS = {
    Join.ALL: "All of these hold:",
    Join.ANY: "At least one of these holds:",
    Join.NONE: "None of these holds:",
}
_LINKS = {Join.ALL: "and", Join.ANY: "or", Join.NONE: "nor"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a criteria table: a heading of a group, or a fact and what it has to be.

    `link` joins it to the line before it in its group; `depth` says how deep the group stands.
    """

    depth: int
    link: str
    heading: str = ""
    finding: str = ""
    fact: str = ""
    demand: str = ""
    meaning: str = ""


def lines(group: Group, vocabulary: Vocabulary) -> tuple[Line, ...]:
    """A group as table lines, its own heading first."""
    return tuple(_group(group, 0, "", vocabulary))


def demand(criterion: Criterion, vocabulary: Vocabulary) -> str:
    """What a criterion asks of its finding: `at most 10 mm`, `G1 or G2`, `includes gastrinoma`."""
    definition = criterion.finding
    match criterion.comparator:
        case Comparator.RECORDED:
            return "recorded, with any value" if criterion.recorded else "not recorded, or not usable as recorded"
        case Comparator.CONTRADICTED:
            return "contradictory or unreadable on record"
        case Comparator.INCLUDES:
            return f"includes {_either(criterion.values, definition, vocabulary)}"
        case Comparator.EXCLUDES:
            return f"does not include {_either(criterion.values, definition, vocabulary)}"
        case Comparator.IN if set(criterion.values) == {"ordered", "absent"} and definition.kind is Kind.STEP:
            return "not done, even if it is on order"
        case Comparator.IS | Comparator.IN:
            return _either(criterion.values, definition, vocabulary)
        case Comparator.AT_MOST | Comparator.AT_LEAST | Comparator.LESS_THAN | Comparator.MORE_THAN as bound:
            assert criterion.bound is not None  # parsing gives every criterion with such a comparator a bound
            return f"{bound.value.replace('_', ' ')} {plain(criterion.bound)} {unit_in_words(definition)}".rstrip()


def finding_in_words(finding: Finding, vocabulary: Vocabulary) -> str:
    """The value of a finding as a sentence would have it: `10 mm`, `6.1 months`, `not recorded`."""
    definition = vocabulary[finding.name]
    match finding.state, finding.value:
        case State.KNOWN, Amount() as amount:
            return f"{replace(amount, unit='1')} {unit_in_words(definition)}".rstrip()
        case State.KNOWN, frozenset() as members:
            return ", ".join(member_in_words(m, definition, vocabulary) for m in sorted(members)) or "none"
        case State.KNOWN, str() as value:
            return member_in_words(value, definition, vocabulary)
        case State.NOT_APPLICABLE, _:
            return "does not apply"
        case State.ABSENT, _:
            return "not recorded"
        case _:
            return "contradictory or unreadable" if finding.conflicts else "unknown"


def unit_in_words(definition: Definition) -> str:
    """The unit of a finding as people say it."""
    return _UNITS.get(definition.unit, definition.unit)


def member_in_words(value: str, definition: Definition, vocabulary: Vocabulary) -> str:
    """One value that a finding can have, as people say it."""
    if definition.kind is not Kind.SET:
        return _VALUES.get(value) or value_in_words(known(definition.name, value))
    if value in vocabulary and vocabulary[value].kind is Kind.STEP:
        label = vocabulary[value].label
        return label if label[:2].isupper() else label[0].lower() + label[1:]
    return _MEMBERS.get(value) or value.replace("-", " ")


def differences(
    case: Mapping[str, Finding], typical: Mapping[str, Finding], vocabulary: Vocabulary
) -> tuple[tuple[str, str], ...]:
    """What differs between a case and the typical patient, each as label and value in words."""
    return tuple(
        (vocabulary[name].label, finding_in_words(finding, vocabulary))
        for name, finding in case.items()
        if finding != typical.get(name)
    )


def _group(group: Group, depth: int, link: str, vocabulary: Vocabulary) -> Iterator[Line]:
    inner = _negated_all(group)
    yield Line(depth, link, heading="Not all of these hold together:" if inner else _HEADINGS[group.join])
    joined = inner or group
    for number, part in enumerate(joined.parts):
        word = _LINKS[joined.join] if number else ""
        if isinstance(part, Criterion):
            yield _line(part, depth + 1, word, vocabulary)
        else:
            yield from _group(part, depth + 1, word, vocabulary)


def _line(criterion: Criterion, depth: int, link: str, vocabulary: Vocabulary) -> Line:
    finding = criterion.finding
    return Line(depth, link, "", finding.name, finding.label, demand(criterion, vocabulary), finding.meaning)


def _negated_all(group: Group) -> Group | None:
    """The inner group where `none` stands around a single `all`: read as "not all of these together"."""
    if group.join is not Join.NONE or len(group.parts) != 1:
        return None
    (inner,) = group.parts
    return inner if isinstance(inner, Group) and inner.join is Join.ALL else None


def _either(values: Sequence[str], definition: Definition, vocabulary: Vocabulary) -> str:
    *first, last = [member_in_words(value, definition, vocabulary) for value in values]
    return f"{', '.join(first)} or {last}" if first else last
