"""The resource types that matter."""

from __future__ import annotations

import re

# Types that readers read; a resource of another type is passed over.
READ_TYPES = frozenset(
    {
        "Patient",
        "Condition",
        "Observation",
        "ImagingStudy",
        "DiagnosticReport",
        "Procedure",
        "ServiceRequest",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "Medication",
        "FamilyMemberHistory",
        "Immunization",
        "Encounter",
        "CarePlan",
    }
)
# Types that R4 has no more.
OLD_TYPES = frozenset({"MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "ReferralRequest", "DeviceUseRequest"})
_NAME = re.compile(r"[A-Z][A-Za-z]{2,40}")


def type_name(written: str) -> str:
    """The name of a resource type, or nothing where it cannot be one."""
    return written if written in READ_TYPES or _NAME.fullmatch(written) else ""
