"""What a caller can do wrong, each with its status, and the OperationOutcome that says so.

ServiceError
├── BadRequest             400  the body is no CDS Hooks request; says where
├── NotFound               404  no such path or service
├── PreconditionFailed     412  data that is needed is neither sent nor to be had
├── TooLarge               413  the body is over the limit
└── UnsupportedMediaType   415  the body is not JSON
"""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """A fault of the caller; the message says what and where, never anything about a patient."""

    status = 400
    code = "invalid"


class BadRequest(ServiceError):
    """The body is no CDS Hooks request."""


class NotFound(ServiceError):
    """No such path or service."""

    status = 404
    code = "not-found"


class PreconditionFailed(ServiceError):
    """Data that is needed is neither sent nor to be had."""

    status = 412
    code = "required"


class TooLarge(ServiceError):
    """The body is over the limit."""

    status = 413
    code = "too-long"


class UnsupportedMediaType(ServiceError):
    """The body is not JSON."""

    status = 415
    code = "not-supported"


def outcome(code: str, message: str) -> dict[str, Any]:
    """An OperationOutcome with one error."""
    issue = {"severity": "error", "code": code, "diagnostics": message}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
