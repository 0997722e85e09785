"""What is read from a request by its prefetch alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cards.knowledge import load_knowledge, shipped_knowledge
from mappings.findings import Findings
from service.advise import Advisor, findings_of
from service.fetching.fhir_client import FhirClient
from service.fetching.gather import Concern, gather
from service.fetching.prefetch import Prefetched
from service.hook_request import read_request
from service.settings import load_settings


def findings_in(request: Mapping[str, Any], site: Path | None = None) -> Findings:
    """The findings of a request for the opening of a chart, by our codes and those of a site."""
    knowledge = load_knowledge(site) if site else shipped_knowledge()
    settings = load_settings({"HOOFBEATS_TODAY": "2026-11-20"})
    asked = read_request(json.dumps(request).encode(), "patient-view")
    prefetched = Prefetched(asked.prefetch, asked.patient_id, knowledge.terminology)
    record = gather(asked, (), prefetched, None, Concern((), lambda _: True))
    return findings_of(record, Advisor(knowledge, settings, FhirClient(settings.max_body_bytes)))
