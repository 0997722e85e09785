"""Orders as an EHR drafts them, and the requests of somebody who has selected some."""

from __future__ import annotations

import copy
from typing import Any

from hook_requests import LOINC

SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# Each is a procedure, test or drug that some guard looks at.
PROCEDURES = {
    "mucosal-resection": (SNOMED, "771569004"),
    "pancreatoduodenectomy": (SNOMED, "116241004"),
    "transduodenal-excision": (SNOMED, "709192002"),
    "distal-pancreatectomy": (SNOMED, "401004"),
    "gastrectomy": (SNOMED, "53442002"),
    "ileectomy": (SNOMED, "51346007"),
    "receptor-scintigraphy": (LOINC, "81547-2"),
    "ct-abdomen": (LOINC, "36813-4"),
    "chromogranin-a": (LOINC, "9811-1"),
}
DRUGS = {"octreotide": "7617", "lutetium": "1999687", "carboplatin": "40048", "capecitabine": "194000"}


def ordering(request: dict[str, Any], *orders: dict[str, Any]) -> dict[str, Any]:
    """The request of somebody who has selected some orders; the second is draft-2."""
    first, *others = orders
    drafts = [first, *({**order, "id": f"draft-{number}"} for number, order in enumerate(others, 2))]
    changed = copy.deepcopy(request)
    changed["hook"] = "order-select"
    changed["context"]["selections"] = [name_of(order) for order in drafts]
    changed["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": o} for o in drafts]}
    return changed


def name_of(resource: dict[str, Any]) -> str:
    """The name by which a request refers to a draft."""
    return f"{resource['resourceType']}/{resource['id']}"


def order_of(name: str) -> dict[str, Any]:
    """The draft of a procedure, test or drug by our name for it."""
    if name in PROCEDURES:
        system, code = PROCEDURES[name]
        return procedure(code, system)
    return drug(DRUGS[name])


def procedure(code: str, system: str = SNOMED, **changes: Any) -> dict[str, Any]:
    """The draft of a procedure or test."""
    return _draft("ServiceRequest", {"code": {"coding": [{"system": system, "code": code}]}, **changes})


def drug(code: str, **changes: Any) -> dict[str, Any]:
    """The draft of a drug by its code in RxNorm."""
    coding = {"system": RXNORM, "code": code}
    return _draft("MedicationRequest", {"medicationCodeableConcept": {"coding": [coding]}, **changes})


def _draft(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": kind, "id": "draft-1", "status": "draft", "intent": "order", **content}
