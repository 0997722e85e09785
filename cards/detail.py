"""The detail of a card: its proof in words, by which a clinician can check it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cards.context import CardContext
from cards.criteria_words import condition
from cards.decide import Decision
from cards.knowledge import Knowledge
from cards.markdown import safe
from cards.orders import is_about
from cards.recommend import MissingItem, Recommendation
from cards.statements import Statement
from cards.words import because, capitalised, citations, facts_table, tumour_in_words, value_in_words
from mappings.drafts import Draft
from mappings.findings import Finding, State
from mappings.vocabulary import in_a_sentence


def detail_of(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> str:
    """The detail of a card in Markdown: advice and reasons, facts, what is unclear, statements, and who approved it."""
    lines = [f"**{safe(tumour_in_words(findings))}**", ""]
    lines += [f"Order: {_named(order)}" for order in recommendation.orders]
    if recommendation.kind == "work-up":
        lines += _items(recommendation.items)
    else:
        exceptions = [_exceptions(decision) for decision in recommendation.speaking()]
        shared = _shared(exceptions)
        for decision, its_own in zip(recommendation.speaking(), exceptions, strict=True):
            lines += _point(decision, findings, recommendation, [e for e in its_own if e not in shared])
        lines += [f"- All of this unless {'; or '.join(shared)} (not known)."] if shared else []
        lines += [f"- Offered once, on the first card that asks for it: {name}." for name in _elsewhere(recommendation)]
    used = recommendation.definitions()
    table = facts_table(used, findings)
    if table:
        lines += ["", "**Facts used**", "", *table]
    gaps = _gaps(recommendation, findings, knowledge, context)
    if gaps:
        lines += ["", "**Not recorded or unclear**", "", *gaps]
    lines += ["", "**Statements**", "", *citations(_statements(recommendation))]
    notes = recommendation.notes()
    if notes:
        lines += ["**Where sources differ**", "", *(f"- {note}" for note in notes), ""]
    return "\n".join([*lines, f"*{_approval(recommendation, knowledge)} The clinician decides.*"])


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
        lines += [f"   {line}" for line in _reservation(_exceptions(missing.decision))]
    return lines


def _last(missing: MissingItem) -> list[str]:
    return [f"last {missing.age} ago"] if missing.age else []


def _point(
    decision: Decision, findings: Mapping[str, Finding], recommendation: Recommendation, exceptions: Sequence[str]
) -> list[str]:
    lines = [f"- **{decision.rule.title}** – {decision.rule.recommend}"]
    concerned = [order for order in recommendation.orders if is_about(decision, order)]
    if len(concerned) < len(recommendation.orders):
        lines.append(f"  - Concerns: {', '.join(map(_named, concerned))}.")
    facts = because(decision, findings)
    if facts:
        lines.append(f"  - Because {facts}.")
    lines += [f"  {line}" for line in _reservation(exceptions)]
    own = {statement.id for statement in decision.rule.statements}
    if any(conflict.note and conflict.statements & own for conflict in recommendation.conflicts):
        lines.append("  - Sources differ, see below.")
    return lines


def _reservation(exceptions: Sequence[str]) -> list[str]:
    return [f"- Unless {'; or '.join(exceptions)} (not known)."] if exceptions else []


def _shared(exceptions: Sequence[Sequence[str]]) -> list[str]:
    """Those that nobody can rule out for any of several decisions: said once for all of them."""
    first, *others = exceptions
    return [exception for exception in first if others and all(exception in held for held in others)]


def _exceptions(decision: Decision) -> list[str]:
    """The exceptions of a decision that nobody can rule out, in words."""
    return list(dict.fromkeys(condition(criterion) for criterion in decision.reservations()))


def _gaps(
    recommendation: Recommendation, findings: Mapping[str, Finding], knowledge: Knowledge, context: CardContext
) -> list[str]:
    """What keeps further rules undecided, and what nobody can tell from the record, each reason once."""
    names = dict.fromkeys([*recommendation.missing, *(d.name for d in recommendation.definitions())])
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


def _statements(recommendation: Recommendation) -> list[Statement]:
    """The statements that speak, those merged away left to the extension."""
    return list({s.id: s for decision in recommendation.speaking() for s in decision.rule.statements}.values())
