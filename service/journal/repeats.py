"""Less noise: a card that a user overrode is held back for some days while its facts stay as they are.

Cards are recognised by a keyed hash of patient and card, so that the database alone names no patient. Critical cards
are never held back.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select

from cards.context import proof_of
from service.hook_request import HookRequest
from service.journal.store import insert_into
from service.journal.tables import OVERRIDES, REPEAT_KEYS

Card = Mapping[str, Any]

# UCUM units of time: that time goes by is no new fact, the date from which it is counted is.
_TIMES = frozenset({"min", "h", "d", "wk", "mo", "a"})


def repeat_key(card: Card, request: HookRequest, secret: bytes) -> str:
    """The keyed hash of a patient and of what a card says: the same for as long as the facts are."""
    proof = proof_of(card)
    said = {key: value for key, value in proof.items() if key not in ("knowledge", "findings", "orders")}
    facts = [_fact(finding) for finding in proof.get("findings", ())]
    orders = sorted(order.get("text", "") for order in proof.get("orders", ()))
    told = [request.server, request.patient_id, card["indicator"], said, sorted(facts, key=str), orders]
    return hmac.new(secret, json.dumps(told, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def hold_back(
    cards: Iterable[Card], keys: Mapping[str, str], overridden: Collection[str]
) -> tuple[list[Card], list[Card]]:
    """The cards to show and those to hold back: not critical, and their key among those overridden."""
    shown: list[Card] = []
    held: list[Card] = []
    for card in cards:
        is_repeat = card["indicator"] != "critical" and keys.get(card["uuid"]) in overridden
        (held if is_repeat else shown).append(card)
    return shown, held


def remember_key(connection: Connection, card: str, key: str, day: date) -> None:
    """Notes which hash a card has, so that an override of the card can be told from its uuid."""
    row = {"card": card, "key": key, "day": day}
    connection.execute(insert_into(connection, REPEAT_KEYS).on_conflict_do_nothing(), row)


def remember_override(connection: Connection, card: str, day: date) -> None:
    """Notes that a card was overridden on a day, where its hash is known."""
    key = connection.execute(select(REPEAT_KEYS.c.key).where(REPEAT_KEYS.c.card == card)).scalar_one_or_none()
    if key is None:
        return
    noted = insert_into(connection, OVERRIDES)
    newer = noted.on_conflict_do_update(
        index_elements=["key"], set_={"day": noted.excluded.day}, where=OVERRIDES.c.day < noted.excluded.day
    )
    connection.execute(newer, {"key": key, "day": day})


def overridden_after(connection: Connection, keys: Collection[str], day: date) -> frozenset[str]:
    """Those of the hashes that were overridden later than a day."""
    chosen = select(OVERRIDES.c.key).where(OVERRIDES.c.key.in_(keys), OVERRIDES.c.day > day)
    return frozenset(connection.execute(chosen).scalars())


def forget_until(connection: Connection, day: date) -> None:
    """Deletes every hash up to a day."""
    for table in (REPEAT_KEYS, OVERRIDES):
        connection.execute(delete(table).where(table.c.day <= day))


def _fact(finding: Mapping[str, Any]) -> list[Any]:
    if finding.get("unit") in _TIMES:
        return [finding["name"], finding.get("date", "")]
    return [finding["name"], finding["value"], finding.get("unit", "")]
