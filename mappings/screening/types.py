"""Resource types: which ones matter, and which one a resource is of."""

from __future__ import annotations

import re

import msgspec

from mappings.screening.glance import GLANCES, UNDECODABLE

# Types that readers read.
READ_TYPES = frozenset(glance.__name__ for glance in GLANCES)
# Types that R4 has no more.
OLD_TYPES = frozenset({"MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "ReferralRequest", "DeviceUseRequest"})
_NAME = re.compile(r"[A-Z][A-Za-z]{2,40}")


class _Typed(msgspec.Struct, gc=False):
    resourceType: str | None = None


_TYPED = msgspec.json.Decoder(_Typed)


def resource_type(raw: bytes | msgspec.Raw) -> str:
    """The resourceType of some JSON, or nothing where it has none."""
    try:
        return _TYPED.decode(raw).resourceType or ""
    except UNDECODABLE:
        return ""


def named_type(raw: bytes | msgspec.Raw) -> str:
    """The resourceType of some JSON, or nothing where it cannot be the name of one."""
    written = resource_type(raw)
    return written if _NAME.fullmatch(written) else ""
