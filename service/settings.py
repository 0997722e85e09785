"""Settings: environment variables `HOOFBEATS_*`, read once at start, each with its source."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.secret import Secret

PREFIX = "HOOFBEATS_"
_SECRETS = frozenset({"database_url", "metrics_token", "secret_key"})
DEFAULT_DATABASE = "sqlite:///hoofbeats.db"
_REPLAY_FILE = "hoofbeats.db.replay"
_DATABASES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
_FOR_TESTS = "HOOFBEATS_TEST_"
_SHORTEST_KEY = 32
_MOST_DAYS = 36_500
_IPV6 = 6
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


class SettingsError(Exception):
    """A setting has a value that it cannot have; the message names the variable and what was expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the service runs; `sources` says for each setting whether the environment or the default gave it."""

    host: str
    port: int
    profile: str
    today: date | None
    extensions: str
    sstr_pet: str
    base_url: str
    site: Path | None
    max_body_bytes: int
    cors_origins: tuple[str, ...]
    fhir_servers: tuple[str, ...]
    fetch_deadline_ms: int
    unsigned: str
    deadline_ms: int
    trust: Path | None
    replay_file: Path | None
    workers: int
    metrics_token: Secret | None
    tls_certificate: Path | None
    tls_key: Path | None
    database_url: str
    secret_key: Secret | None
    repeat_after_days: int
    sources: Mapping[str, str]

    def day(self) -> date:
        """The day on which requests are judged."""
        return self.today or date.today()


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a setting is read, what it means, and its default, which may be another in production."""

    parse: Callable[[str], Any]
    meaning: str
    default: str = ""
    in_production: str | None = None

    def given(self, profile: str) -> str:
        """What it is where nobody sets it."""
        return self.in_production if profile == "production" and self.in_production is not None else self.default

    def in_words(self) -> str:
        """What it means, and its defaults where they differ."""
        if self.in_production is None:
            return self.meaning
        return f"{self.meaning}; empty: {self.default} in demo, {self.in_production or 'none'} in production"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment; raises SettingsError naming the variable."""
    _check_names(environment)
    written = {name: environment.get(PREFIX + name.upper(), "").strip() for name in _SETTINGS}
    profile = _parsed("profile", written["profile"] or _SETTINGS["profile"].default)
    values = {name: _parsed(name, written[name] or setting.given(profile)) for name, setting in _SETTINGS.items()}
    sources = {name: "environment" if written[name] else "default" for name in _SETTINGS}
    _check_tls(values)
    scheme = "https" if values["tls_certificate"] else "http"
    values["base_url"] = values["base_url"] or f"{scheme}://{values['host']}:{values['port']}"
    if values["database_url"].startswith("sqlite"):
        values["replay_file"] = values["replay_file"] or Path(_REPLAY_FILE)
    if values["repeat_after_days"] and values["secret_key"] is None:
        raise SettingsError(f"{PREFIX}SECRET_KEY: cards are held back only with a key for the hashes that tell them")
    if values["profile"] == "production":
        _check_production(values)
    return Settings(**values, sources=sources)


def described(settings: Settings) -> Iterator[tuple[str, str, str, str]]:
    """Every setting as variable, value, source and meaning."""
    for name, setting in _SETTINGS.items():
        value = getattr(settings, name)
        shown = ", ".join(value) if isinstance(value, tuple) else str(value if value is not None else "")
        is_hidden = name in _SECRETS and bool(shown)
        yield PREFIX + name.upper(), "set" if is_hidden else shown, settings.sources[name], setting.in_words()


def _parsed(name: str, written: str) -> Any:
    try:
        return _SETTINGS[name].parse(written)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from None


def _check_names(environment: Mapping[str, str]) -> None:
    ours = (key for key in environment if key.startswith(PREFIX) and not key.startswith(_FOR_TESTS))
    unknown = sorted(key for key in ours if key[len(PREFIX) :].lower() not in _SETTINGS)
    if unknown:
        raise SettingsError(f"{unknown[0]}: no setting has this name")


def _check_production(values: Mapping[str, Any]) -> None:
    """What is harmless in a demonstration and not in a hospital is refused at start."""
    parts = urlsplit(values["base_url"])
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise SettingsError(f"{PREFIX}BASE_URL: expected an https address in production, not {values['base_url']!r}")
    if values["fhir_servers"]:
        raise SettingsError(f"{PREFIX}FHIR_SERVERS: in production the trust file lists the servers of each client")


def _check_tls(values: Mapping[str, Any]) -> None:
    certificate, key = values["tls_certificate"], values["tls_key"]
    if bool(certificate) != bool(key):
        raise SettingsError(f"{PREFIX}TLS_KEY: certificate and key are given together or not at all")
    if certificate:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(
                f"{PREFIX}TLS_CERTIFICATE: no certificate with its key: {type(error).__name__}"
            ) from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(written: str) -> str:
        if written not in allowed:
            raise ValueError(f"expected {' or '.join(allowed)}, not {written!r}")
        return written

    return parse


def _port(written: str) -> int:
    if not written.isdigit() or not 0 < int(written) < 65536:
        raise ValueError(f"expected a port from 1 to 65535, not {written!r}")
    return int(written)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise ValueError(f"expected a date such as 2026-11-20, not {written!r}") from None


def _count(written: str) -> int:
    if not written.isdigit() or int(written) == 0:
        raise ValueError(f"expected a whole number above 0, not {written!r}")
    return int(written)


def _file(written: str) -> Path | None:
    if written and not Path(written).is_file():
        raise ValueError(f"no file at {written!r}")
    return Path(written) if written else None


def _secret(written: str) -> Secret | None:
    return Secret(written) if written else None


def _long_secret(written: str) -> Secret | None:
    if 0 < len(written) < _SHORTEST_KEY:
        raise ValueError(f"expected at least {_SHORTEST_KEY} characters")
    return _secret(written)


def _days(written: str) -> int:
    if not written.isdigit() or int(written) > _MOST_DAYS:
        raise ValueError(f"expected a whole number of days up to {_MOST_DAYS}, not {written!r}")
    return int(written)


def _host(written: str) -> str:
    """A name or an address; one of IPv6 in brackets, as servers and clients want it."""
    bare = written.removeprefix("[").removesuffix("]")
    try:
        return f"[{bare}]" if ip_address(bare).version == _IPV6 else bare
    except ValueError:
        if not _HOST_NAME.fullmatch(written):
            raise ValueError(f"expected a name or an address, not {written!r}") from None
        return written


def _database(written: str) -> str:
    """The message never repeats the address, which may hold a password."""
    try:
        known = make_url(written).drivername in _DATABASES
    except (ArgumentError, ValueError):
        known = False
    if not known:
        raise ValueError("expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
    return written


def _addresses(written: str) -> tuple[str, ...]:
    """Addresses separated by commas; * stands for any."""
    return tuple(part if part == "*" else _url(part) for part in map(str.strip, written.split(",")) if part)


def _path_or_none(written: str) -> Path | None:
    return Path(written) if written else None


def _url(written: str) -> str:
    if not written:
        return ""
    try:
        parts = urlsplit(written)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError(f"expected a http or https address, not {written!r}")
    return written.rstrip("/")


_SETTINGS: Mapping[str, _Setting] = {
    "host": _Setting(_host, "address to listen on", "127.0.0.1"),
    "port": _Setting(_port, "port to listen on", "8000"),
    "profile": _Setting(
        _one_of("demo", "production"), "demo, or production with everything that a hospital needs", "demo"
    ),
    "today": _Setting(_day, "the day on which requests are judged; empty for the real day"),
    "extensions": _Setting(_one_of("on", "off"), "off leaves only what the source documents say", "on"),
    "sstr_pet": _Setting(
        _one_of("available", "unavailable"), "whether somatostatin-receptor PET can be had locally", "available"
    ),
    "base_url": _Setting(_url, "the address that clients see; empty for host and port"),
    "site": _Setting(_file, "a site's overlay file with its own codes"),
    "max_body_bytes": _Setting(_count, "largest request body in bytes", "16777216"),
    "fhir_servers": _Setting(
        _addresses, "FHIR base addresses that may be fetched from, separated by commas; * for any", "*", ""
    ),
    "unsigned": _Setting(_one_of("show", "hide"), "whether rules that nobody signed are shown", "show", "hide"),
    "fetch_deadline_ms": _Setting(_count, "milliseconds to answer where something is fetched", "10000", "900"),
    "deadline_ms": _Setting(_count, "milliseconds in which a request is answered from what it brings", "10000", "450"),
    "trust": _Setting(_file, "the trust file: which clients may call in production"),
    "replay_file": _Setting(
        _path_or_none,
        "the file of used tokens; empty: in the database where that is PostgreSQL, else hoofbeats.db.replay",
    ),
    "workers": _Setting(_count, "worker processes", "1", "2"),
    "metrics_token": _Setting(_secret, "the bearer token for /metrics; empty: open in demo, closed in production"),
    "tls_certificate": _Setting(_file, "a certificate file, where no proxy in front ends TLS"),
    "tls_key": _Setting(_file, "the key of that certificate"),
    "database_url": _Setting(_database, "sqlite:///FILE or postgresql://...", DEFAULT_DATABASE),
    "repeat_after_days": _Setting(
        _days, "days for which a card that was overridden is held back; 0 never holds back", "0"
    ),
    "secret_key": _Setting(_long_secret, "the key of the hashes by which overridden cards are known again"),
    "cors_origins": _Setting(_addresses, "browser origins that may call, separated by commas", "*"),
}
