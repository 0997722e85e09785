"""What readers see of a FHIR resource: a few typed elements, the same whatever the FHIR version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import force_setattr

from mappings.amounts import Amount
from mappings.codes import Coding
from mappings.dates import PartialDate
from mappings.statuses import PRESENT, REFUTED, SUSPECTED

_NONE: frozenset[str] = frozenset()
# Tumours by the hormone that they make. ICD-10 and ICD-10-CM have one code for all of them, benign or malignant
# (D13.7, C25.4), so that often only the words beside it tell.
HORMONE_PRODUCING = ("insulinoma", "gastrinoma", "glucagonoma", "vipoma", "somatostatinoma")


class Concept(msgspec.Struct, frozen=True, gc=False):
    """A coded thing: its codings, its text, and the value sets that it belongs to.

    `unconfirmed` are those of the value sets that it belongs to only by a code that was seen in one source.
    """

    codings: tuple[Coding, ...] = ()
    text: str = ""
    sets: frozenset[str] = frozenset()
    by_text: bool = False
    unconfirmed: frozenset[str] = frozenset()

    def is_a(self, *value_sets: str) -> bool:
        """Whether it belongs to one of the value sets."""
        return not self.sets.isdisjoint(value_sets)

    def __str__(self) -> str:
        """The words a clinician would read."""
        if self.text or not self.codings:
            return self.text
        return self.codings[0].display or self.codings[0].code


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A problem on record; `sets` are the value sets that its code or a morphology is in.

    `state` is active, suspected, remission, inactive or refuted; empty for what was entered in error.
    """

    reference: str
    code: Concept
    clinical_status: str
    verification_status: str
    body_sites: tuple[Concept, ...]
    morphologies: tuple[Concept, ...]
    date: PartialDate | None
    sets: frozenset[str] = _NONE
    state: str = ""

    def __post_init__(self) -> None:
        force_setattr(self, "sets", _sets_of((self.code, *self.morphologies)))
        force_setattr(self, "state", _state(self.clinical_status, self.verification_status))

    def is_a(self, *value_sets: str) -> bool:
        """Whether its code or morphology belongs to one of the value sets."""
        return not self.sets.isdisjoint(value_sets)


class Reading(msgspec.Struct, frozen=True, gc=False):
    """The value of an observation: an amount, a concept, a boolean or text, with how it was flagged."""

    amount: Amount | None = None
    unread_amount: str = ""
    concept: Concept | None = None
    boolean: bool | None = None
    text: str = ""
    element: str = "value"

    def is_empty(self) -> bool:
        """Whether the observation carries no value at all."""
        return (
            self.amount is None
            and self.concept is None
            and self.boolean is None
            and not (self.text or self.unread_amount)
        )


class Component(msgspec.Struct, frozen=True, gc=False):
    """A part of an observation with a code and a value of its own."""

    code: Concept
    reading: Reading
    interpretations: tuple[Concept, ...] = ()
    upper_limit: Amount | None = None
    says_why_empty: bool = False


class Observation(msgspec.Struct, frozen=True, gc=False):
    """A measurement or finding on record."""

    reference: str
    status: str
    code: Concept
    reading: Reading
    date: PartialDate | None
    components: tuple[Component, ...] = ()
    interpretations: tuple[Concept, ...] = ()
    upper_limit: Amount | None = None
    method: Concept = Concept()
    body_site: Concept = Concept()
    lesion: str = ""
    fasting: bool = False
    has_members: bool = False
    says_why_empty: bool = False

    def unexplained(self) -> frozenset[str]:
        """The value sets of which it lost something: it, or a part, has no value and does not say why, or no name."""
        if not self.components:
            is_lost = self.reading.is_empty() and not (self.has_members or self.says_why_empty)
            return self.code.sets if is_lost else _NONE
        unnamed = any(not part.code.text and not any(c.system for c in part.code.codings) for part in self.components)
        lost = [self.code] if unnamed else []
        lost += [part.code for part in self.components if part.reading.is_empty() and not part.says_why_empty]
        return _sets_of(lost)

    def readings(self, value_set: str) -> list[Component]:
        """The values whose own code, or whose observation's code where none of its components is, is in the set."""
        named = [part for part in self.components if value_set in part.code.sets] if self.components else []
        if named or value_set not in self.code.sets:
            return named
        return [Component(self.code, self.reading, self.interpretations, self.upper_limit)]


class Study(msgspec.Struct, frozen=True, gc=False):
    """Something that was done: an imaging study, a report or a procedure; `sets` are the value sets of its codes.

    `reasons` are references to why; `coded_reasons` say why in codes or words, without what rests on a single source.
    """

    reference: str
    kind: str
    status: str
    codes: tuple[Concept, ...]
    modalities: tuple[Concept, ...]
    date: PartialDate | None
    reasons: tuple[str, ...] = ()
    coded_reasons: tuple[Concept, ...] = ()
    sets: frozenset[str] = _NONE

    def __post_init__(self) -> None:
        force_setattr(self, "sets", _sets_of(self.codes))

    def is_a(self, *value_sets: str) -> bool:
        """Whether one of its codes belongs to one of the value sets."""
        return not self.sets.isdisjoint(value_sets)

    def named(self, value_sets: Iterable[str]) -> Concept | None:
        """The first of its codes that belongs to one of the value sets."""
        for code in self.codes:
            if not code.sets.isdisjoint(value_sets):
                return code
        return None


class Order(msgspec.Struct, frozen=True, gc=False):
    """A request for a test, study, referral or procedure."""

    reference: str
    status: str
    code: Concept
    date: PartialDate | None


class Medication(msgspec.Struct, frozen=True, gc=False):
    """A drug that was requested, stated or given, with the days between which it is taken."""

    reference: str
    kind: str
    status: str
    code: Concept
    start: PartialDate | None
    end: PartialDate | None


class FamilyMember(msgspec.Struct, frozen=True, gc=False):
    """A relative's history."""

    reference: str
    status: str
    conditions: tuple[Concept, ...]
    date: PartialDate | None


class Vaccination(msgspec.Struct, frozen=True, gc=False):
    """A vaccine that was given."""

    reference: str
    status: str
    code: Concept
    date: PartialDate | None


class Person(msgspec.Struct, frozen=True, gc=False):
    """The patient."""

    reference: str
    birth_date: PartialDate | None


Entry = Condition | Observation | Study | Order | Medication | FamilyMember | Vaccination | Person


def of_unknown_status(entry: Entry) -> frozenset[str]:
    """The value sets of a result or study that says of itself that nobody knows whether it counts."""
    if entry.__class__ is Observation and entry.status == "unknown":
        return _sets_of((entry.code, *(part.code for part in entry.components)))
    return entry.sets if entry.__class__ is Study and entry.status == "unknown" else _NONE


def unconfirmed_in(entry: Entry) -> frozenset[str]:
    """The value sets that something in an entry belongs to only by a code that was seen in one source."""
    match entry:
        case Condition():
            concepts = [entry.code, *entry.body_sites, *entry.morphologies]
        case Observation():
            concepts = [entry.code, entry.method, entry.body_site, *_valued(entry.reading)]
            concepts += [c for part in entry.components for c in (part.code, *_valued(part.reading))]
        case Study():
            concepts = [*entry.codes, *entry.modalities]
        case Order() | Medication() | Vaccination():
            concepts = [entry.code]
        case FamilyMember():
            concepts = list(entry.conditions)
        case Person():
            concepts = []
    doubted = [concept.unconfirmed for concept in concepts if concept.unconfirmed]
    return _union(doubted) if doubted else _NONE


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return _NONE.union(*sets)


def _sets_of(concepts: Sequence[Concept]) -> frozenset[str]:
    return concepts[0].sets if len(concepts) == 1 else _NONE.union(*(concept.sets for concept in concepts))


def _state(clinical: str, verification: str) -> str:
    if verification in REFUTED:
        return "refuted" if verification == "refuted" else ""
    if clinical not in PRESENT:
        return "remission" if clinical == "remission" else "inactive"
    return "suspected" if verification in SUSPECTED else "active"


def _valued(reading: Reading) -> list[Concept]:
    return [reading.concept] if reading.concept is not None else []
