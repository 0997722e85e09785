"""From FHIR models to entries: the one place where the elements of FHIR versions differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from mappings.amounts import Amount
from mappings.codes import Coding
from mappings.dates import PartialDate, read_date
from mappings.entries import (
    HORMONE_PRODUCING,
    Component,
    Concept,
    Condition,
    Entry,
    FamilyMember,
    Medication,
    Observation,
    Order,
    Person,
    Reading,
    Study,
    Vaccination,
)
from mappings.fhir.models import ABATEMENTS
from mappings.fhir.statuses import status_in, status_of
from mappings.quantities import from_quantity, from_range, from_text
from mappings.references import target_of
from mappings.screening.relevance import MORPHOLOGY
from mappings.units import ucum
from mappings.value_sets import Terminology

# Adherence of R5, by the beginnings of its codes, as statuses of R4; what no code says is unknown.
_ADHERENCE = {"taking": "active", "on-hold": "on-hold", "stopped": "stopped", "not-taking": "not-taken"}
# Intents of a request that nobody means to carry out as it stands; a plan is how some write what a patient takes.
_NO_ORDER = frozenset({"proposal", "option"})
# Statuses of an activity of a plan that will not come, or never was meant.
_OFF = frozenset({"cancelled", "stopped", "entered-in-error"})
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
# What a series of a modality is that shows a region; a CT beside nuclear images is none of these.
_SHOWN = {
    ("modality_ct", "region_abdomen"): "ct_abdomen",
    ("modality_ct", "region_chest"): "ct_chest",
    ("modality_mr", "region_abdomen"): "mri_abdomen",
    ("modality_mr", "region_chest"): "mri_chest",
}
_NUCLEAR = ("modality_pet", "modality_nm")
_NO_CONCEPT = Concept()


class Adapter:
    """Turns models into entries, with the terminology at hand and the Medications that others refer to."""

    def __init__(self, terminology: Terminology, elsewhere: Mapping[str, Concept]) -> None:
        self._terminology = terminology
        self._elsewhere = elsewhere

    def entry(self, kind: str, model: Any, reference: str) -> Entry:
        """The entry of a model, or of what has its attributes; `kind` is a resource type that readers read."""
        return _READ_AS[kind](self, model, reference)

    def concept(self, element: Any) -> Concept:
        """A CodeableConcept, or the concept of an R5 CodeableReference, with its value sets."""
        if element is None:
            return _NO_CONCEPT
        element = getattr(element, "concept", None) or element
        text = getattr(element, "text", None) or ""
        codings = tuple([self._coding(c) for c in getattr(element, "coding", None) or () if c is not None and c.code])
        if not codings:
            return Concept((), text, self._terminology.of_text(text) if text else frozenset(), bool(text))
        meant = [self._terminology.of_code(coding.system, coding.code) for coding in codings]
        if not any(meant):
            return Concept(codings, text)
        doubted = [self._terminology.unconfirmed(coding, text) for coding in codings]
        sure = [sets - doubt for sets, doubt in zip(meant, doubted, strict=True)] if any(doubted) else meant
        sets = meant[0].union(*meant[1:])
        return Concept(codings, text, sets, unconfirmed=sets.difference(*sure))

    def drug(self, element: Any) -> Concept:
        """A drug, by its name where its codes are of no value set: nobody lists every product."""
        concept = self.concept(element)
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

    def _problem(self, element: Any) -> Concept:
        """A problem; where its code leaves open which hormone a tumour makes, the words beside it tell."""
        concept = self.concept(element)
        if not concept.sets or not concept.codings or concept.is_a(*HORMONE_PRODUCING):
            return concept
        words = (concept.text, *(coding.display for coding in concept.codings))
        named = frozenset().union(*map(self._terminology.of_text, words)).intersection(HORMONE_PRODUCING)
        return replace(concept, sets=concept.sets | named, by_text=True) if named else concept

    def _coding(self, element: Any) -> Coding:
        system = self._terminology.canonical(str(element.system or ""))
        return Coding(system, str(element.code).strip(), element.display or "")

    def _concepts(self, elements: Any) -> tuple[Concept, ...]:
        return tuple(self.concept(element) for element in elements or () if element is not None)

    def _person(self, model: Any, reference: str) -> Person:
        return Person(reference, read_date(model.birthDate))

    def _condition(self, model: Any, reference: str) -> Condition:
        morphologies = [
            e.valueCodeableConcept for e in model.extension or () if e.url == MORPHOLOGY and e.valueCodeableConcept
        ]
        return Condition(
            reference,
            self._problem(model.code),
            _clinical_status(model),
            status_in(model.verificationStatus),
            self._concepts(model.bodySite),
            self._concepts(morphologies),
            _first_date(model, "recordedDate", "onsetDateTime", "onsetPeriod"),
        )

    def _observation(self, model: Any, reference: str) -> Observation:
        components = tuple(
            Component(
                self.concept(part.code),
                self._reading(part, "component.value"),
                self._concepts(part.interpretation),
                _upper_limit(part.referenceRange),
                bool(part.dataAbsentReason),
            )
            for part in model.component or ()
            if part is not None
        )
        return Observation(
            reference,
            status_of(model),
            self.concept(model.code),
            self._reading(model, "value"),
            _first_date(model, "effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"),
            components,
            self._concepts(model.interpretation),
            _upper_limit(model.referenceRange),
            self.concept(model.method),
            self.concept(model.bodySite),
            _lesion(model),
            self._is_fasting(model),
            bool(getattr(model, "hasMember", None)),
            bool(model.dataAbsentReason),
        )

    def _reading(self, model: Any, element: str) -> Reading:
        if (quantity := model.valueQuantity) is not None:
            unit = _unit(quantity)
            amount = from_quantity(_decimal(quantity.value), quantity.comparator, unit)
            written = f"{quantity.value} {quantity.unit or quantity.code or ''}".strip()
            return Reading(amount=amount, unread_amount="" if amount else written, element=f"{element}Quantity")
        if (bounds := model.valueRange) is not None:
            low, high = bounds.low, bounds.high
            amount = from_range(_decimal(low and low.value), _decimal(high and high.value), _unit(low or high))
            return Reading(amount=amount, unread_amount="" if amount else "a range", element=f"{element}Range")
        if (concept := model.valueCodeableConcept) is not None:
            read = self.concept(concept)
            amount = from_text(read.text) if read.text and not read.codings else None
            return Reading(amount=amount, concept=read, text=read.text, element=f"{element}CodeableConcept")
        if model.valueString is not None:
            text = model.valueString
            spoken = Concept((), text, self._terminology.of_text(text), by_text=True)
            return Reading(amount=from_text(text), concept=spoken, text=text, element=f"{element}String")
        if model.valueBoolean is not None:
            return Reading(boolean=model.valueBoolean, element=f"{element}Boolean")
        if (ratio := getattr(model, "valueRatio", None)) is not None:
            amount = _ratio(ratio)
            return Reading(amount=amount, unread_amount="" if amount else "a ratio", element=f"{element}Ratio")
        if model.valueInteger is not None:
            return Reading(unread_amount=f"{model.valueInteger}", element=f"{element}Integer")
        return Reading(element=element)

    def _is_fasting(self, model: Any) -> bool:
        for contained in model.contained or ():
            collection = getattr(contained, "collection", None)
            status = getattr(collection, "fastingStatusCodeableConcept", None)
            if status is not None and self.concept(status).is_a("fasting"):
                return True
        return False

    def _imaging_study(self, model: Any, reference: str) -> Study:
        coded = [*(getattr(model, "procedureCode", None) or ()), *(getattr(model, "procedure", None) or ())]
        series = [one for one in model.series or () if one is not None]
        modalities = [*(model.modality or ()), *(one.modality for one in series)]
        known = tuple(self._in_system(modality, _DICOM) for modality in modalities if modality is not None)
        if any(modality.is_a(*_NUCLEAR) for modality in known):
            series = []
        described = [model.description, *(one.description for one in series)]
        codes = self._concepts(coded) if coded else tuple(self._in_words(text) for text in described if text)
        return Study(
            reference, "ImagingStudy", status_of(model), (*codes, *self._shown(series)), known, read_date(model.started)
        )

    def _in_words(self, text: str) -> Concept:
        return Concept(text=text, sets=self._terminology.of_text(text), by_text=True)

    def _shown(self, series: Iterable[Any]) -> Iterator[Concept]:
        """What the series of a study are by modality and body site together."""
        for one in series:
            modality, site = self._in_system(one.modality, _DICOM), self._in_system(one.bodySite, "")
            sets = frozenset(name for (of, region), name in _SHOWN.items() if modality.is_a(of) and site.is_a(region))
            if sets:
                yield Concept(site.codings, site.text, sets, site.by_text)

    def _in_system(self, element: Any, system: str) -> Concept:
        """A concept, or a Coding, which is of the given system where it names none."""
        if getattr(element, "coding", None) is not None or not getattr(element, "code", None):
            return self.concept(element)
        coding = self._coding(element)
        if not coding.system and system:
            coding = Coding(system, coding.code, coding.display)
        return Concept((coding,), "", self._terminology.of_code(coding.system, coding.code))

    def _report(self, model: Any, reference: str) -> Study:
        date = _first_date(model, "effectiveDateTime", "effectivePeriod", "issued")
        return Study(reference, "DiagnosticReport", status_of(model), (self.concept(model.code),), (), date)

    def _procedure(self, model: Any, reference: str) -> Study:
        date = _first_date(model, "performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod")
        reasons = [*(getattr(model, "reasonReference", None) or ()), *(getattr(model, "reason", None) or ())]
        named = tuple(target for reason in reasons if (target := _target(reason)))
        written = self._concepts(getattr(model, "reasonCode", None) or getattr(model, "reason", None))
        coded = tuple(replace(reason, sets=reason.sets - reason.unconfirmed) for reason in written)
        return Study(reference, "Procedure", status_of(model), (self.concept(model.code),), (), date, named, coded)

    def _encounter(self, model: Any, reference: str) -> Study:
        status = "completed" if status_of(model) == "finished" else status_of(model)
        date = _first_date(model, "period", "actualPeriod")
        return Study(reference, "Encounter", status, self._concepts(model.type), (), date)

    def _care_plan(self, model: Any, reference: str) -> Order:
        details = (getattr(activity, "detail", None) for activity in model.activity or () if activity is not None)
        codes = self._concepts(detail.code for detail in details if detail is not None and _will_be_done(detail))
        merged = Concept(
            tuple(c for code in codes for c in code.codings), "", frozenset().union(*(c.sets for c in codes))
        )
        return Order(reference, _status_of_request(model), merged, _first_date(model, "created", "period"))

    def _order(self, model: Any, reference: str) -> Order:
        date = _first_date(model, "authoredOn", "occurrenceDateTime")
        return Order(reference, _status_of_request(model), self.concept(model.code), date)

    def _medication_request(self, model: Any, reference: str) -> Medication:
        start, end = _dosage_bounds(model.dosageInstruction or ())
        written = read_date(model.authoredOn)
        code = self._drug(model)
        return Medication(reference, "MedicationRequest", _status_of_request(model), code, start or written, end)

    def _medication_use(self, model: Any, reference: str) -> Medication:
        period = getattr(model, "effectivePeriod", None) or getattr(model, "occurencePeriod", None)
        once = read_date(getattr(model, "effectiveDateTime", None) or getattr(model, "occurenceDateTime", None))
        start, end = (read_date(period.start), read_date(period.end)) if period is not None else (once, None)
        kind = model.__class__.__name__
        return Medication(reference, kind, _status_of_use(model), self._drug(model), start, end)

    def _drug(self, model: Any) -> Concept:
        stated = getattr(model, "medicationCodeableConcept", None) or getattr(model, "medication", None)
        if stated is not None and getattr(stated, "reference", None) is None:
            return self.drug(stated)
        return self.referred(getattr(model, "medicationReference", None) or getattr(stated, "reference", None), model)

    def referred(self, pointer: Any, model: Any) -> Concept:
        """The code of what a resource refers to, within itself or elsewhere."""
        target = (pointer.reference or "") if pointer is not None else ""
        if target.startswith("#"):
            held = (part for part in model.contained or () if part.id == target[1:])
            return next(map(self.substance, held), Concept())
        return self._elsewhere.get(target_of(target), Concept())

    def _family_member(self, model: Any, reference: str) -> FamilyMember:
        conditions = self._concepts(part.code for part in model.condition or () if part is not None)
        return FamilyMember(reference, status_of(model), conditions, read_date(model.date))

    def _vaccination(self, model: Any, reference: str) -> Vaccination:
        return Vaccination(
            reference, status_of(model), self.concept(model.vaccineCode), read_date(model.occurrenceDateTime)
        )


_READ_AS: Mapping[str, Callable[[Adapter, Any, str], Entry]] = {
    "Patient": Adapter._person,
    "Condition": Adapter._condition,
    "Observation": Adapter._observation,
    "ImagingStudy": Adapter._imaging_study,
    "DiagnosticReport": Adapter._report,
    "Procedure": Adapter._procedure,
    "Encounter": Adapter._encounter,
    "CarePlan": Adapter._care_plan,
    "ServiceRequest": Adapter._order,
    "MedicationRequest": Adapter._medication_request,
    "MedicationStatement": Adapter._medication_use,
    "MedicationAdministration": Adapter._medication_use,
    "FamilyMemberHistory": Adapter._family_member,
    "Immunization": Adapter._vaccination,
}


def _clinical_status(problem: Any) -> str:
    """As it is stated; where it is not, a problem that has abated is resolved."""
    stated = status_in(problem.clinicalStatus)
    has_abated = any(getattr(problem, name) is not None for name in ABATEMENTS)
    return stated or ("resolved" if has_abated else "")


def _status_of_request(model: Any) -> str:
    """Its status; not done where it forbids something, or where somebody only proposes it or names it as an option."""
    forbids = getattr(model, "doNotPerform", None) is True
    return "not-done" if forbids or (model.intent or "").lower() in _NO_ORDER else status_of(model)


def _will_be_done(detail: Any) -> bool:
    """Whether an activity of a plan is still part of it."""
    return detail.doNotPerform is not True and (detail.status or "").lower() not in _OFF


def _status_of_use(model: Any) -> str:
    """The status of R4; in R5 a statement is recorded, and whether the drug is taken is said by its adherence."""
    status = status_of(model)
    adherence = getattr(model, "adherence", None)
    if adherence is None or status != "recorded":
        return status
    stated = status_in(adherence.code)
    return next((known for code, known in _ADHERENCE.items() if stated.startswith(code)), "unknown")


def _first_date(model: Any, *names: str) -> PartialDate | None:
    for name in names:
        value: Any = getattr(model, name, None)
        if hasattr(value, "start"):
            value = value.end or value.start
        if (found := read_date(value)) is not None:
            return found
    return None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _unit(quantity: Any) -> str | None:
    return (ucum(quantity.code) if quantity.code else None) or (ucum(quantity.unit) if quantity.unit else None)


def _ratio(ratio: Any) -> Amount | None:
    """A ratio of two exact quantities of one unit as a number; of different units nobody can tell what is meant."""
    over, under = ratio.numerator, ratio.denominator
    if over is None or under is None or over.comparator or under.comparator or not under.value:
        return None
    numerator, denominator = _decimal(over.value), _decimal(under.value)
    if numerator is None or denominator is None or (_unit(over) or "1") != (_unit(under) or "1"):
        return None
    return from_quantity(numerator / denominator, None, "1")


def _upper_limit(ranges: Iterable[Any] | None) -> Amount | None:
    """The upper limit where the ranges agree on one; several ranges (by age, by sex) give none."""
    limits = [r.high for r in ranges or () if r is not None and r.high is not None]
    if len(limits) != 1:
        return None
    return from_quantity(_decimal(limits[0].value), None, _unit(limits[0]))


def _lesion(model: Any) -> str:
    """The identity of the lesion that was looked at: its body structure, focus or specimen."""
    candidates = [getattr(model, "bodyStructure", None), *(model.focus or ()), model.specimen]
    for candidate in candidates:
        if candidate is None:
            continue
        if (identifier := candidate.identifier) is not None and identifier.value:
            return f"{identifier.system or ''}|{identifier.value.strip()}"
        if candidate.reference and not candidate.reference.startswith("#"):
            return str(candidate.reference)
    return ""


def _target(reason: Any) -> str:
    reference = getattr(reason, "reference", None)
    return str(getattr(reference, "reference", None) or (reference if isinstance(reference, str) else "") or "")


def _dosage_bounds(dosages: Iterable[Any]) -> tuple[PartialDate | None, PartialDate | None]:
    for dosage in dosages:
        timing = getattr(dosage, "timing", None)
        bounds = getattr(getattr(timing, "repeat", None), "boundsPeriod", None)
        if bounds is not None:
            return read_date(bounds.start), read_date(bounds.end)
    return None, None
