"""What the service makes of a folder of FHIR data: how much it reads, passes over, or cannot read, and why."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mappings.fhir.models import FhirVersion, UnreadableResource, validate
from mappings.references import last_part
from mappings.screening.page import Fate
from mappings.screening.types import READ_TYPES
from service.advise import Advisor, read
from service.errors import ServiceError
from service.fetching.gather import UnsupportedVersion
from service.fetching.prefetch import Prefetched
from service.hook_request import HookRequest
from service.receiving.shape import check_shape
from service.services import SERVICES
from service.watch import types_of

_SERVICE = SERVICES["net-patient-view"]
_ENVELOPE = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw()


class _Document(msgspec.Struct):
    """The elements that tell whose a document is."""

    resourceType: str = ""  # noqa: N815 -- FHIR's own spelling
    id: str = ""
    subject: _Reference | None = None
    patient: _Reference | None = None
    entry: list[_Entry] = []


_KINDS = (".json", ".ndjson", ".jsonl")
_DOCUMENT = msgspec.json.Decoder(_Document)


@dataclass(slots=True)
class Tally:
    """Counts over a corpus: by type and fate, and by type and reason what could not be read."""

    documents: int = 0
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


def files_of(folder: Path) -> list[Path]:
    """Every JSON and NDJSON file of a folder, also packed, in the order of names."""
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name.removesuffix(".gz").endswith(_KINDS)]


def read_corpus(files: Iterable[Path], advisor: Advisor) -> Tally:
    """Reads files as prefetch; nothing in them can stop the reading."""
    tally = Tally()
    for path in files:
        for raw in _documents(path, tally):
            tally.documents += 1
            _read(raw, advisor, tally)
    return tally


def _documents(path: Path, tally: Tally) -> Iterator[bytes]:
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (OSError, EOFError, zlib.error) as error:
        tally.refused[f"the file cannot be opened ({type(error).__name__})"] += 1
        return
    if path.name.removesuffix(".gz").endswith(".json"):
        yield from _prefetched(content)
    else:
        yield from (line for line in content.splitlines() if line.strip())


def _prefetched(content: bytes) -> Iterator[bytes]:
    """The values of a hook request's prefetch; anything else stands for itself."""
    try:
        envelope = _ENVELOPE.decode(content)
        values = _ENVELOPE.decode(envelope["prefetch"]) if "hook" in envelope and "prefetch" in envelope else {}
    except (msgspec.DecodeError, RecursionError):
        values = {}
    yield from map(bytes, values.values()) if values else [content]


def _read(raw: bytes, advisor: Advisor, tally: Tally) -> None:
    try:
        check_shape(raw)
        patient = _patient_of(raw)
        _count(raw, patient, advisor, tally)
        request = HookRequest(_SERVICE.hook, "corpus", patient, {"patientId": patient}, {"document": raw}, None)
        record, findings = read(request, _SERVICE, advisor)
        for name in findings:
            findings[name]
    except UnsupportedVersion:
        tally.refused["FHIR STU3 or DSTU2"] += 1
    except ServiceError as error:
        tally.refused[str(error).partition(" (")[0].partition(":")[0]] += 1
    except Exception as error:  # noqa: BLE001 -- the corpus is read to find out whether anything can break us
        tally.faults[type(error).__name__] += 1
    else:
        for unusable in record.unusable:
            kind = next(iter(types_of([unusable.resource])))
            tally.unreadable[kind, unusable.reason] += 1


def _count(raw: bytes, patient: str, advisor: Advisor, tally: Tally) -> None:
    looked_at = set()
    for page, _ in Prefetched({"document": raw}, patient, advisor.knowledge.terminology).pages(["document"]):
        for resource in page.resources:
            tally.fates[resource.type or "no type", resource.fate.value] += 1
            looked_at.add((resource.type, resource.id))
    for document, body in _resources(raw):
        kind = document.resourceType
        if kind in READ_TYPES and (kind, document.id) not in looked_at:
            tally.fates[kind, Fate.PASSED_OVER.value] += 1
            if reason := _unreadable(body):
                tally.unreadable[kind, f"{reason} is as neither R4 nor R5 has it, if it had been needed"] += 1


def _unreadable(body: bytes) -> str:
    """The element for which no FHIR version would read a resource, or nothing where one would."""
    reasons = []
    for version in FhirVersion:
        try:
            validate(body, version)
        except UnreadableResource as error:
            reasons.append(str(error))
    return reasons[0] if len(reasons) == len(FhirVersion) else ""


def _patient_of(raw: bytes) -> str:
    """The patient that a document is about: its first Patient, else its subject."""
    for resource, _ in _resources(raw):
        if resource.resourceType == "Patient" and resource.id:
            return resource.id
    for resource, _ in _resources(raw):
        reference = (resource.subject or resource.patient or _Reference()).reference or ""
        if "Patient/" in reference or reference.startswith("urn:uuid:"):
            return last_part(reference)
    return "nobody"


def _resources(raw: bytes) -> Iterator[tuple[_Document, bytes]]:
    try:
        document = _DOCUMENT.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return
    yield document, raw
    for entry in document.entry:
        try:
            yield _DOCUMENT.decode(entry.resource), bytes(entry.resource)
        except (msgspec.DecodeError, RecursionError):
            continue


def as_data(tally: Tally) -> Mapping[str, object]:
    """The tally as JSON would have it."""
    fates: dict[str, dict[str, int]] = {}
    for (kind, fate), count in sorted(tally.fates.items()):
        fates.setdefault(kind, {})[fate] = count
    unreadable = [
        {"type": kind, "reason": reason, "count": count}
        for (kind, reason), count in sorted(tally.unreadable.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {
        "documents": tally.documents,
        "resources": {fate.value: _total(tally, fate) for fate in Fate},
        "types": fates,
        "unreadable": unreadable,
        "refused": dict(tally.refused.most_common()),
        "faults": dict(tally.faults.most_common()),
    }


def _total(tally: Tally, fate: Fate) -> int:
    return sum(count for (_, found), count in tally.fates.items() if found == fate.value)
