"""Fuzzing of the readers with atheris: whatever bytes stand in prefetch, the answer is cards or the caller's fault."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["mappings", "service"]):
    from cards.knowledge import shipped_knowledge
    from service.advise import Advisor, read
    from service.errors import ServiceError
    from service.fetching.fhir_client import FhirClient
    from service.fetching.gather import UnsupportedVersion
    from service.hook_request import HookRequest
    from service.security.limits import check_shape
    from service.services import SERVICES
    from service.settings import load_settings

SERVICE = SERVICES["net-patient-view"]
ADVISOR = Advisor(shipped_knowledge(), load_settings({"HOOFBEATS_TODAY": "2026-11-20"}), FhirClient(1))


def read_anything(data: bytes) -> None:
    """Reads every finding from the bytes; a reader that breaks is a fault of ours."""
    request = HookRequest(SERVICE.hook, "fuzz", "p1", {"patientId": "p1"}, {"conditions": data}, None)
    try:
        check_shape(data)
        _, findings = read(request, SERVICE, ADVISOR)
    except (ServiceError, UnsupportedVersion):
        return
    broken = [name for name in findings if "a fault in this service" in findings[name].reason]
    if broken:
        raise AssertionError(f"broken readers: {broken}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_anything)
    atheris.Fuzz()
