"""JSON from outside against our schemas: what is wrong is said with its place and without its value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from service.errors import BadRequest
from service.plain_request import is_plain

_SCHEMAS = Path(__file__).parent / "schemas"
# Faults that are looked for: in a long list of what is wrong the rest says nothing new.
_ENOUGH = 100


def check(instance: Any, schema: str, place: str) -> None:
    """Raises BadRequest naming the first thing in which an instance breaks a schema; `place` is where it stands."""
    if is_plain(instance, schema):
        return
    found = islice(_validator(schema).iter_errors(instance), _ENOUGH)
    errors = sorted(found, key=lambda e: list(map(str, e.absolute_path)))
    if errors:
        raise BadRequest(_in_words(errors[0], place))


def instant(written: str) -> datetime:
    """The moment that an RFC 3339 date-time names, in UTC; raises ValueError or OverflowError where there is none."""
    return datetime.fromisoformat(written.upper()).astimezone(UTC)


def undecodable(error: Exception) -> BadRequest:
    """The fault of a body that is no JSON object: where it breaks, without repeating any of it."""
    text = str(error)
    place = text.rpartition("(")[2].rstrip(")") if "(byte" in text else "it cannot be decoded"
    return BadRequest(f"the body is no JSON object: {place}")


def _in_words(error: ValidationError, place: str) -> str:
    path = ".".join([*([place] if place else []), *map(str, error.absolute_path)])
    expected: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "required":
            missing = next(name for name in expected if name not in instance)
            return f"{path}.{missing} is missing" if path else f"{missing} is missing"
        case "type":
            kinds = expected if isinstance(expected, str) else " or ".join(expected)
            return f"{path or 'the body'} is not of type {kinds}"
        case "minLength" | "minItems":
            return f"{path} is empty"
        case _:
            return f"{path} is not as it should be ({error.validator}: {json.dumps(expected)[:60]})"


@cache
def _validator(schema: str) -> Draft202012Validator:
    contents = json.loads((_SCHEMAS / f"{schema}.schema.json").read_text())
    formats = FormatChecker(formats=())
    formats.checks("date-time", (ValueError, OverflowError))(_is_instant)
    return Draft202012Validator(contents, format_checker=formats)


def _is_instant(value: object) -> bool:
    """Whether a text names a moment that exists; what is no text is the business of `type`."""
    return not isinstance(value, str) or bool(instant(value))
