"""The tables of the database: what is counted, what was answered, what came back; nothing about a patient."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator


class Ids(TypeDecorator[Sequence[str]]):
    """Some ids in their order, as JSON text: comparable in every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As it is stored."""
        return None if value is None else json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        """As it is read."""
        return None if value is None else tuple(json.loads(value))


class Pairs(TypeDecorator[Sequence[tuple[str, str]]]):
    """Some pairs of words in their order, as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[tuple[str, str]] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As it is stored."""
        return json.dumps([list(pair) for pair in value or ()], ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        """As it is read."""
        return tuple((first, second) for first, second in json.loads(value or "[]"))


class Instant(TypeDecorator[datetime]):
    """A point in time, in UTC also where a database keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As it is stored."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it is read."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


METADATA = MetaData()

# How often a rule came to an outcome on a day: recommend, silent, undetermined; shown is once for each card.
EVALUATIONS = Table(
    "evaluations",
    METADATA,
    Column("rule", String(255), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("knowledge", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)

# The cards that were answered, so that feedback can be held against them.
CARDS = Table(
    "cards",
    METADATA,
    Column("uuid", String(255), primary_key=True),
    Column("service", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("rules", Ids, nullable=False),
    Column("statements", Ids, nullable=False),
    Column("knowledge", String(64), nullable=False),
    Column("day", Date, nullable=False, index=True),
)

# What users did with a card; kind, rules, statements and knowledge are copied from the card where it is known.
FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("received_at", Instant, nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("card", String(255), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("outcome_timestamp", Instant, nullable=False),
    Column("accepted", Ids, nullable=False),
    Column("matched", Boolean, nullable=False),
    Column("kind", String(64)),
    Column("rules", Ids),
    Column("statements", Ids),
    Column("knowledge", String(64)),
    Column("reasons", Pairs, nullable=False, server_default="[]"),
)

# Free text, apart from everything else, so that it can be deleted by itself.
COMMENTS = Table(
    "comments",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("feedback", ForeignKey("feedback.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False),
)

# Which keyed hash a card has, and which hashes were overridden when; both only while repeats are held back.
REPEAT_KEYS = Table(
    "repeat_keys",
    METADATA,
    Column("card", String(255), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("day", Date, nullable=False, index=True),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("day", Date, nullable=False, index=True),
)

# How many cards were held back.
HELD_BACK = Table(
    "held_back",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("rules", Ids, primary_key=True),
    Column("knowledge", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)

# Hashes of tokens that were used, until they expire; written where the database is one that machines share.
USED_TOKENS = Table(
    "used_tokens",
    METADATA,
    Column("token", String(64), primary_key=True),
    Column("until", Double, nullable=False, index=True),
)
