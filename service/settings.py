"""Settings: environment variables `HOOFBEATS_*`, read once at start, each with its source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PREFIX = "HOOFBEATS_"
_SECRETS = frozenset({"database_url"})


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
    sources: Mapping[str, str]

    def day(self) -> date:
        """The day on which requests are judged."""
        return self.today or date.today()


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment; raises SettingsError naming the variable."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, (default, parse, _) in _SETTINGS.items():
        written = environment.get(PREFIX + name.upper(), "").strip()
        sources[name] = "environment" if written else "default"
        try:
            values[name] = parse(written or default)
        except ValueError as error:
            raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from None
    unknown = sorted(
        key for key in environment if key.startswith(PREFIX) and key[len(PREFIX) :].lower() not in _SETTINGS
    )
    if unknown:
        raise SettingsError(f"{unknown[0]}: no setting has this name")
    if not values["fhir_servers"] and values["profile"] == "demo":
        values["fhir_servers"] = ("*",)
    values["base_url"] = values["base_url"] or f"http://{values['host']}:{values['port']}"
    return Settings(**values, sources=sources)


def described(settings: Settings) -> Iterator[tuple[str, str, str, str]]:
    """Every setting as variable, value, source and meaning."""
    for name, (_, _, meaning) in _SETTINGS.items():
        value = getattr(settings, name)
        shown = ", ".join(value) if isinstance(value, tuple) else str(value if value is not None else "")
        yield PREFIX + name.upper(), "set" if name in _SECRETS and shown else shown, settings.sources[name], meaning


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


def _list(written: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in written.split(",") if part.strip())


def _url(written: str) -> str:
    if written and not written.startswith(("http://", "https://")):
        raise ValueError(f"expected a http or https address, not {written!r}")
    return written.rstrip("/")


_SETTINGS: Mapping[str, tuple[str, Callable[[str], Any], str]] = {
    "host": ("127.0.0.1", str, "address to listen on"),
    "port": ("8000", _port, "port to listen on"),
    "profile": ("demo", _one_of("demo", "production"), "demo, or production with everything that a hospital needs"),
    "today": ("", _day, "the day on which requests are judged; empty for the real day"),
    "extensions": ("on", _one_of("on", "off"), "off leaves only what the source documents say"),
    "sstr_pet": (
        "available",
        _one_of("available", "unavailable"),
        "whether somatostatin-receptor PET can be had locally",
    ),
    "base_url": ("", _url, "the address that clients see; empty for host and port"),
    "site": ("", _file, "a site's overlay file with its own codes"),
    "max_body_bytes": ("16777216", _count, "largest request body in bytes"),
    "fhir_servers": (
        "",
        _list,
        "FHIR base addresses that may be fetched from, separated by commas; * for any; empty: any in demo, none else",
    ),
    "fetch_deadline_ms": ("900", _count, "milliseconds until which everything fetched for one request has to be here"),
    "cors_origins": ("*", _list, "browser origins that may call, separated by commas"),
}
