"""What tests of cards share."""

from dataclasses import replace
from typing import Any

import pytest
from stated import CONTEXT, cards_of, pancreatic_net


@pytest.fixture(scope="module")
def cards() -> dict[str, dict[str, Any]]:
    """The cards of a pancreatic NET by their kind, with a resource that could not be used."""
    context = replace(CONTEXT, problems=("Observation/broken: value is not as FHIR R4 has it",))
    return {
        card["extension"]["org.hoofbeats.card"]["kind"]: card for card in cards_of(pancreatic_net(), context=context)
    }
