"""The catalogue: Markdown pages of all rules and findings, from the same views as the web pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from cards.criteria_words import Line
from service.pages.index import Index
from service.pages.phrases import title_of
from service.pages.rule_views import RuleView, rule_view
from service.pages.statement_views import ConflictView, StatementView
from service.pages.term_views import FindingView, finding_view

DOCS = Path(__file__).parents[1] / "docs"
_WRITTEN_BY = "<!-- Written by `hoofbeats knowledge catalogue`; do not edit. -->"
_MARKUP = re.compile(r"([\\`*_<>|\[\]])")


def catalogue(index: Index) -> Mapping[str, str]:
    """Every page by its path under docs."""
    pages = {"findings.md": _text(_findings(index))}
    families = groupby(sorted(index.knowledge.rules, key=lambda rule: (rule.family, rule.id)), lambda r: r.family)
    titles = {}
    for family, rules in families:
        views = [rule_view(rule, index) for rule in rules]
        pages[f"catalogue/{family}.md"] = _text(_family(family, views))
        titles[family] = views
    pages["catalogue/README.md"] = _text(_contents(titles))
    return pages


def write(pages: Mapping[str, str], folder: Path) -> None:
    """Writes the pages and removes those of families that are no more."""
    for path in _left_over(pages, folder):
        path.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def stale(pages: Mapping[str, str], folder: Path) -> list[str]:
    """The pages that are not on disk as they should be."""
    wrong = [name for name, text in pages.items() if not _holds(folder / name, text)]
    return sorted([*wrong, *(f"catalogue/{path.name}" for path in _left_over(pages, folder))])


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


def _left_over(pages: Mapping[str, str], folder: Path) -> list[Path]:
    return [path for path in (folder / "catalogue").glob("*.md") if f"catalogue/{path.name}" not in pages]


def _contents(families: Mapping[str, list[RuleView]]) -> Iterator[str]:
    yield from ("# Catalogue of rules", "", _WRITTEN_BY, "")
    yield "Each rule with its criteria, statements and cases. Drafts have not been reviewed by a clinician."
    yield "What the facts mean stands in the [list of findings](../findings.md)."
    for family, rules in families.items():
        yield from ("", f"## [{title_of(family)}]({family}.md)", "")
        yield from (f"- [{_plain(rule.row.title)}]({family}.md#{rule.row.id})" for rule in rules)


def _family(family: str, rules: list[RuleView]) -> Iterator[str]:
    yield from (f"# {title_of(family)}", "", _WRITTEN_BY, "")
    yield f"{len(rules)} rules. [All families](README.md), [all findings](../findings.md)."
    for rule in rules:
        yield from _rule(rule)


def _rule(rule: RuleView) -> Iterator[str]:
    yield from ("", f'<a id="{rule.row.id}"></a>', "", f"## {_plain(rule.row.title)}", "")
    yield f"{rule.card_words} card, {rule.indicator_words}. {rule.status_words}."
    yield from (f"`{rule.row.id}`, content hash `{rule.version}`.", "", f"> {_plain(rule.row.recommend)}")
    yield from _criteria("The rule speaks where", rule.when)
    if rule.unless:
        yield from _criteria("It is silent where", rule.unless)
    offers = [
        *(f"To be ordered from the card: {order}." for order in rule.orders),
        *([rule.draft] if rule.draft else []),
    ]
    if offers:
        yield from ("", *(_plain(offer) for offer in offers))
    yield from ("", "**Statements**", "", *(_statement(statement) for statement in rule.statements))
    if rule.conflicts:
        yield from ("", "**Where sources differ**", "", *(_conflict(conflict) for conflict in rule.conflicts))
    yield from _cases(rule)


def _criteria(caption: str, lines: tuple[Line, ...]) -> Iterator[str]:
    heading, *rest = lines
    yield from ("", f"**{caption} {heading.heading[0].lower()}{heading.heading[1:]}**", "")
    yield from ("| | Fact | Has to be |", "|---|---|---|")
    for line in rest:
        inset = "&emsp;" * (line.depth - 1)
        if line.heading:
            yield f"| {inset}{line.link} | {inset}**{line.heading}** | |"
        else:
            fact = f"[{_plain(line.fact)}](../findings.md#{line.finding})"
            yield f"| {inset}{line.link} | {inset}{fact} | {_plain(line.demand)} |"


def _statement(statement: StatementView) -> str:
    place = f"{statement.source.title}, {statement.locator}; strength: {statement.strength}"
    told = [f"- **{statement.id}** {_plain(statement.text)} *{_plain(place)}.*", f"{statement.verdict_words}."]
    labelled = (
        ("", statement.guidance),
        ("Applied more strictly: ", statement.tightened),
        ("Limits: ", statement.limits),
    )
    told += [label + _plain(text) for label, text in labelled if text]
    return " ".join(told)


def _conflict(conflict: ConflictView) -> str:
    sides = "; ".join(
        f"{side.says} ({', '.join(side.statements)})" if side.statements else side.says for side in conflict.sides
    )
    return (
        f"- **{conflict.id} {_plain(conflict.topic)}.** {_plain(sides)}. *Presented:* {_plain(conflict.presentation)}"
    )


def _cases(rule: RuleView) -> Iterator[str]:
    typical = "; ".join(f"{label}: {value}" for label, value in rule.typical)
    yield from ("", "**Cases**", "", f"The typical patient: {_plain(typical)}.", "")
    yield from ("| The patient, except | Decision |", "|---|---|")
    for case in rule.cases:
        changes = "; ".join(case.changes)
        who = f"{case.name} ({changes})" if case.name and changes else case.name or changes
        yield f"| {_plain(who)} | {case.outcome_words} |"


def _findings(index: Index) -> Iterator[str]:
    views = [finding_view(definition, index) for definition in index.knowledge.vocabulary.values()]
    yield from ("# Findings", "", _WRITTEN_BY, "")
    yield f"The {len(views)} clinical facts that rules compare, each read from the record or unknown."
    for area, held in groupby(views, lambda view: view.area):
        yield from ("", f"## {area}")
        for view in held:
            yield from _finding(view)


def _finding(finding: FindingView) -> Iterator[str]:
    yield from ("", f"### {finding.name}", "", f"**{_plain(finding.label)}.** {_plain(finding.meaning)}", "")
    kind = f"{finding.kind}, in {finding.unit}" if finding.unit else finding.kind
    limit = f"; above {finding.most} it is taken for a slip" if finding.most else ""
    yield f"- Kind: {_plain(kind)}{limit}"
    listed = (
        ("Values", finding.values),
        ("Read from", finding.needs),
        ("Where sent, also", finding.also),
        ("Counted from", tuple(step.id for step in finding.steps)),
        ("Value sets", finding.value_sets),
        ("Computed by", finding.statements),
    )
    yield from (f"- {label}: {_plain(', '.join(names))}" for label, names in listed if names)
    yield f"- Used by: {len(finding.rules)} {'rule' if len(finding.rules) == 1 else 'rules'}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"
