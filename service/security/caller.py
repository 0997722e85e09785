"""Who calls, or why a caller was refused: what a demonstration shares with production without its cryptography."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from service.security.trust_file import Issuer


class Cause(Enum):
    """Why a token was refused."""

    MISSING = "no bearer token"
    MALFORMED = "not a JWT"
    HEADER = "header"
    ISSUER = "issuer"
    ALGORITHM = "algorithm"
    KEY_ADDRESS = "jku"
    KEY = "key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    AUDIENCE = "audience"
    TIME = "time"
    TENANT = "tenant"
    USED = "used before"


class Refused(Exception):
    """A token that is not accepted; `cause` is for our log alone, the answer is the same for all."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that a token proves, and the tenant it names where that is on the list."""

    issuer: Issuer
    tenant: str = ""
