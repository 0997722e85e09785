"""The trust file: which clients may call, with which keys they sign, and which FHIR servers are theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli
from jsonschema import Draft202012Validator

from service.outbound.reach import Reach
from service.settings import SettingsError

_SCHEMA = Path(__file__).parents[1] / "schemas" / "trust.schema.json"
_RECOMMENDED = ("ES384", "RS384")
# Anyone can have a token of this issuer: its private key is public.
_SANDBOX = "sandbox.cds-hooks.org"


class TrustError(SettingsError):
    """The trust file is wrong; the message names issuer, key and what was expected."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A client that may call: how its tokens are checked and which FHIR servers it may send us to."""

    name: str
    keys_file: Path | None
    jku: str
    algorithms: frozenset[str]
    audience: frozenset[str]
    tenants: frozenset[str]
    fhir_servers: tuple[str, ...]
    reach: Reach


def load_trust(path: Path) -> Mapping[str, Issuer]:
    """The issuers of a trust file by name; raises TrustError."""
    try:
        tables = tomli.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise TrustError(f"{path.name}: {error}") from None
    for problem in Draft202012Validator(json.loads(_SCHEMA.read_text())).iter_errors(tables):
        place = ".".join(map(str, problem.absolute_path)) or "the file"
        raise TrustError(f"{path.name}: {place}: {problem.message}")
    issuers = [_issuer(table, path) for table in tables["issuer"]]
    named = {issuer.name: issuer for issuer in issuers}
    if len(named) < len(issuers):
        raise TrustError(f"{path.name}: an issuer stands there twice")
    return named


def _issuer(table: Mapping[str, Any], path: Path) -> Issuer:
    name = table["issuer"]
    place = f"{path.name}: {name}"
    if _SANDBOX in name.lower():
        raise TrustError(f"{place}: the public sandbox signs for anybody and is never trusted")
    reach = _reach(table, path)
    for key in ("jku", "fhir_servers"):
        for url in _listed(table.get(key, ())):
            _check_url(url, reach, f"{place}: {key}")
    return Issuer(
        name=name,
        keys_file=_keys_file(table, path),
        jku=table.get("jku", ""),
        algorithms=frozenset(table.get("algorithms", _RECOMMENDED)),
        audience=frozenset(_listed(table.get("audience", ()))),
        tenants=frozenset(table.get("tenants", ())),
        fhir_servers=tuple(url.rstrip("/") for url in table.get("fhir_servers", ())),
        reach=reach,
    )


def _listed(value: str | list[str] | tuple[str, ...]) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value


def _keys_file(table: Mapping[str, Any], path: Path) -> Path | None:
    if "keys_file" not in table:
        return None
    file = path.parent / str(table["keys_file"])
    if not file.is_file():
        raise TrustError(f"{path.name}: {table['issuer']}: keys_file: no file at {table['keys_file']!r}")
    return file


def _reach(table: Mapping[str, Any], path: Path) -> Reach:
    try:
        networks = tuple(ip_network(written) for written in table.get("networks", ()))
    except ValueError as error:
        raise TrustError(f"{path.name}: {table['issuer']}: networks: {error}") from None
    ca_file = path.parent / table["ca_file"] if "ca_file" in table else None
    if ca_file is not None and not ca_file.is_file():
        raise TrustError(f"{path.name}: {table['issuer']}: ca_file: no file at {table['ca_file']!r}")
    return Reach(networks, ca_file=str(ca_file or ""))


def _check_url(url: str, reach: Reach, place: str) -> None:
    """Addresses are https, but for loopback ones of a listed network, which never leave the machine."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise TrustError(f"{place}: {error}: {url!r}") from None
    if "@" in parts.netloc or parts.query or parts.fragment or not parts.hostname:
        raise TrustError(f"{place}: expected an address of scheme, host and path, not {url!r}")
    if parts.scheme == "http" and not _is_listed_loopback(parts.hostname, reach):
        raise TrustError(f"{place}: expected https, not {url!r}")


def _is_listed_loopback(host: str, reach: Reach) -> bool:
    try:
        return ip_address(host).is_loopback and reach.allows(host)
    except ValueError:
        return False
