"""Concepts: coded elements of FHIR with the value sets that their codes, or their words, are in."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mappings.codes import Coding
from mappings.entries import HORMONE_PRODUCING, Concept
from mappings.value_sets import Terminology

_NO_CONCEPT = Concept()
_NO_SETS: frozenset[str] = frozenset()


class Concepts:
    """Reads CodeableConcepts, Codings and CodeableReferences by a terminology.

    `any_unconfirmed` tells whether any concept so far is of a value set by a code that was seen in one source only.
    """

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self.any_unconfirmed = False

    def of(self, element: Any) -> Concept:
        """A CodeableConcept, or the concept of an R5 CodeableReference, with its value sets."""
        if element is None:
            return _NO_CONCEPT
        element = getattr(element, "concept", None) or element
        text = getattr(element, "text", None) or ""
        codings: list[Coding] = []
        sets = sure = _NO_SETS
        for stated in getattr(element, "coding", None) or ():
            if stated is None or not stated.code:
                continue
            coding = self._coding(stated)
            codings.append(coding)
            if meant := self._terminology.of_code(coding.system, coding.code):
                sets |= meant
                sure |= meant - self._terminology.unconfirmed(coding, text)
        if not codings:
            return Concept((), text, self._terminology.of_text(text) if text else _NO_SETS, bool(text))
        if len(sure) == len(sets):
            return Concept(tuple(codings), text, sets)
        self.any_unconfirmed = True
        return Concept(tuple(codings), text, sets, unconfirmed=sets - sure)

    def drug(self, element: Any) -> Concept:
        """A drug, by its name where its codes are of no value set: nobody lists every product."""
        concept = self.of(element)
        if concept.sets:
            return concept
        sets = self._terminology.of_drug(filter(None, (concept.text, *(c.display for c in concept.codings))))
        return replace(concept, sets=sets, by_text=True) if sets else concept

    def substance(self, medication: Any) -> Concept:
        """What a Medication is, by its code or else by the first of its ingredients that is of a value set."""
        code = self.drug(getattr(medication, "code", None))
        if code.sets:
            return code
        parts = [part for part in getattr(medication, "ingredient", None) or () if part is not None]
        items = [getattr(part, "itemCodeableConcept", None) or getattr(part, "item", None) for part in parts]
        held = [code, *map(self.drug, items)]
        return next((c for c in held if c.sets), next((c for c in held if c.codings or c.text), code))

    def problem(self, element: Any) -> Concept:
        """A problem; where its code leaves open which hormone a tumour makes, the words beside it tell."""
        concept = self.of(element)
        if not concept.sets or not concept.codings or concept.is_a(*HORMONE_PRODUCING):
            return concept
        words = (concept.text, *(coding.display for coding in concept.codings))
        named = frozenset().union(*map(self._terminology.of_text, words)).intersection(HORMONE_PRODUCING)
        return replace(concept, sets=concept.sets | named, by_text=True) if named else concept

    def each(self, elements: Any) -> tuple[Concept, ...]:
        """Several of them; one that is null is none."""
        return tuple([self.of(element) for element in elements if element is not None]) if elements else ()

    def in_words(self, text: str) -> Concept:
        """What a text means where it stands alone."""
        return Concept(text=text, sets=self._terminology.of_text(text), by_text=True)

    def in_system(self, element: Any, system: str) -> Concept:
        """A concept, or a Coding, which is of the given system where it names none."""
        if getattr(element, "coding", None) is not None or not getattr(element, "code", None):
            return self.of(element)
        coding = self._coding(element)
        if not coding.system and system:
            coding = Coding(system, coding.code, coding.display)
        return Concept((coding,), "", self._terminology.of_code(coding.system, coding.code))

    def _coding(self, element: Any) -> Coding:
        system = self._terminology.canonical(str(element.system or ""))
        return Coding(system, str(element.code).strip(), element.display or "")
