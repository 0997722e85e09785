"""Routine care as FHIR R4: the vital signs, blood counts and problems that fill a chart around the few that matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

Resource = dict[str, Any]

SERVER = "https://ehr.hoofbeats.example/fhir"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
# Code, display, unit, low, high, share of the results. Glucose, electrolytes and calcium are in value sets of ours, so
# about one result in nine is kept although it is routine.
_RESULTS = (
    ("8867-4", "Heart rate", "/min", 55, 100, 9),
    ("9279-1", "Respiratory rate", "/min", 12, 20, 7),
    ("8310-5", "Body temperature", "Cel", 36, 38, 7),
    ("2708-6", "Oxygen saturation in Arterial blood", "%", 92, 100, 7),
    ("29463-7", "Body weight", "kg", 55, 95, 4),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 11, 16, 5),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4, 11, 5),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 400, 5),
    ("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "10*6/uL", 4, 6, 5),
    ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 36, 50, 5),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 7, 56, 4),
    ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 7, 56, 4),
    ("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 40, 130, 4),
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0, 2, 4),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 3, 5, 3),
    ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", 0, 10, 4),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5, 8, 1),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0, 2, 4),
    ("33914-3", "Glomerular filtration rate [Volume Rate/Area] in Serum or Plasma", "mL/min/{1.73_m2}", 45, 110, 2),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3, 5, 4),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 135, 145, 4),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70, 140, 2),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8, 10, 1),
)
_WEIGHTS = [row[-1] for row in _RESULTS]
_VITAL_SIGNS = frozenset({"8867-4", "9279-1", "8310-5", "2708-6", "29463-7"})
_PROBLEMS = (
    ("38341003", "Hypertensive disorder"),
    ("55822004", "Hyperlipidemia"),
    ("195662009", "Acute viral pharyngitis"),
    ("444814009", "Viral sinusitis"),
    ("10509002", "Acute bronchitis"),
    ("59621000", "Essential hypertension"),
    ("162864005", "Body mass index 30+ - obesity"),
    ("396275006", "Osteoarthritis"),
)
_PROCEDURES = (
    ("430193006", "Medication reconciliation"),
    ("710824005", "Assessment of health and social care needs"),
    ("171207006", "Depression screening"),
    ("763302001", "Assessment using Alcohol Use Disorders Identification Test - Consumption"),
)
_DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("308136", "amlodipine 2.5 MG Oral Tablet"),
    ("313782", "acetaminophen 325 MG Oral Tablet"),
    ("617310", "atorvastatin 20 MG Oral Tablet"),
)
_STUDIES = (("CR", "36643-5", "XR Chest 2 Views"), ("DX", "36554-4", "XR Chest Single view"))


def observations(count: int, patient_id: str, last_day: date, dice: Random) -> Iterator[Resource]:
    """Results and vital signs, one about every eight hours, back from a day."""
    for number in range(count):
        code, display, unit, low, high, _ = dice.choices(_RESULTS, _WEIGHTS)[0]
        moment = f"{last_day - timedelta(days=number // 3)}T{6 + 8 * (number % 3):02}:{dice.randrange(60):02}:00+01:00"
        value = round(dice.uniform(low, high), 1)
        category = "vital-signs" if code in _VITAL_SIGNS else "laboratory"
        quantity = {"value": value, "unit": unit, "system": _UCUM, "code": unit}
        yield {
            "resourceType": "Observation",
            "id": f"{patient_id}-routine-{number}",
            "meta": {"versionId": "1", "lastUpdated": moment, "source": "urn:oid:2.999.31.4"},
            "identifier": [{"use": "official", "system": f"{SERVER}/result", "value": f"{patient_id}.{number:08}"}],
            "status": "final",
            "category": [_concept(f"{_TERMINOLOGY}/observation-category", category, category)],
            "code": {
                "coding": [
                    {"system": "http://loinc.org", "code": code, "display": display},
                    {"system": "urn:oid:2.999.31.4.7", "code": f"L{code[:4]}", "display": display.split(" [")[0]},
                ],
                "text": display.split(" [")[0],
            },
            **_about(patient_id),
            "encounter": {"reference": f"Encounter/{patient_id}-e{number // 12}"},
            "effectiveDateTime": moment,
            "issued": moment,
            "performer": [{"reference": "Organization/laboratory", "display": "Synthetic hospital laboratory"}],
            "valueQuantity": quantity,
            "interpretation": [_concept(f"{_TERMINOLOGY}/v3-ObservationInterpretation", "N", "Normal")],
            "referenceRange": [{"low": {**quantity, "value": low}, "high": {**quantity, "value": high}}],
        }


def conditions(count: int, patient_id: str, last_day: date, dice: Random) -> Iterator[Resource]:
    """Problems that have nothing to do with a tumour."""
    for number in range(count):
        code, display = dice.choice(_PROBLEMS)
        yield {
            "resourceType": "Condition",
            "id": f"{patient_id}-problem-{number}",
            "clinicalStatus": _concept(f"{_TERMINOLOGY}/condition-clinical", "active", "Active"),
            "verificationStatus": _concept(f"{_TERMINOLOGY}/condition-ver-status", "confirmed", "Confirmed"),
            "category": [_concept(f"{_TERMINOLOGY}/condition-category", "problem-list-item", "Problem List Item")],
            "code": {**_concept("http://snomed.info/sct", code, display), "text": display},
            **_about(patient_id),
            "onsetDateTime": str(last_day - timedelta(days=40 * number)),
            "recordedDate": str(last_day - timedelta(days=40 * number)),
        }


def procedures(count: int, patient_id: str, last_day: date, dice: Random) -> Iterator[Resource]:
    """Procedures of every day."""
    for number in range(count):
        code, display = dice.choice(_PROCEDURES)
        yield {
            "resourceType": "Procedure",
            "id": f"{patient_id}-care-{number}",
            "status": "completed",
            "code": {**_concept("http://snomed.info/sct", code, display), "text": display},
            **_about(patient_id),
            "performedDateTime": f"{last_day - timedelta(days=30 * number)}T10:00:00+01:00",
        }


def medication_requests(count: int, patient_id: str, last_day: date, dice: Random) -> Iterator[Resource]:
    """Prescriptions that interact with nothing of ours."""
    for number in range(count):
        code, display = dice.choice(_DRUGS)
        coded = _concept("http://www.nlm.nih.gov/research/umls/rxnorm", code, display)
        yield {
            "resourceType": "MedicationRequest",
            "id": f"{patient_id}-prescription-{number}",
            "status": "active" if number < 3 else "completed",
            "intent": "order",
            "medicationCodeableConcept": {**coded, "text": display},
            **_about(patient_id),
            "authoredOn": f"{last_day - timedelta(days=30 * number)}T10:00:00+01:00",
            "dosageInstruction": [{"text": "one tablet daily", "timing": {"repeat": {"frequency": 1, "period": 1}}}],
        }


def imaging_studies(count: int, patient_id: str, last_day: date, dice: Random) -> Iterator[Resource]:
    """Plain films."""
    for number in range(count):
        modality, code, display = dice.choice(_STUDIES)
        yield {
            "resourceType": "ImagingStudy",
            "id": f"{patient_id}-film-{number}",
            "status": "available",
            "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality}],
            **_about(patient_id),
            "started": f"{last_day - timedelta(days=90 * number)}T10:00:00+01:00",
            "procedureCode": [_concept("http://loinc.org", code, display)],
        }


def _about(patient_id: str) -> Resource:
    return {"subject": {"reference": f"Patient/{patient_id}"}}


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}
