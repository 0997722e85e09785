"""What is usual in a list: what FHIR lets a resource leave out was lost where others of its type and Bundle have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mappings.screening.glance import REFERENCE, UNDECODABLE, Glance
from mappings.statuses import REFUTED, as_written

_ELEMENTS = ("subject", "clinicalStatus", "verificationStatus")
# https://hl7.org/fhir/R4/codesystem-condition-category.html
_OF_A_VISIT = b'"encounter-diagnosis"'
_NO_DISEASE = as_written(REFUTED)
# Types that have no subject.
_OF_NOBODY = frozenset({"Patient", "Medication"})


@dataclass(frozen=True, slots=True)
class Usual:
    """The elements, by resource type, that at least one resource of a Bundle has."""

    elements: Mapping[str, frozenset[str]]

    def is_missing_in(self, resource: Glance, kind: str) -> bool:
        """Whether a resource has no subject or no status of a problem, though others of its type have one."""
        usual = self.elements.get(kind, frozenset())
        return any(not _has(resource, name) and not _may_leave_out(resource, name) for name in usual)


def usual_in(resources: Iterable[tuple[str, Glance]], types: AbstractSet[str]) -> Usual:
    """What is usual among resources of some types. Of most types the first resource that has a subject settles it."""
    elements: dict[str, set[str]] = {}
    told = set(_OF_NOBODY)
    for kind, resource in resources:
        if kind in told:
            continue
        found = elements.setdefault(kind, set())
        found.update(name for name in _ELEMENTS if _has(resource, name))
        if len(found) == len(_ELEMENTS) or (kind != "Condition" and found):
            told.add(kind)
            if types <= told:
                break
    return Usual({kind: frozenset(names) for kind, names in elements.items()})


def _has(resource: Glance, element: str) -> bool:
    if element != "subject":
        return bool(getattr(resource, element))
    try:
        reference = REFERENCE.decode(resource.subject or resource.patient or b"null")
    except UNDECODABLE:
        return True  # something is there, though it cannot be decoded
    return reference is not None and bool(reference.reference)


def _may_leave_out(resource: Glance, element: str) -> bool:
    """A diagnosis of a visit has no clinical status, nor has one that was refuted or entered in error."""
    if element != "clinicalStatus":
        return False
    verification = bytes(resource.verificationStatus)
    return any(word in verification for word in _NO_DISEASE) or _OF_A_VISIT in bytes(resource.category)
