"""Cards: CDS Hooks JSON of recommendations, with the proof in `detail` for people and in `extension` for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cards.context import EXTENSION, CardContext, card_uuid
from cards.criteria_words import condition
from cards.decide import Decision
from cards.knowledge import Knowledge
from cards.markdown import one_line, safe
from cards.orders import is_about
from cards.recommend import UNUSABLE, MissingItem, Recommendation
from cards.rules import Rule
from cards.statements import Source, Statement
from cards.suggest import suggest
from cards.words import because, capitalised, citations, facts_table, tumour_in_words, value_in_words
from mappings.amounts import Amount
from mappings.codes import Coding
from mappings.drafts import Draft, classes_of
from mappings.findings import Finding, State, replaced
from mappings.vocabulary import Definition, in_a_sentence

# CDS Hooks: one sentence of under 140 characters.
LONGEST_SUMMARY = 139
_MOST_LINKS = 3


def render(
    recommendations: Iterable[Recommendation],
    findings: Mapping[str, Finding],
    knowledge: Knowledge,
    context: CardContext,
) -> list[dict[str, Any]]:
    """The cards of some recommendations, in their order."""
    return [_card(r, _of_its_orders(r, findings), knowledge, context) for r in recommendations]


def _of_its_orders(recommendation: Recommendation, findings: Mapping[str, Finding]) -> Mapping[str, Finding]:
    """The findings of a card: of the selected orders those that it is about."""
    if not recommendation.orders:
        return findings
    return replaced(findings, classes_of("selected_orders", recommendation.orders))


def _card(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> dict[str, Any]:
    kind = knowledge.kinds[recommendation.group]
    speaker = _speaker(recommendation)
    topic = (kind.critical if recommendation.indicator == "critical" else None) or kind.topic
    card: dict[str, Any] = {
        "uuid": card_uuid(context, "/".join([recommendation.group, *(o.reference for o in recommendation.orders)])),
        "summary": _summary(recommendation, findings),
        "indicator": recommendation.indicator,
        "detail": "\n".join(_detail(recommendation, findings, knowledge, context)),
        "source": _source(speaker.source, topic, context),
        "overrideReasons": [reason.as_json() for reason in kind.reasons],
        "extension": {EXTENSION: _extension(recommendation, findings, knowledge)},
    }
    if context.base_url:
        card["links"] = _links(recommendation, context)
    suggestions = suggest(recommendation, findings, knowledge, context)
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "any"
    return card


def _source(source: Source, topic: Coding, context: CardContext) -> dict[str, Any]:
    page = {"url": f"{context.base_url}/sources#{source.id}"} if context.base_url else {}
    return {"label": str(source), **page, "topic": topic.as_json()}


def _links(recommendation: Recommendation, context: CardContext) -> list[dict[str, str]]:
    """The pages of the first rules that speak: the same for every patient, and nothing that the card needs."""
    first: dict[str, str] = {}
    for decision in recommendation.speaking():
        first.setdefault(decision.rule.title, decision.rule.id)  # two links that read the same lead a reader nowhere
    return [
        {"label": f"Rule: {title}", "url": f"{context.base_url}/rules/{name}", "type": "absolute"}
        for title, name in list(first.items())[:_MOST_LINKS]
    ]


def _speaker(recommendation: Recommendation) -> Statement:
    decision = recommendation.speaking()[0]
    return min(decision.rule.statements, key=lambda s: s.source.precedence)


def _summary(recommendation: Recommendation, findings: Mapping[str, Finding]) -> str:
    """One sentence under 140 characters; list items are dropped before anything else is cut."""
    match recommendation.kind:
        case "work-up":
            names = _names(recommendation.items)
            state = "not found or too old" if any(missing.age for missing in recommendation.items) else "not found"
            head = f"NET work-up: {len(names)} {'item' if len(names) == 1 else 'items'} {state} – "
            shown = names[:3]
            while len(shown) > 1 and len(head + ", ".join(shown) + " and more.") > LONGEST_SUMMARY:
                shown.pop()
            rest = " and more." if len(shown) < len(names) else "."
            return one_line(head + ", ".join(shown) + rest, LONGEST_SUMMARY)
        case "management":
            tail = ": options to discuss" + ("; sources differ where marked." if _notes(recommendation) else ".")
            return one_line(tumour_in_words(findings) + tail, LONGEST_SUMMARY)
        case _:
            return one_line(_titles(recommendation), LONGEST_SUMMARY)


def _names(items: Sequence[MissingItem]) -> list[str]:
    """The items by name; where there is one only, what of it is missing."""
    if len(items) == 1 and items[0].parts and UNUSABLE not in items[0].parts:
        return [in_a_sentence(part) for part in items[0].parts]
    return [missing.item.name for missing in items]


def _titles(recommendation: Recommendation) -> str:
    """As many titles as fit, and how many more there are."""
    titles = list(dict.fromkeys(decision.rule.title for decision in recommendation.speaking()))
    apart = f"{recommendation.apart} – " if recommendation.apart else ""
    fitting = (
        said for shown in range(len(titles), 0, -1) if len(said := apart + _some(titles, shown)) <= LONGEST_SUMMARY
    )
    return next(fitting, f"{apart}{titles[0]}.")


def _some(titles: Sequence[str], shown: int) -> str:
    rest = len(titles) - shown
    return "; ".join([*titles[:shown], *([f"{rest} more"] if rest else [])]) + "."


def _detail(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> list[str]:
    lines = [f"**{safe(tumour_in_words(findings))}**", ""]
    lines += [f"Order: {_named(order)}" for order in recommendation.orders]
    if recommendation.kind == "work-up":
        lines += _items(recommendation.items)
    else:
        shared = _shared(recommendation.speaking())
        for decision in recommendation.speaking():
            lines += _point(decision, findings, recommendation, shared)
        lines += [f"- All of this unless {'; or '.join(shared)} (not known)."] if shared else []
        lines += [f"- Offered once, on the first card that asks for it: {name}." for name in _elsewhere(recommendation)]
    used = _definitions(recommendation)
    table = facts_table(used, findings)
    if table:
        lines += ["", "**Facts used**", "", *table]
    gaps = _gaps(recommendation, findings, knowledge, context)
    if gaps:
        lines += ["", "**Not recorded or unclear**", "", *gaps]
    lines += ["", "**Statements**", "", *citations(_statements(recommendation))]
    notes = _notes(recommendation)
    if notes:
        lines += ["**Where sources differ**", "", *(f"- {note}" for note in notes), ""]
    return [*lines, f"*{_approval(recommendation, knowledge)} The clinician decides.*"]


def _named(order: Draft) -> str:
    return safe(order.words or order.reference)


def _elsewhere(recommendation: Recommendation) -> list[str]:
    return [m.item.name for m in recommendation.items if m.elsewhere]


def _approval(recommendation: Recommendation, knowledge: Knowledge) -> str:
    """Who approved the rules, or that nobody did."""
    signatures = [knowledge.governance.signature_of(decision.rule) for decision in recommendation.decisions]
    signed = sorted({f"{safe(s.name)} on {s.day.isoformat()}" for s in signatures if s is not None})
    if None in signatures or not signed:
        return "Draft rules, not reviewed by a clinician."
    return f"Rules approved by {', '.join(signed)}."


def _items(items: Sequence[MissingItem]) -> list[str]:
    too_old = ", or too old," if any(missing.age for missing in items) else ""
    lines = [f"Not found in the record{too_old} and not on order:", ""]
    told: dict[str, int] = {}
    for number, missing in enumerate(items, 1):
        rule = missing.decision.rule
        name = capitalised(missing.item.name)
        details = [*(in_a_sentence(part) for part in missing.parts), *_last(missing)]
        parts = f" ({', '.join(details)})" if details else ""
        said = f"{rule.recommend} {missing.remark}".rstrip()
        if said in told:
            lines.append(f"{number}. **{name}**{parts} – see {told[said]}.")
            continue
        told[said] = number
        lines.append(f"{number}. **{name}**{parts} – {said}")
        lines += [f"   {line}" for line in _reservations(missing.decision)]
    return lines


def _last(missing: MissingItem) -> list[str]:
    return [f"last {missing.age} ago"] if missing.age else []


def _point(
    decision: Decision, findings: Mapping[str, Finding], recommendation: Recommendation, shared: Collection[str]
) -> list[str]:
    lines = [f"- **{decision.rule.title}** – {decision.rule.recommend}"]
    concerned = [order for order in recommendation.orders if is_about(decision, order)]
    if len(concerned) < len(recommendation.orders):
        lines.append(f"  - Concerns: {', '.join(map(_named, concerned))}.")
    facts = because(decision, findings)
    if facts:
        lines.append(f"  - Because {facts}.")
    lines += [f"  {line}" for line in _reservations(decision, shared)]
    own = {statement.id for statement in decision.rule.statements}
    if any(conflict.note and conflict.statements & own for conflict in recommendation.conflicts):
        lines.append("  - Sources differ, see below.")
    return lines


def _reservations(decision: Decision, told: Collection[str] = ()) -> list[str]:
    unknown = [exception for exception in _exceptions(decision) if exception not in told]
    return [f"- Unless {'; or '.join(unknown)} (not known)."] if unknown else []


def _shared(decisions: Sequence[Decision]) -> list[str]:
    """The exceptions that nobody can rule out for any of several decisions: said once for all of them."""
    first, *others = [_exceptions(decision) for decision in decisions]
    return [exception for exception in first if others and all(exception in held for held in others)]


def _exceptions(decision: Decision) -> list[str]:
    return list(dict.fromkeys(condition(criterion) for criterion in decision.reservations()))


def _gaps(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> list[str]:
    """What keeps further rules undecided, and what nobody can tell from the record, each reason once."""
    names = dict.fromkeys([*recommendation.missing, *(d.name for d in _definitions(recommendation))])
    asked = frozenset() if recommendation.kind == "work-up" else frozenset(recommendation.missing)
    by_reason: dict[str, list[str]] = {}
    for finding in (findings[name] for name in names):
        if finding.state is State.UNKNOWN or (finding.state is State.ABSENT and finding.name in asked):
            said = "; ".join(safe(conflict) for conflict in finding.conflicts)
            definition = knowledge.vocabulary[finding.name]
            reason = said or safe(value_in_words(finding, definition))
            by_reason.setdefault(reason, []).append(in_a_sentence(definition.label))
    lines = [f"- {_listed(labels)}: {reason}" for reason, labels in by_reason.items()]
    return lines + [f"- {safe(problem)}" for problem in context.problems]


def _listed(labels: Sequence[str]) -> str:
    return capitalised(", ".join(labels))


def _definitions(recommendation: Recommendation) -> list[Definition]:
    found = {definition.name: definition for d in recommendation.decisions for definition in d.rule.definitions}
    return list(found.values())


def _statements(recommendation: Recommendation) -> list[Statement]:
    """The statements that speak, those merged away left to the extension."""
    return list({s.id: s for decision in recommendation.speaking() for s in decision.rule.statements}.values())


def _notes(recommendation: Recommendation) -> list[str]:
    return list(dict.fromkeys(conflict.note for conflict in recommendation.conflicts if conflict.note))


def _extension(recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge) -> dict[str, Any]:
    rules: list[Rule] = [decision.rule for decision in recommendation.decisions]
    missing = {*recommendation.missing, *(m.item.key for m in recommendation.items)}
    found = [_finding(findings[d.name]) for d in _definitions(recommendation) if findings[d.name].is_known]
    orders = [{"resource": one_line(o.reference), "text": one_line(o.words)} for o in recommendation.orders]
    extension: dict[str, Any] = {
        "kind": recommendation.kind,
        "statements": sorted({s.id for rule in rules for s in rule.statements}),
        "rules": sorted(rule.id for rule in rules),
        "knowledge": knowledge.version,
    }
    if orders:
        extension["orders"] = [{key: value for key, value in order.items() if value} for order in orders]
    if found:
        extension["findings"] = found
    if missing:
        extension["missing"] = sorted(missing)
    return extension


def _finding(finding: Finding) -> dict[str, Any]:
    value = finding.value
    plain: object = sorted(value) if isinstance(value, frozenset) else str(value)
    shown: dict[str, Any] = {"name": finding.name, "value": plain if plain else "none"}
    if isinstance(value, Amount):
        shown["unit"] = value.unit
    if finding.date is not None:
        shown["date"] = str(finding.date)
    evidence = [_evidence(e.resource, e.element, str(e.date or "")) for e in finding.evidence]
    if evidence:
        shown["evidence"] = evidence
    return shown


def _evidence(resource: str, element: str, date: str) -> dict[str, str]:
    shown = {"resource": one_line(resource), "element": element, "date": date}
    return {key: value for key, value in shown.items() if value}
