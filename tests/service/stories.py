"""The synthetic patients of the project, each by the name of the story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATIENTS = Path(__file__).parents[2] / "fixtures" / "patients"
STORIES = sorted(path.parent.name for path in PATIENTS.glob("*/request.json"))


def request_of(story: str) -> dict[str, Any]:
    """The request with which the patient's chart is opened, and all of the chart in it."""
    return dict(json.loads((PATIENTS / story / "request.json").read_text()))
