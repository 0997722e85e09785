"""The synthetic patients of the clinic: found in the checkout that the service runs from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from service.errors import NotFound

# The service is installed from the checkout in place; a wheel has no patients.
PATIENTS = Path(__file__).parents[2] / "fixtures" / "patients"
_FILES = ("story.md", "bundle.json", "request.json", "expected.json")


def list_patients(folder: Path = PATIENTS) -> list[dict[str, Any]]:
    """Name, person and story of every patient that is complete, in the order of names; empty where there are none."""
    return [_row(path) for path in sorted(folder.glob("*/")) if all((path / name).is_file() for name in _FILES)]


def load_patient(name: str, folder: Path = PATIENTS) -> bytes:
    """Chart, request and day of a patient as JSON; raises NotFound."""
    if name not in {path.name for path in folder.glob("*/")}:
        raise NotFound("there is no synthetic patient of this name")
    path = folder / name
    return msgspec.json.encode(
        {
            **_row(path),
            "bundle": msgspec.Raw((path / "bundle.json").read_bytes()),
            "request": msgspec.Raw((path / "request.json").read_bytes()),
        }
    )


def _row(path: Path) -> dict[str, Any]:
    expected = json.loads((path / "expected.json").read_text())
    patient = json.loads((path / "request.json").read_text())["prefetch"].get("patient") or {}
    return {
        "name": path.name,
        "story": (path / "story.md").read_text().strip(),
        "today": expected.get("settings", {}).get("HOOFBEATS_TODAY", ""),
        "kinds": [kind for key, held in expected.items() if key != "settings" for kind in held.get("kinds", [])],
        "gender": patient.get("gender", ""),
        "birthDate": patient.get("birthDate", ""),
    }
