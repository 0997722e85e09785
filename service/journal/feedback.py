"""Feedback on cards: read in the spelling of the specification and in Epic's, stored before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from service.errors import BadRequest, TooLarge, Unavailable
from service.journal.repeats import remember_override
from service.journal.store import Store, StoreUnavailable
from service.journal.tables import CARDS, COMMENTS, FEEDBACK
from service.receiving.shape import CHECKED_NODES, Received, check_shape
from service.schema_check import check, instant, undecodable

# Of one call. To store so many entries takes half a second, in which nobody else can store any.
MOST_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 1000
_SPELLINGS = ("overrideReason", "overrideReasons")
# A reason that a hospital set up in Epic comes in an extension; its title is one of a list, not the user's own words.
_EPIC_TITLE = "com.epic.cdshooks.feedback.overrideReason.reasonTitle"
_LONGEST = 255
_OF_CARD = ("kind", "rules", "statements", "knowledge")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a user did with a card; `comments` are the user's own words and go nowhere but into their table.

    `reasons` are codes with their systems; a reason that was set up in Epic has the words of Epic's for its code.
    """

    card: str
    outcome: str
    outcome_timestamp: datetime
    accepted: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many entries were stored, and how many of them are about cards that this service gave."""

    recorded: int
    matched: int


def read_feedback(body: Received) -> list[Entry]:
    """The entries in a body; raises BadRequest or TooLarge saying what is wrong and where."""
    check_shape(body, CHECKED_NODES)
    try:
        sent = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise undecodable(error) from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    if isinstance(entries := sent.get("feedback"), list):
        if len(entries) > MOST_ENTRIES:
            raise TooLarge(f"feedback has more than {MOST_ENTRIES} entries; it may be sent in several calls")
        sent = {"feedback": [_given(entry) for entry in entries]}
    check(sent, "feedback", "")
    return [_entry(entry) for entry in sent["feedback"]]


def store_feedback(
    entries: Sequence[Entry], service_id: str, store: Store, received_at: datetime, day: date
) -> Receipt:
    """Stores all entries or none; what is acknowledged is on disk. Raises Unavailable."""
    try:
        with store.writing() as connection:
            matched = [_store(connection, entry, service_id, received_at, day) for entry in entries]
    except StoreUnavailable:
        raise Unavailable("the feedback could not be stored; it may be sent again later") from None
    return Receipt(len(matched), sum(matched))


def _given(value: Any) -> Any:
    """An entry without what is null, down to the reason: a client that writes null has nothing to say."""
    if not isinstance(value, Mapping):
        return value
    within = (*_SPELLINGS, "reason")
    return {key: _given(v) if key in within else v for key, v in value.items() if v is not None}


def _entry(sent: Mapping[str, Any]) -> Entry:
    is_accepted = sent["outcome"] == "accepted"
    overrides = list(_overrides(sent))
    return Entry(
        card=_text(sent["card"]),
        outcome=sent["outcome"],
        outcome_timestamp=instant(sent["outcomeTimestamp"]),
        accepted=tuple(_text(s["id"]) for s in sent["acceptedSuggestions"]) if is_accepted else (),
        reasons=tuple(dict.fromkeys(reason for override in overrides for reason in _reasons(override))),
        comments=tuple(_text(o["userComment"]) for o in overrides if o.get("userComment", "").strip()),
    )


def _overrides(sent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for spelling in _SPELLINGS:
        written = sent.get(spelling, [])
        yield from written if isinstance(written, list) else [written]


def _reasons(override: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "reason" in override:
        yield _text(override["reason"]["code"]), _text(override["reason"].get("system") or "")
    extension = override.get("extension")
    title = extension.get(_EPIC_TITLE) if isinstance(extension, Mapping) else None
    if isinstance(title, str) and 0 < len(title) <= _LONGEST:
        yield _text(title), _EPIC_TITLE


def _text(sent: str) -> str:
    """A text without NUL, which PostgreSQL does not store."""
    return sent.replace("\0", "")


def _store(connection: Connection, entry: Entry, service_id: str, received_at: datetime, day: date) -> bool:
    card = connection.execute(select(CARDS).where(CARDS.c.uuid == entry.card)).mappings().one_or_none()
    stored = connection.execute(
        insert(FEEDBACK).returning(FEEDBACK.c.id),
        {
            "received_at": received_at,
            "service": service_id,
            "card": entry.card,
            "outcome": entry.outcome,
            "outcome_timestamp": entry.outcome_timestamp,
            "accepted": entry.accepted,
            "reasons": entry.reasons,
            "matched": card is not None,
            **({name: card[name] for name in _OF_CARD} if card else {}),
        },
    ).scalar_one()
    if entry.comments:
        connection.execute(insert(COMMENTS), [{"feedback": stored, "text": comment} for comment in entry.comments])
    if entry.outcome == "overridden":
        # A clock that runs ahead must not hold a card back for longer.
        remember_override(connection, entry.card, min(entry.outcome_timestamp.date(), day))
    return card is not None
