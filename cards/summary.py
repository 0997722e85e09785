"""The summary of a card: one sentence that says what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cards.markdown import one_line
from cards.recommend import UNUSABLE, MissingItem, Recommendation
from cards.words import tumour_in_words
from mappings.findings import Finding
from mappings.vocabulary import in_a_sentence

# CDS Hooks: one sentence of under 140 characters.
LONGEST_SUMMARY = 139


def summary_of(recommendation: Recommendation, findings: Mapping[str, Finding]) -> str:
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
            tail = ": options to discuss" + ("; sources differ where marked." if recommendation.notes() else ".")
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
