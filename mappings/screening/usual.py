"""What is usual in a list: what FHIR lets a resource leave out was lost where others of its type and Bundle have it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mappings.screening.glance import Condition, Glance
from mappings.screening.seen import Seen
from mappings.screening.subjects import Subject, Subjects
from mappings.screening.types import READ_TYPES
from mappings.statuses import REFUTED, as_written

_SUBJECT = "subject"
_STATUSES = ("clinicalStatus", "verificationStatus")
_NOTHING: frozenset[str] = frozenset()
# https://hl7.org/fhir/R4/codesystem-condition-category.html
_OF_A_VISIT = b'"encounter-diagnosis"'
_NO_DISEASE = as_written(REFUTED)
# Types that have a subject.
_OF_SOMEBODY = READ_TYPES - {"Patient", "Medication"}


class Usual(msgspec.Struct, frozen=True, gc=False):
    """The elements, by resource type, that at least one resource of a Bundle has."""

    elements: Mapping[str, frozenset[str]]

    def is_missing_in(self, resource: Glance, subject: Subject) -> bool:
        """Whether a resource has no subject or no status of a problem, though others of its type have one."""
        if subject.is_named and resource.__class__ is not Condition:
            return False
        usual = self.elements.get(resource.__class__.__name__, _NOTHING)
        if _SUBJECT in usual and not subject.is_named:
            return True
        return resource.__class__ is Condition and any(
            name in usual and not getattr(resource, name) and not _may_leave_out(resource, name) for name in _STATUSES
        )


def usual_in(seen: Seen, subjects: Subjects) -> Usual:
    """What is usual among resources. Of most types the first one that has a subject settles it."""
    elements: dict[str, frozenset[str]] = {}
    untold = set(seen.types & _OF_SOMEBODY)
    for entry in seen.entries:
        if not untold:
            break
        resource = entry.resource
        kind = resource.__class__.__name__
        if isinstance(resource, Glance) and kind in untold:
            found = elements[kind] = elements.get(kind, _NOTHING).union(_held(resource, subjects))
            if len(found) == (1 + len(_STATUSES) if kind == "Condition" else 1):
                untold.remove(kind)
    return Usual(elements)


def _held(resource: Glance, subjects: Subjects) -> list[str]:
    statuses = [name for name in _STATUSES if getattr(resource, name)] if resource.__class__ is Condition else []
    return [*statuses, _SUBJECT] if subjects.of(resource).is_named else statuses


def _may_leave_out(problem: Condition, element: str) -> bool:
    """A diagnosis of a visit has no clinical status, nor has one that was refuted or entered in error."""
    if element != "clinicalStatus":
        return False
    verification = bytes(problem.verificationStatus)
    return any(word in verification for word in _NO_DISEASE) or _OF_A_VISIT in bytes(problem.category)
