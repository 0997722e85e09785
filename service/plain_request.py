"""Plain requests: what decodes strictly as one of these keeps its schema, which is then not asked; a test holds that.

Only for the schemas of every call: jsonschema takes as long for one as a resource takes to be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

_Some: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
_Absent: TypeAlias = msgspec.UnsetType


class _Authorization(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(min_length=1, pattern="^[!-~]*$")]
    token_type: str
    expires_in: float | _Absent = msgspec.UNSET
    scope: str | _Absent = msgspec.UNSET
    subject: str | _Absent = msgspec.UNSET
    patient: str | _Absent = msgspec.UNSET


class _Request(msgspec.Struct):
    hook: _Some
    hookInstance: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    context: dict[str, Any]
    fhirServer: Annotated[str, msgspec.Meta(pattern="^https?://")] | _Absent = msgspec.UNSET
    fhirAuthorization: _Authorization | _Absent = msgspec.UNSET


class _PatientView(msgspec.Struct):
    userId: _Some
    patientId: Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[^/\s]+$")]
    encounterId: str | None = None


class _Bundle(msgspec.Struct):
    resourceType: Literal["Bundle"]


class _OrderSign(_PatientView, kw_only=True):
    draftOrders: _Bundle


class _OrderSelect(_OrderSign, kw_only=True):
    selections: list[_Some]


# By the name of the schema.
_SHAPES: Mapping[str, type[msgspec.Struct]] = {
    "request": _Request,
    "patient-view": _PatientView,
    "order-select": _OrderSelect,
    "order-sign": _OrderSign,
}


def is_plain(instance: Any, schema: str) -> bool:
    """Whether an instance is sure to keep a schema; what is not plain may keep it too."""
    shape = _SHAPES.get(schema)
    if shape is None:
        return False
    try:
        msgspec.convert(instance, shape)
    except msgspec.ValidationError:
        return False
    return True
