"""Subjects: whether a resource is of the patient, of another, or of nobody who could be told."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from mappings.references import unversioned
from mappings.screening.glance import UNDECODABLE, Glance, reference_in
from mappings.screening.page import FOREIGN, KEPT, UNREADABLE, Fate


class Subject(msgspec.Struct, frozen=True, gc=False):
    """Whose a resource is, and whether it says so; `fate` is kept where it is the patient's."""

    fate: Fate
    is_named: bool


# Of a resource that states nobody.
OF_NOBODY = Subject(KEPT, False)


class Subjects:
    """Reads the subjects of resources, each spelling once, since most are alike.

    `urls` are the addresses under which the Bundle itself holds the patient.
    """

    def __init__(self, patient_id: str, urls: Collection[str]) -> None:
        self._patient_id = patient_id
        self._urls = urls
        self._known: dict[bytes, Subject] = {}

    def of(self, resource: Glance) -> Subject:
        """The subject of a resource; one that is no Reference names somebody, and nobody can tell whom."""
        written = bytes(resource.subject or resource.patient)
        if not written:
            return OF_NOBODY
        subject = self._known.get(written)
        if subject is None:
            subject = self._known[written] = self._read(written)
        return subject

    def _read(self, written: bytes) -> Subject:
        try:
            stated = reference_in(written)
        except UNDECODABLE:
            return Subject(UNREADABLE, True)
        reference = stated.reference if stated is not None else None
        if is_own(reference, self._patient_id, self._urls):
            return Subject(KEPT, bool(reference))
        names_something = reference is not None and ("/" in reference or ":" in reference)
        return Subject(FOREIGN if names_something else UNREADABLE, bool(reference))


def is_own(reference: str | None, patient_id: str, urls: Collection[str]) -> bool:
    """Whether a reference names this patient; a resource without a subject belongs to whose search returned it."""
    if reference is None or reference.startswith("#"):
        return True
    target = unversioned(reference)
    return (
        target in urls
        or target in (patient_id, f"urn:uuid:{patient_id}")
        or f"/{target}".endswith(f"/Patient/{patient_id}")
    )
