"""Every operation of our OpenAPI document, called with what its schemas allow and with what they do not.

    make fuzz-api [EXAMPLES=100]

The same calls every time. Ends with an error where an answer is not one that the document describes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from service import settings as service_settings
from service.app import create_app
from service.settings import load_settings

# More than a schema names is no fault here, and what is wrong with a body is often seen later than by its schema.
_LEFT_OUT = ("positive_data_acceptance", "negative_data_rejection", "ignored_auth", "unsupported_method")


def main(examples: int) -> int:
    """Calls everything; the number of operations where something was not as described."""
    service_settings.DEFAULT_DATABASE = "sqlite://"
    app = create_app(load_settings({"HOOFBEATS_TODAY": "2026-11-20"}))
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    failed = 0
    for operation in _operations(schema):
        for mode in GenerationMode:
            try:
                _call(operation, mode, examples)
            except Unsatisfiable:
                continue  # nothing about this operation can be wrong
            except FailureGroup as error:
                failed += 1
                print(f"{operation.label}, {mode.value}: {error}")  # noqa: T201
            else:
                print(f"{operation.label}, {mode.value}: as described")  # noqa: T201
    return failed


def _operations(schema: object) -> Iterator[object]:
    for found in schema.get_all_operations():  # type: ignore[attr-defined]
        yield found.ok()


def _call(operation: object, mode: GenerationMode, examples: int) -> None:
    excluded = [check for name in _LEFT_OUT if (check := CHECKS.get_one(name)) is not None]

    @given(case=operation.as_strategy(generation_mode=mode))  # type: ignore[attr-defined]
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def every(case: object) -> None:
        case.call_and_validate(excluded_checks=excluded)  # type: ignore[attr-defined]

    every()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100) and 1)
