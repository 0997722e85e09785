"""The build sheet: everything that an EHR analyst types in, from discovery, settings and knowledge."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cards.knowledge import Knowledge
from mappings.order_classes import order_classes
from mappings.tables import read_tables
from mappings.value_sets import Member
from service.services import PREFETCH_KEYS, SERVICES, discovery
from service.settings import Settings

_WORDS = Path(__file__).with_suffix(".toml")
_SYSTEMS = ("ICD-10-CM", "ICD-10", "SNOMED CT")
# A history of a tumour alone gets no card.
_PAST = frozenset({"history_of_nen"})
_ORDER_HOOKS = ("order-select", "order-sign")


@dataclass(frozen=True, slots=True)
class Row:
    """One line to type in, or to keep in view; what does not apply is empty."""

    service: str = ""
    name: str = ""
    value: str = ""
    system: str = ""
    display: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one sort, the headings of the fields that they fill, and what to know of them."""

    key: str
    title: str
    about: str
    headings: Mapping[str, str]
    rows: tuple[Row, ...]


def build_sheet(knowledge: Knowledge, settings: Settings) -> tuple[Section, ...]:
    """The sections of the sheet, in the order in which an analyst needs them."""
    services, base = discovery(knowledge)["services"], settings.base_url
    rows: Mapping[str, Iterator[Row]] = {
        "endpoint": _endpoints(services, base),
        "audience": _audiences(services, base),
        "prefetch": _prefetch(services),
        "scope": _scopes(services),
        "topic": _topics(knowledge),
        "override-reason": _reasons(knowledge),
        "link": _links(base),
        "filter-diagnosis": _diagnoses(knowledge),
        "filter-order": _orders(knowledge),
    }
    words = read_tables(_WORDS, {"title": str, "about": str, "headings": dict}, {})
    return tuple(Section(key, rows=tuple(rows[key]), **words[key]) for key in words)


def as_csv(sections: Iterable[Section]) -> str:
    """The sheet as one table, each row with its section."""
    columns = [field.name for field in fields(Row)]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["section", *columns])
    for section in sections:
        writer.writerows([section.key, *(getattr(row, column) for column in columns)] for row in section.rows)
    return written.getvalue()


def _endpoints(services: list[dict[str, Any]], base: str) -> Iterator[Row]:
    yield Row(
        "",
        "discovery",
        f"{base}/cds-services",
        display="Not read by every EHR: then type in the rows below",
        note="GET",
    )
    for service in services:
        most = SERVICES[service["id"]].most_cards
        cards = f"at most {most} {'card' if most == 1 else 'cards'}"
        url = f"{base}/cds-services/{service['id']}"
        yield Row(service["id"], service["hook"], url, display=service["title"], note=cards)
        yield Row(service["id"], "feedback", f"{url}/feedback", display="What users did with its cards")


def _audiences(services: list[dict[str, Any]], base: str) -> Iterator[Row]:
    yield Row("", "aud", f"{base}/cds-services")
    for service in services:
        for end in ("", "/feedback"):
            yield Row(service["id"], "aud", f"{base}/cds-services/{service['id']}{end}")


def _prefetch(services: list[dict[str, Any]]) -> Iterator[Row]:
    types = {key: kind for kind, key in PREFETCH_KEYS.items()}
    for service in services:
        yield from (Row(service["id"], key, query, note=types[key]) for key, query in service["prefetch"].items())


def _scopes(services: list[dict[str, Any]]) -> Iterator[Row]:
    for kind, key in PREFETCH_KEYS.items():
        users = ", ".join(service["id"] for service in services if key in service["prefetch"])
        # a Patient is read by its id, everything else is searched
        rights = "r" if kind == "Patient" else "rs"
        for context in ("user", "system") if users else ():
            yield Row("", kind, f"{context}/{kind}.read", f"SMART v1, {context}", note=users)
            yield Row("", kind, f"{context}/{kind}.{rights}", f"SMART v2, {context}", note=users)


def _topics(knowledge: Knowledge) -> Iterator[Row]:
    for kind in knowledge.kinds.values():
        services = ", ".join(service.id for service in SERVICES.values() if kind.kind in service.kinds)
        for topic in kind.topics():
            yield Row(services, kind.name, topic.code, topic.system, topic.display)


def _reasons(knowledge: Knowledge) -> Iterator[Row]:
    kinds = knowledge.kinds.values()
    for reason in dict.fromkeys(reason for kind in kinds for reason in kind.reasons):
        cards = ", ".join(kind.name for kind in kinds if reason in kind.reasons)
        yield Row("", "", reason.code, reason.system, reason.display, cards)


def _links(base: str) -> Iterator[Row]:
    yield Row("", "absolute", f"{base}/rules/", display="A rule: criteria, cases, sources")
    yield Row("", "absolute", f"{base}/statements/", display="A statement with its references")


def _diagnoses(knowledge: Knowledge) -> Iterator[Row]:
    names = (name for name in knowledge.vocabulary["diagnosis_status"].value_sets if name not in _PAST)
    return _codes(names, _SYSTEMS, knowledge)


def _orders(knowledge: Knowledge) -> Iterator[Row]:
    services = ", ".join(service.id for service in SERVICES.values() if service.hook in _ORDER_HOOKS)
    judged = (one for one in order_classes().values() if one.judged_without_neoplasm)
    names = [name for one in judged for name in one.value_sets]
    return _codes(names, tuple(knowledge.terminology.systems), knowledge, services)


def _codes(names: Iterable[str], systems: tuple[str, ...], knowledge: Knowledge, service: str = "") -> Iterator[Row]:
    """Each code of some value sets once, by system and code, with the sets that hold it."""
    found: dict[tuple[str, str], list[tuple[str, Member]]] = {}
    for name in names:
        for member in knowledge.terminology.value_sets[name].members:
            if member.system in systems:
                found.setdefault((member.system, member.code), []).append((name, member))
    for (system, code), held in sorted(found.items(), key=lambda item: (systems.index(item[0][0]), item[0][1])):
        sets = ", ".join(name for name, _ in held)
        yield Row(service, "", code, knowledge.terminology.systems[system].url, held[0][1].display, sets)
