"""The journal of answers: how rules decided, which cards went out, which were held back; nothing about a patient."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from cards.context import proof_of
from service.advise import Advice
from service.hook_request import HookRequest
from service.journal.backlog import Backlog
from service.journal.failures import Failures
from service.journal.lookup import Lookup
from service.journal.repeats import Card, forget_until, hold_back, overridden_after, remember_key, repeat_key
from service.journal.store import Store, StoreUnavailable, count_up, insert_into
from service.journal.tables import CARDS, EVALUATIONS, HELD_BACK
from service.secret import Secret
from service.services import Service

_LOG = logging.getLogger("hoofbeats")


@dataclass(frozen=True, slots=True)
class RepeatPolicy:
    """For how many days an overridden card is held back, 0 for never, and the key of the hashes that tell it."""

    days: int
    secret: Secret | None


# A rule, its outcome, the service and the day.
_Counted = tuple[str, str, str, date]


class Journal:
    """Writes down what went out, after the answer; a database in trouble delays no answer by more than a moment."""

    def __init__(self, store: Store, policy: RepeatPolicy, knowledge: str) -> None:
        self._store = store
        self._policy = policy
        self._knowledge = knowledge
        failures = Failures()
        self._lookup = Lookup(failures)
        self._backlog = Backlog(self._write, failures)

    def open(self, day: date) -> None:
        """Readies the database where it can be had; where not, cards are given without it."""
        try:
            with self._store.writing() as connection:
                forget_until(connection, self._last_forgotten(day))
        except StoreUnavailable as fault:
            _LOG.error("the database cannot be used: %s; cards are answered, feedback is refused", fault)
        self._store.rest()

    def settle(self, advice: Advice, request: HookRequest, service: Service, day: date) -> dict[str, Any]:
        """The response that goes out, without what is held back; it is written down in a moment."""
        cards: Sequence[Card] = advice.response["cards"]
        keys = self._keys(cards, request)
        shown, held = hold_back(cards, keys, self._overridden(keys.values(), day))
        if cards or advice.outcomes:
            self._backlog.add(_Answer(service.id, day, advice.outcomes, shown, held, keys))
        return {**advice.response, "cards": shown}

    def flush(self) -> None:
        """Writes down at once what this process still has to, as far as the database lets it."""
        self._backlog.flush()

    def _keys(self, cards: Sequence[Card], request: HookRequest) -> Mapping[str, str]:
        """The hash of each card that may be held back, by the card's uuid."""
        if self._policy.days == 0 or self._policy.secret is None:
            return {}
        secret = self._policy.secret.reveal().encode()
        return {c["uuid"]: repeat_key(c, request, secret) for c in cards if c["indicator"] != "critical"}

    def _overridden(self, keys: Collection[str], day: date) -> frozenset[str]:
        def look_up() -> frozenset[str]:
            with self._store.reading() as connection:
                return overridden_after(connection, keys, self._last_forgotten(day))

        return self._lookup.ask(look_up, frozenset()) if keys else frozenset()

    def _last_forgotten(self, day: date) -> date:
        """The last day of which an override no longer counts."""
        return day - timedelta(days=self._policy.days)

    def _write(self, answers: Sequence[_Answer]) -> None:
        """All in one order, so that two processes never wait for each other."""
        counts = Counter((rule, outcome, a.service, a.day) for a in answers for rule, outcome in a.outcomes.items())
        given = sorted(((card["uuid"], a, card) for a in answers for card in a.shown), key=lambda row: row[0])
        with self._store.noting() as connection:
            new = [(answer, card) for _, answer, card in given if self._issue(connection, answer, card)]
            counts.update((rule, "shown", a.service, a.day) for a, card in new for rule in proof_of(card)["rules"])
            count_up(connection, EVALUATIONS, self._evaluations(counts.items()))
            count_up(
                connection, HELD_BACK, [self._described(a, card) | {"count": 1} for a in answers for card in a.held]
            )
            if with_keys := [answer.day for answer in answers if answer.keys]:
                forget_until(connection, self._last_forgotten(max(with_keys)))

    def _evaluations(self, counts: Iterable[tuple[_Counted, int]]) -> list[dict[str, Any]]:
        names = ("rule", "outcome", "service", "day")
        return [
            {**dict(zip(names, counted, strict=True)), "knowledge": self._knowledge, "count": number}
            for counted, number in counts
        ]

    def _issue(self, connection: Connection, answer: _Answer, card: Card) -> bool:
        """Whether the card is new: a call that is repeated gives the same card again."""
        row = self._described(answer, card) | {"uuid": card["uuid"], "statements": proof_of(card)["statements"]}
        made = connection.execute(insert_into(connection, CARDS).on_conflict_do_nothing(), row)
        if card["uuid"] in answer.keys:
            remember_key(connection, card["uuid"], answer.keys[card["uuid"]], answer.day)
        return made.rowcount == 1

    def _described(self, answer: _Answer, card: Card) -> dict[str, Any]:
        proof = proof_of(card)
        return {
            "day": answer.day,
            "service": answer.service,
            "kind": proof["kind"],
            "rules": proof["rules"],
            "knowledge": self._knowledge,
        }


@dataclass(frozen=True, slots=True)
class _Answer:
    service: str
    day: date
    outcomes: Mapping[str, str]
    shown: Sequence[Card]
    held: Sequence[Card]
    keys: Mapping[str, str]
