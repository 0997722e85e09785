"""The words of pages for what the files name by a key."""

from __future__ import annotations

from cards.governance import Mode
from cards.words import VERDICTS as _VERDICTS
from cards.words import capitalised

CARDS = {
    "work-up": "Work-up",
    "grade-check": "Grade check",
    "management": "Management",
    "surveillance": "Surveillance",
    "order-guard": "Order check",
    "safety": "Safety",
}
INDICATORS = {"info": "for information", "warning": "warning", "critical": "critical"}
STATUSES = {"draft": "Draft: not reviewed by a clinician", "reviewed": "Reviewed by a clinician"}
MODES = {
    Mode.ON: "The rule is on.",
    Mode.SILENT: "The rule is silent: decided and counted, not shown.",
    Mode.OFF: "The rule is switched off.",
}
OUTCOMES = {
    "recommend": "the rule speaks",
    "silent": "the rule is silent",
    "undetermined": "undecided, a fact is missing",
}
VERDICTS = {key: capitalised(words) for key, words in _VERDICTS.items()}
ROLES = {
    "recommendation": "Rules rest on it",
    "finding": "A finding is computed by it",
    "background": "Background: no rule rests on it",
}
BACKGROUND = {
    "fact": "It reports a fact; nothing is to be done because of it.",
    "definition": "It defines or delimits what other statements speak of.",
    "governance": "It tells how the source came about and what it lacks.",
}
NO_ACTION = "It names no action that a rule could call for on its own."
KINDS = {
    "category": "one of several values",
    "amount": "a number",
    "set": "any of several values together",
    "step": "a step of the work-up: done, ordered or neither",
}
DRAFTS = {"remove": "Removing the selected order is offered.", "replace": "Replacing the selected order is offered: "}
HOOKS = {
    "patient-view": "when a chart is opened",
    "order-select": "when an order is selected",
    "order-sign": "before an order is signed",
}
_TITLES = {"orders": "Orders being placed", "work-up": "Work-up", "follow-up": "Follow-up"}
_SPELT = (
    "A",
    "ACTH",
    "C",
    "CT",
    "eGFR",
    "Ellison",
    "EUS",
    "FDG",
    "G1",
    "G2",
    "G3",
    "H2",
    "Hib",
    "HPF",
    "M",
    "M0",
    "M1",
    "MEN1",
    "MEN2",
    "MEN4",
    "Morrison",
    "MR",
    "MRCP",
    "MRI",
    "N",
    "N0",
    "NEC",
    "NEN",
    "NET",
    "NF1",
    "NM",
    "NSE",
    "NT",
    "PET",
    "pH",
    "PPoma",
    "proBNP",
    "PRRT",
    "PTH",
    "SSTR",
    "TNM",
    "TSC",
    "US",
    "Verner",
    "VHL",
    "VIP",
    "VIPoma",
    "Zollinger",
)
_WRITTEN = {"hiaa": "5-HIAA", "ki67": "Ki-67", **{word.casefold(): word for word in _SPELT}}


def title_of(name: str) -> str:
    """A key as a heading: `unknown-primary` as `Unknown primary`."""
    words = name.replace("_", " ").replace("-", " ")
    written = " ".join(_WRITTEN.get(word, word) for word in words.split())
    return _TITLES.get(name) or capitalised(written)
