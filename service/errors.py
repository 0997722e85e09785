"""What a caller can do wrong, each with its status, and the OperationOutcome that says so.

ServiceError
├── BadRequest             400  the body is no CDS Hooks request; says where
├── NotFound               404  no such path or service
├── PreconditionFailed     412  data that is needed is neither sent nor to be had
│   └── UnsupportedVersion 412  the data is of a FHIR version before R4; a hook is answered without cards and says so
├── TooSlow                408  the body does not arrive
├── TooLarge               413  the body is over a limit
├── UnsupportedMediaType   415  the body is not JSON
└── Unavailable            503  not the caller's fault: nothing can be checked or stored now
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


class TooSlow(ServiceError):
    """The body does not arrive."""

    status = 408
    code = "timeout"


class TooLarge(ServiceError):
    """The body is over a limit."""

    status = 413
    code = "too-long"


class UnsupportedMediaType(ServiceError):
    """The body is not JSON."""

    status = 415
    code = "not-supported"


class Unavailable(ServiceError):
    """Something that the answer needs is not to be had now; the caller may try again."""

    status = 503
    code = "transient"


def outcome(code: str, message: str) -> dict[str, Any]:
    """An OperationOutcome with one error."""
    issue = {"severity": "error", "code": code, "diagnostics": message}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
