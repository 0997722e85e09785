"""Criteria and findings in words: what a rule asks for, line by line, for readers who have never seen code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cards.criteria import Comparator, Criterion, Group, Join
from cards.words import unit_in_words, value_in_words
from mappings.amounts import plain
from mappings.findings import Finding, State
from mappings.vocabulary import Definition, Kind, Vocabulary, in_a_sentence

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


def lines(group: Group) -> tuple[Line, ...]:
    """A group as table lines, its own heading first."""
    return tuple(_group(group, 0, ""))


def demand(criterion: Criterion) -> str:
    """What a criterion asks of its finding: `at most 10 mm`, `G1 or G2`, `includes gastrinoma`."""
    definition = criterion.finding
    match criterion.comparator:
        case Comparator.RECORDED:
            return "recorded, with any value" if criterion.recorded else "not recorded, or not usable as recorded"
        case Comparator.CONTRADICTED:
            return "contradictory or unreadable on record"
        case Comparator.INCLUDES:
            return f"includes {_either(criterion.values, definition)}"
        case Comparator.EXCLUDES:
            return f"does not include {_either(criterion.values, definition)}"
        case Comparator.IN if set(criterion.values) == {"ordered", "absent"} and definition.kind is Kind.STEP:
            return "not done, even if it is on order"
        case Comparator.IS | Comparator.IN:
            return _either(criterion.values, definition)
        case Comparator.AT_MOST | Comparator.AT_LEAST | Comparator.LESS_THAN | Comparator.MORE_THAN as bound:
            assert criterion.bound is not None  # parsing gives every criterion with such a comparator a bound
            return f"{bound.value.replace('_', ' ')} {plain(criterion.bound)} {unit_in_words(definition)}".rstrip()


def condition(criterion: Criterion) -> str:
    """A criterion in a few words: `grade NEC`, `tumour size at most 10 mm`, `not fit for surgery`."""
    label, asked = in_a_sentence(criterion.finding.label), demand(criterion)
    return {"yes": label, "no": f"not {label}"}.get(asked, f"{label} {asked}")


def conditions(group: Group) -> str:
    """A group in one clause: `grade G1 and tumour size at most 10 mm`, `not (MEN1 excluded)`."""
    word = {Join.ALL: " and ", Join.ANY: " or ", Join.NONE: " or "}[group.join]
    told = word.join(condition(part) if isinstance(part, Criterion) else conditions(part) for part in group.parts)
    return f"not ({told})" if group.join is Join.NONE else told


def finding_in_words(finding: Finding, definition: Definition) -> str:
    """What a case states of a finding: its value, or that there is none, without the reason."""
    match finding.state:
        case State.NOT_APPLICABLE:
            return "does not apply"
        case State.UNKNOWN:
            return "contradictory or unreadable" if finding.conflicts else "unknown"
        case _:
            return value_in_words(finding, definition)


def differences(
    case: Mapping[str, Finding], typical: Mapping[str, Finding], vocabulary: Vocabulary
) -> tuple[tuple[str, str], ...]:
    """What differs between a case and the typical patient, each as label and value in words."""
    return tuple(
        (vocabulary[name].label, finding_in_words(finding, vocabulary[name]))
        for name, finding in case.items()
        if finding != typical.get(name)
    )


def _group(group: Group, depth: int, link: str) -> Iterator[Line]:
    inner = _negated_all(group)
    yield Line(depth, link, heading="Not all of these hold together:" if inner else _HEADINGS[group.join])
    joined = inner or group
    for number, part in enumerate(joined.parts):
        word = _LINKS[joined.join] if number else ""
        if isinstance(part, Criterion):
            yield _line(part, depth + 1, word)
        else:
            yield from _group(part, depth + 1, word)


def _line(criterion: Criterion, depth: int, link: str) -> Line:
    finding = criterion.finding
    return Line(depth, link, "", finding.name, finding.label, demand(criterion), finding.meaning)


def _negated_all(group: Group) -> Group | None:
    """The inner group where `none` stands around a single `all`: read as "not all of these together"."""
    if group.join is not Join.NONE or len(group.parts) != 1:
        return None
    (inner,) = group.parts
    return inner if isinstance(inner, Group) and inner.join is Join.ALL else None


def _either(values: Sequence[str], definition: Definition) -> str:
    *first, last = [definition.in_words(value) for value in values]
    return f"{', '.join(first)} or {last}" if first else last
