"""The vocabulary of findings: the names that rules may use, what each means and which values it can have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from mappings.errors import DefinitionError, UnknownName, place_of
from mappings.order_classes import order_classes
from mappings.tables import Keys, positive, read_tables

_STEP_WORDS = {"done": "done", "ordered": "on order", "absent": "not found and not on order"}
STEP_VALUES = tuple(_STEP_WORDS)
_HERE = Path(__file__).parent / "vocabulary"
_REQUIRED: Keys = {"label": str, "meaning": str, "kind": str, "needs": list}
_LISTS = ("values", "also", "value_sets", "steps", "statements", "tells")
_TEXTS = ("unit", "most", "order", "lasting")
_TABLES = ("meanings", "words")
_OPTIONAL: Keys = {**dict.fromkeys(_LISTS, list), **dict.fromkeys(_TEXTS, str), **dict.fromkeys(_TABLES, dict)}


class Kind(Enum):
    """What the value of a finding is."""

    CATEGORY = "category"
    AMOUNT = "amount"
    SET = "set"
    STEP = "step"


_KINDS = tuple(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Definition:
    """A finding that rules may name.

    `needs` are the resource types whose search must have been complete before absence is claimed,
    `also` further types that count where they were sent; `order` is the value set in which a step is ordered;
    `steps` are the steps from whose dates a time is counted; an amount above `most` is a slip of number or unit;
    `lasting` is the value that nothing more on record can overturn; `tells` are the findings that are computed from it;
    `words` are what a card calls each value.
    `value_sets` are all that it reads: first those that tell what it is about, then those of its `meanings`, each value
    with the sets whose codes mean it; it has none where its values are not told from codes alone.
    """

    name: str
    area: str
    label: str
    meaning: str
    kind: Kind
    values: tuple[str, ...]
    unit: str
    needs: tuple[str, ...]
    also: tuple[str, ...]
    value_sets: tuple[str, ...]
    order: str | None
    steps: tuple[str, ...]
    statements: tuple[str, ...]
    most: Decimal | None = None
    lasting: str = ""
    tells: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def in_words(self, value: str) -> str:
        """One value that the finding can have, as people say it."""
        return self.words.get(value, value)

    @property
    def resources(self) -> tuple[str, ...]:
        """Every resource type that this finding reads."""
        return self.needs + self.also


Vocabulary = Mapping[str, Definition]


def load_vocabulary(folder: Path = _HERE) -> Vocabulary:
    """Every finding by name; raises DefinitionError naming file and key."""
    definitions: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")):
        for name, table in read_tables(path, _REQUIRED, _OPTIONAL).items():
            if name in definitions:
                raise DefinitionError(f"{place_of(path)}: {name}: also defined in {definitions[name].area}.toml")
            definitions[name] = _definition(name, table, path)
    steps = {d.name: in_a_sentence(d.label) for d in definitions.values() if d.kind is Kind.STEP}
    return {name: _with_order_classes(_with_steps(d, steps)) for name, d in definitions.items()}


def find(vocabulary: Vocabulary, name: str) -> Definition:
    """The definition of a finding; raises UnknownName."""
    try:
        return vocabulary[name]
    except KeyError:
        raise UnknownName(f"no finding called {name!r}") from None


@cache
def in_a_sentence(label: str) -> str:
    """A label of our files as it stands inside a sentence: `tumour size`, but `MEN1` and `Ki-67`."""
    first = label.split(maxsplit=1)[0]
    return label if any(c.isupper() or c.isdigit() for c in first[1:]) else label[0].lower() + label[1:]


def _definition(name: str, table: Mapping[str, Any], path: Path) -> Definition:
    place = f"{place_of(path)}: {name}"
    if table["kind"] not in _KINDS:
        raise DefinitionError(f"{place}: kind: expected {', '.join(_KINDS)}, not {table['kind']!r}")
    kind = Kind(table["kind"])
    meanings = _meanings(table, place)
    values = STEP_VALUES if kind is Kind.STEP else tuple(table.get("values", meanings))
    return Definition(
        name=name,
        area=path.stem,
        label=table["label"],
        meaning=table["meaning"],
        kind=kind,
        values=values,
        unit=table.get("unit", ""),
        needs=tuple(table["needs"]),
        also=tuple(table.get("also", ())),
        value_sets=tuple(dict.fromkeys(chain(table.get("value_sets", ()), *meanings.values()))),
        order=table.get("order"),
        steps=tuple(table.get("steps", ())),
        statements=tuple(table.get("statements", ())),
        most=positive(table["most"], f"{place}: most") if "most" in table else None,
        lasting=table.get("lasting", ""),
        tells=tuple(table.get("tells", ())),
        meanings=meanings,
        words=_words(kind, values, table.get("words", {}), place),
    )


def _meanings(table: Mapping[str, Any], place: str) -> Mapping[str, tuple[str, ...]]:
    told = table.get("meanings", {})
    if told and "values" in table:
        raise DefinitionError(f"{place}: values: they are those of its meanings")
    for value, names in told.items():
        if not isinstance(names, list) or not names:
            raise DefinitionError(f"{place}: meanings: {value}: expected a list of value sets")
    return {value: tuple(names) for value, names in told.items()}


def _words(kind: Kind, values: Collection[str], told: Mapping[str, object], place: str) -> Mapping[str, str]:
    """Each value in the words that the file has for it, else as it is; in a set its hyphens are blanks."""
    words = {value: word for value, word in told.items() if value in values and isinstance(word, str)}
    if wrong := [value for value in told if value not in words]:
        raise DefinitionError(f"{place}: words: {wrong[0]}: expected a value of the finding, and its words as text")
    if kind is Kind.STEP:
        return {**_STEP_WORDS, **words}
    return {value: words.get(value, value.replace("-", " ") if kind is Kind.SET else value) for value in values}


def _with_steps(definition: Definition, steps: Mapping[str, str]) -> Definition:
    """Its values and their words where it has the steps."""
    return replace(definition, values=tuple(steps), words=steps) if definition.values == ("*steps",) else definition


def _with_order_classes(definition: Definition) -> Definition:
    """Its values and value sets where it has those of the classes of orders."""
    if definition.values != ("*order_classes",):
        return definition
    classes = order_classes().values()
    read = [name for one in classes for name in one.value_sets]
    value_sets = [n for name in definition.value_sets for n in (read if name == "*order_classes" else [name])]
    return replace(
        definition,
        values=tuple(one.name for one in classes),
        value_sets=tuple(dict.fromkeys(value_sets)),
        words={one.name: one.words for one in classes},
    )
