"""The doctor: whether everything the service needs is there, and what to do where it is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

import requests

from mappings.errors import DefinitionError
from service.advise import advisor_for
from service.journal.store import Store
from service.operations.health import store_answers
from service.outbound.connections import was_refused
from service.outbound.reach import ANYWHERE
from service.outbound.sessions import Sessions
from service.security.keys import KeysUnavailable, fetch_keys, read_keys
from service.security.replay import ReplayUnavailable, replay_of
from service.security.trust import LEEWAY
from service.security.trust_file import Issuer, load_trust
from service.settings import Settings, SettingsError, load_settings

_SECONDS = 5.0
_ORIGIN = "https://ehr.example.org"


class State(Enum):
    """How well something is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Sign:
    """What was found of one thing, and what to do about it where it is not well."""

    subject: str
    state: State
    found: str
    advice: str = ""


def examine(environment: Mapping[str, str], url: str) -> Iterator[Sign]:
    """Everything that was found; a running server is asked only where its address is given."""
    try:
        settings = load_settings(environment)
    except SettingsError as error:
        yield Sign("settings", State.FAIL, str(error), "correct the variable; hoofbeats settings lists all")
        return
    yield from _settings(settings)
    yield from _rules(settings)
    yield from _trust(settings)
    yield _database(settings)
    yield from _replay(settings)
    if url:
        yield from _server(url.rstrip("/"))


def _settings(settings: Settings) -> Iterator[Sign]:
    given = sum(source == "environment" for source in settings.sources.values())
    yield Sign("settings", State.OK, f"profile {settings.profile}, {given} from the environment")
    if settings.profile == "demo":
        yield Sign(
            "profile", State.WARN, "callers are not asked who they are", "for patients: HOOFBEATS_PROFILE=production"
        )
        return
    if settings.today is not None:
        yield Sign("today", State.FAIL, f"every day is {settings.today}", "leave HOOFBEATS_TODAY empty")
    if "*" in settings.cors_origins:
        advice = "name the origins of browser clients in HOOFBEATS_CORS_ORIGINS"
        yield Sign("CORS", State.WARN, "a browser page of any origin may call, with a token", advice)
    if settings.metrics_token is None:
        yield Sign("metrics", State.WARN, "nobody can read them", "set HOOFBEATS_METRICS_TOKEN")


def _rules(settings: Settings) -> Iterator[Sign]:
    try:
        knowledge = advisor_for(settings).knowledge
    except DefinitionError as error:
        yield Sign("rules", State.FAIL, str(error), "correct the file; the service does not start with it")
        return
    counts = f"{len(knowledge.rules)} rules, {len(knowledge.statements)} statements"
    yield Sign("rules", State.OK, f"{counts}, knowledge {knowledge.version}")


def _trust(settings: Settings) -> Iterator[Sign]:
    if settings.profile == "demo":
        return
    if settings.trust is None:
        yield Sign("trust file", State.FAIL, "there is none: every call is refused", "set HOOFBEATS_TRUST")
        return
    try:
        issuers = load_trust(settings.trust)
    except SettingsError as error:
        yield Sign("trust file", State.FAIL, str(error), "correct the file; docs/security.md shows one")
        return
    yield Sign("trust file", State.OK, f"{len(issuers)} clients")
    sessions = Sessions()
    for issuer in issuers.values():
        yield _keys(issuer, sessions)
        yield from _clock(issuer, sessions)
        for server in issuer.fhir_servers:
            yield _fhir_server(server, issuer, sessions)


def _keys(issuer: Issuer, sessions: Sessions) -> Sign:
    subject = f"keys of {issuer.name}"
    try:
        raw = issuer.keys_file.read_bytes() if issuer.keys_file else fetch_keys(issuer, sessions)
        return Sign(subject, State.OK, f"{len(read_keys(raw))} usable")
    except (KeysUnavailable, OSError) as error:
        advice = "ask the client whether the key set is there; list its network if its address is private"
        return Sign(subject, State.FAIL, str(error), advice)


def _clock(issuer: Issuer, sessions: Sessions) -> Iterator[Sign]:
    """Compares our clock with that of the key server, to the second that its Date header gives."""
    if issuer.keys_file is not None:
        return
    answer = _asked(lambda: sessions.within(issuer.reach).head(issuer.jku, timeout=_SECONDS, allow_redirects=False))
    if isinstance(answer, str) or "Date" not in answer.headers:
        yield Sign("clock", State.WARN, f"{issuer.name} tells no time to compare with", "see that NTP runs")
        return
    apart = abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time())
    state = State.OK if apart < LEEWAY / 2 else State.WARN if apart < LEEWAY else State.FAIL
    found = f"{apart:.0f} seconds apart from {issuer.name}"
    yield Sign("clock", state, found, "" if state is State.OK else "see that NTP runs; tokens are refused at a minute")


def _fhir_server(server: str, issuer: Issuer, sessions: Sessions) -> Sign:
    """Whether a FHIR server of a client can be reached; without a token it may well refuse to say more."""
    answer = _asked(
        lambda: sessions.within(issuer.reach).get(f"{server}/metadata", timeout=_SECONDS, allow_redirects=False)
    )
    subject = f"FHIR server {server}"
    if isinstance(answer, str):
        return Sign(subject, State.FAIL, answer, "open the way in the firewall; list its network if it is private")
    if answer.status_code in (200, 401, 403):
        return Sign(subject, State.OK, f"reachable, answers {answer.status_code}")
    advice = "check the base address: metadata has to lie under it"
    return Sign(subject, State.WARN, f"answers {answer.status_code}", advice)


def _database(settings: Settings) -> Sign:
    if store_answers(Store(settings.database_url)):
        return Sign("database", State.OK, "answers")
    advice = "made at the first start; if there was one: is the server up, may this user write the folder?"
    return Sign("database", State.WARN, "does not answer", advice)


def _replay(settings: Settings) -> Iterator[Sign]:
    if settings.profile == "demo":
        return
    try:
        replay_of(settings, Store(settings.database_url)).check()
        yield Sign("memory of used tokens", State.OK, str(settings.replay_file or "in the database"))
    except ReplayUnavailable as error:
        advice = "may this user write the folder, is the disk full? until then every call gets 503"
        yield Sign("memory of used tokens", State.FAIL, str(error), advice)


def _server(url: str) -> Iterator[Sign]:
    session = Sessions().within(ANYWHERE)
    ready = _asked(lambda: session.get(f"{url}/readyz", timeout=_SECONDS))
    if isinstance(ready, str):
        yield Sign("running server", State.FAIL, ready, "is the address right, does it run?")
        return
    state = State.OK if ready.status_code == 200 else State.FAIL
    yield Sign("running server", state, ready.text[:200], "" if state is State.OK else "see what it says is not ready")
    headers = {
        "Origin": _ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    yield _preflight(_asked(lambda: session.options(f"{url}/cds-services", headers=headers, timeout=_SECONDS)))


def _preflight(answer: requests.Response | str) -> Sign:
    if isinstance(answer, str):
        return Sign("CORS preflight", State.FAIL, answer, "does a proxy in front swallow OPTIONS?")
    allowed = answer.headers.get("Access-Control-Allow-Headers", "").lower()
    if answer.status_code >= 300 or "authorization" not in allowed:
        advice = "browser clients need it: let OPTIONS through every proxy, without asking for a token"
        return Sign("CORS preflight", State.WARN, f"answers {answer.status_code}", advice)
    origin = answer.headers.get("Access-Control-Allow-Origin", "none")
    return Sign("CORS preflight", State.OK, f"answers {answer.status_code}, origin {origin}")


def _asked(ask: Callable[[], requests.Response]) -> requests.Response | str:
    """The answer, or in words why there is none."""
    try:
        return ask()
    except requests.RequestException as error:
        return "its address is refused" if was_refused(error) else f"no answer ({type(error).__name__})"
