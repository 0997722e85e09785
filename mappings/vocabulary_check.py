"""Whether the vocabulary fits what it names: types that are read, value sets, units, steps, its own values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.errors import DefinitionError, UnknownName
from mappings.screening.types import READ_TYPES
from mappings.units import usual_units
from mappings.value_sets import Terminology
from mappings.vocabulary import Definition, Kind, Vocabulary


def check_vocabulary(vocabulary: Vocabulary, terminology: Terminology) -> None:
    """Raises DefinitionError, naming file, finding and key, where a finding could not be read as it is defined."""
    for definition in vocabulary.values():
        for fault in (
            *_faults_of_values(definition),
            *_faults_of_names(definition, vocabulary, terminology),
            *_faults_of_order(definition, terminology),
        ):
            raise DefinitionError(f"vocabulary/{definition.area}.toml: {definition.name}: {fault}")


def _faults_of_values(definition: Definition) -> Iterator[str]:
    is_amount = definition.kind is Kind.AMOUNT
    if is_amount and definition.unit not in usual_units():
        yield f"unit: {definition.unit!r} is not in usual_units.toml"
    if is_amount and definition.values:
        yield "values: an amount has none"
    if not is_amount and (definition.unit or definition.most is not None):
        yield f"{'unit' if definition.unit else 'most'}: only an amount has one"
    if not is_amount and not definition.values:
        yield "values: expected at least one"
    if len(set(definition.values)) < len(definition.values):
        yield "values: one stands twice"
    if definition.lasting and definition.lasting not in definition.values:
        yield f"lasting: {definition.lasting!r} is not among its values"


def _faults_of_names(definition: Definition, vocabulary: Vocabulary, terminology: Terminology) -> Iterator[str]:
    yield from _unknown("needs", "type that is read", definition.needs, READ_TYPES)
    yield from _unknown("also", "type that is read", definition.also, READ_TYPES)
    yield from _unknown("value_sets", "value set", definition.value_sets, terminology.value_sets)
    steps = {name for name, held in vocabulary.items() if held.kind is Kind.STEP}
    yield from _unknown("steps", "step", definition.steps, steps)
    yield from _unknown("tells", "finding", definition.tells, vocabulary)


def _faults_of_order(definition: Definition, terminology: Terminology) -> Iterator[str]:
    """An order has a code, and by that code the step is counted as ordered."""
    if definition.order is None:
        return
    if definition.kind is not Kind.STEP:
        yield "order: only a step can be ordered"
    try:
        code = terminology.preferred(definition.order)
    except UnknownName as error:
        yield f"order: {error}"
        return
    if terminology.of_code(code.system, code.code).isdisjoint(definition.value_sets):
        yield f"order: {code.code}, by which {definition.order} is ordered, is in none of its value sets"


def _unknown(key: str, thing: str, names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    yield from (f"{key}: no {thing} called {name!r}" for name in names if name not in known)
