"""The subset of FHIR queries that the CDS Hooks specification allows in a prefetch template."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_READ = re.compile(r"[A-Z][A-Za-z]+/\{\{context\.[a-zA-Z]+\}\}")
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?[^?]+")
# The fields that each hook marks as usable in a prefetch token.
_TOKENS = {
    "patient-view": {"context.userId", "context.patientId", "context.encounterId"},
    "order-select": {"context.userId", "context.patientId", "context.encounterId"},
    "order-sign": {"context.userId", "context.patientId", "context.encounterId"},
}
_USER_TOKENS = {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
_DATES = {"date", "authoredon", "onset-date", "recorded-date", "_lastUpdated", "started", "effective"}
_DATE = re.compile(r"(?:eq|lt|gt|ge|le)?\d{4}(?:-\d\d(?:-\d\d)?)?")
_PLAIN = {"patient", "subject", "code", "category", "status", "clinical-status", "type", "_count", "_sort"}


def faults(template: str, hook: str) -> Iterator[str]:
    """Everything about a template that a client may refuse."""
    if not (_READ.fullmatch(template) or _SEARCH.fullmatch(template)):
        yield "neither a read nor a search by a relative address"
    tokens = set(_TOKEN.findall(template))
    yield from (f"token {token}" for token in sorted(tokens - _TOKENS[hook] - _USER_TOKENS))
    if template.count("{{") != len(_TOKEN.findall(template)) or template.count("{{") != template.count("}}"):
        yield "unbalanced braces"
    if "?" in template:
        yield from _query_faults(template.partition("?")[2])


def _query_faults(query: str) -> Iterator[str]:
    parameters = parse_qsl(query, keep_blank_values=True)
    yield from (f"{name} twice" for name, times in Counter(name for name, _ in parameters).items() if times > 1)
    for name, value in parameters:
        base, _, modifier = name.partition(":")
        if modifier not in ("", "in"):
            yield f"modifier {modifier}"
        if base in _DATES:
            if not _DATE.fullmatch(value):
                yield f"date {value}"
        elif base not in _PLAIN:
            yield f"parameter {base}"
