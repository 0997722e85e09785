"""How a new rule begins: a file that loads, and whose cases fail until it is filled in."""

from __future__ import annotations

import re
from pathlib import Path

from cards.knowledge import Knowledge
from mappings.errors import DefinitionError

RULES = Path(__file__).parent / "rules"
PLACEHOLDER = "To be written"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DRAFT = """\
# Until every value below is yours, `hoofbeats knowledge check` fails. What each key means: cards/README.md.
title = "{placeholder}: what the rule recommends, in one line"
card = "management"
topic = "to-be-written"
indicator = "info"
statements = ["{statement}"]
recommend = "{placeholder}: the sentences that the card shows, as an option to discuss and never as an order."
status = "draft"

[when]
all = [
  {{ finding = "diagnosis_status", is = "active" }},
  {{ finding = "tumour_size", at_most = 10, unit = "mm" }},
]

# A patient for whom the rule speaks.
[typical]
diagnosis_status = "unknown"
tumour_size = "unknown"

# One thing changed at a time: each criterion tips a case both ways, a number has a case at its bound and one beside it.
[cases]
"{placeholder}: exactly 10 mm" = {{ tumour_size = "10 mm", expect = "recommend" }}
"{placeholder}: 10.1 mm" = {{ tumour_size = "10.1 mm", expect = "silent" }}
"{placeholder}: diagnosis refuted" = {{ diagnosis_status = "inactive", expect = "silent" }}
"""


def families(folder: Path = RULES) -> list[str]:
    """The families that rules stand in."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))


def write_new(family: str, rule: str, statement: str, knowledge: Knowledge, folder: Path = RULES) -> Path:
    """A new rule file that loads and whose cases fail until it is filled in; DefinitionError where it cannot stand."""
    if family not in families(folder):
        raise DefinitionError(f"no family called {family!r}: expected {', '.join(families(folder))}")
    if not _NAME.fullmatch(rule):
        raise DefinitionError(
            f"{rule}: expected lower-case words joined by hyphens, such as receptor-imaging-in-follow-up"
        )
    if statement not in knowledge.statements:
        raise DefinitionError(f"no statement called {statement!r}: write it into cards/statements first")
    if any(path.stem == rule for path in folder.glob("*/*.toml")):
        raise DefinitionError(f"{rule}: a rule of this name is there already")
    path = folder / family / f"{rule}.toml"
    path.write_text(_DRAFT.format(placeholder=PLACEHOLDER, statement=statement))
    return path


def first_statement(family: str, knowledge: Knowledge) -> str:
    """A statement to begin with: the first that the family's rules rest on, else the first of all."""
    named = (s.id for rule in knowledge.rules if rule.family == family for s in rule.statements)
    return next(named, next(iter(knowledge.statements)))
