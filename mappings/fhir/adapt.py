"""From FHIR models to entries: the one place where the elements of FHIR versions differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from mappings.dates import read_date
from mappings.entries import (
    Component,
    Concept,
    Condition,
    Entry,
    FamilyMember,
    Medication,
    Observation,
    Order,
    Person,
    Study,
    Vaccination,
)
from mappings.fhir.concepts import Concepts
from mappings.fhir.models import ABATEMENTS
from mappings.fhir.statuses import status_in, status_of
from mappings.fhir.values import dosage_bounds, first_date, reading_of, upper_limit
from mappings.references import target_of
from mappings.screening.relevance import MORPHOLOGY
from mappings.statuses import CALLED_OFF
from mappings.value_sets import Terminology

# Adherence of R5, by the beginnings of its codes, as statuses of R4; what no code says is unknown.
_ADHERENCE = {"taking": "active", "on-hold": "on-hold", "stopped": "stopped", "not-taking": "not-taken"}
# Intents of a request that nobody means to carry out as it stands; a plan is how some write what a patient takes.
_NO_ORDER = frozenset({"proposal", "option"})
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
# What a series of a modality is that shows a region; a CT beside nuclear images is none of these.
_SHOWN = {
    ("modality_ct", "region_abdomen"): "ct_abdomen",
    ("modality_ct", "region_chest"): "ct_chest",
    ("modality_mr", "region_abdomen"): "mri_abdomen",
    ("modality_mr", "region_chest"): "mri_chest",
}
_NUCLEAR = ("modality_pet", "modality_nm")


class Adapter:
    """Turns models into entries, with the terminology at hand and the Medications that others refer to."""

    def __init__(self, terminology: Terminology, elsewhere: Mapping[str, Concept]) -> None:
        self.concepts = Concepts(terminology)
        self._elsewhere = elsewhere

    def entry(self, kind: str, model: Any, reference: str) -> Entry:
        """The entry of a model, or of what has its attributes; `kind` is a resource type that readers read."""
        return _READ_AS[kind](self, model, reference)

    def _person(self, model: Any, reference: str) -> Person:
        return Person(reference, read_date(model.birthDate))

    def _condition(self, model: Any, reference: str) -> Condition:
        morphologies = [
            e.valueCodeableConcept for e in model.extension or () if e.url == MORPHOLOGY and e.valueCodeableConcept
        ]
        return Condition(
            reference,
            self.concepts.problem(model.code),
            _clinical_status(model),
            status_in(model.verificationStatus),
            self.concepts.each(model.bodySite),
            self.concepts.each(morphologies),
            first_date(model, "recordedDate", "onsetDateTime", "onsetPeriod"),
        )

    def _observation(self, model: Any, reference: str) -> Observation:
        parts = model.component
        components = tuple([self._component(part) for part in parts if part is not None]) if parts else ()
        return Observation(
            reference,
            status_of(model),
            self.concepts.of(model.code),
            reading_of(model, "value", self.concepts),
            first_date(model, "effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"),
            components,
            self.concepts.each(model.interpretation),
            upper_limit(model.referenceRange),
            self.concepts.of(model.method),
            self.concepts.of(model.bodySite),
            _lesion(model),
            self._is_fasting(model),
            bool(getattr(model, "hasMember", None)),
            bool(model.dataAbsentReason),
        )

    def _component(self, part: Any) -> Component:
        return Component(
            self.concepts.of(part.code),
            reading_of(part, "component.value", self.concepts),
            self.concepts.each(part.interpretation),
            upper_limit(part.referenceRange),
            bool(part.dataAbsentReason),
        )

    def _is_fasting(self, model: Any) -> bool:
        for contained in model.contained or ():
            collection = getattr(contained, "collection", None)
            status = getattr(collection, "fastingStatusCodeableConcept", None)
            if status is not None and self.concepts.of(status).is_a("fasting"):
                return True
        return False

    def _imaging_study(self, model: Any, reference: str) -> Study:
        coded = [*(getattr(model, "procedureCode", None) or ()), *(getattr(model, "procedure", None) or ())]
        series = [one for one in model.series or () if one is not None]
        modalities = [*(model.modality or ()), *(one.modality for one in series)]
        known = tuple(self.concepts.in_system(modality, _DICOM) for modality in modalities if modality is not None)
        if any(modality.is_a(*_NUCLEAR) for modality in known):
            series = []
        described = [model.description, *(one.description for one in series)]
        codes = (
            self.concepts.each(coded) if coded else tuple(self.concepts.in_words(text) for text in described if text)
        )
        return Study(
            reference, "ImagingStudy", status_of(model), (*codes, *self._shown(series)), known, read_date(model.started)
        )

    def _shown(self, series: Iterable[Any]) -> Iterator[Concept]:
        """What the series of a study are by modality and body site together."""
        for one in series:
            modality, site = self.concepts.in_system(one.modality, _DICOM), self.concepts.in_system(one.bodySite, "")
            sets = frozenset(name for (of, region), name in _SHOWN.items() if modality.is_a(of) and site.is_a(region))
            if sets:
                yield Concept(site.codings, site.text, sets, site.by_text)

    def _report(self, model: Any, reference: str) -> Study:
        date = first_date(model, "effectiveDateTime", "effectivePeriod", "issued")
        return Study(reference, "DiagnosticReport", status_of(model), (self.concepts.of(model.code),), (), date)

    def _procedure(self, model: Any, reference: str) -> Study:
        date = first_date(model, "performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod")
        reasons = [*(getattr(model, "reasonReference", None) or ()), *(getattr(model, "reason", None) or ())]
        named = tuple(target for reason in reasons if (target := _target(reason)))
        written = self.concepts.each(getattr(model, "reasonCode", None) or getattr(model, "reason", None))
        coded = tuple(replace(reason, sets=reason.sets - reason.unconfirmed) for reason in written)
        return Study(reference, "Procedure", status_of(model), (self.concepts.of(model.code),), (), date, named, coded)

    def _encounter(self, model: Any, reference: str) -> Study:
        status = "completed" if status_of(model) == "finished" else status_of(model)
        date = first_date(model, "period", "actualPeriod")
        return Study(reference, "Encounter", status, self.concepts.each(model.type), (), date)

    def _care_plan(self, model: Any, reference: str) -> Order:
        details = (getattr(activity, "detail", None) for activity in model.activity or () if activity is not None)
        codes = self.concepts.each(detail.code for detail in details if detail is not None and _will_be_done(detail))
        merged = Concept(
            tuple(c for code in codes for c in code.codings), "", frozenset().union(*(c.sets for c in codes))
        )
        return Order(reference, _status_of_request(model), merged, first_date(model, "created", "period"))

    def _order(self, model: Any, reference: str) -> Order:
        date = first_date(model, "authoredOn", "occurrenceDateTime")
        return Order(reference, _status_of_request(model), self.concepts.of(model.code), date)

    def _medication_request(self, model: Any, reference: str) -> Medication:
        start, end = dosage_bounds(model.dosageInstruction or ())
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
            return self.concepts.drug(stated)
        return self.referred(getattr(model, "medicationReference", None) or getattr(stated, "reference", None), model)

    def referred(self, pointer: Any, model: Any) -> Concept:
        """The code of what a resource refers to, within itself or elsewhere."""
        target = (pointer.reference or "") if pointer is not None else ""
        if target.startswith("#"):
            held = (part for part in model.contained or () if part.id == target[1:])
            return next(map(self.concepts.substance, held), Concept())
        return self._elsewhere.get(target_of(target), Concept())

    def _family_member(self, model: Any, reference: str) -> FamilyMember:
        conditions = self.concepts.each(part.code for part in model.condition or () if part is not None)
        return FamilyMember(reference, status_of(model), conditions, read_date(model.date))

    def _vaccination(self, model: Any, reference: str) -> Vaccination:
        return Vaccination(
            reference, status_of(model), self.concepts.of(model.vaccineCode), read_date(model.occurrenceDateTime)
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
    return detail.doNotPerform is not True and (detail.status or "").lower() not in CALLED_OFF


def _status_of_use(model: Any) -> str:
    """The status of R4; in R5 a statement is recorded, and whether the drug is taken is said by its adherence."""
    status = status_of(model)
    adherence = getattr(model, "adherence", None)
    if adherence is None or status != "recorded":
        return status
    stated = status_in(adherence.code)
    return next((known for code, known in _ADHERENCE.items() if stated.startswith(code)), "unknown")


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
