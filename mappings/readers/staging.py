"""Staging: size by lesion, depth, placement, nodes, metastases, stage, and what clinicians state of the course."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mappings.amounts import Amount, largest
from mappings.chart import Chart, Dated, agreed, disagreement, newest, observed
from mappings.dates import months_between
from mappings.entries import Concept, Condition, Observation
from mappings.findings import Evidence, Finding, State, known, unknown
from mappings.readers.amounts import conflicts_of, measured
from mappings.readers.diagnosis import evidence_of, problem_status
from mappings.vocabulary import Definition, find

_DEPTHS = ("mucosa", "submucosa", "muscularis", "beyond")
_DISTANT = ("liver", "bone", "peritoneum", "lung", "brain")
METASTASES = {
    "liver": "metastasis_liver",
    "bone": "metastasis_bone",
    "lymph-node": "metastasis_lymph_node",
    "peritoneum": "metastasis_peritoneum",
    "lung": "metastasis_lung",
    "brain": "metastasis_brain",
    "other": "metastasis_other",
}
_ORGANS = {"liver": "site_liver", "bone": "site_bone", "lymph-node": "site_lymph_node"}


@dataclass(frozen=True, slots=True)
class _Growth:
    earlier: Amount
    rate: Decimal
    evidence: tuple[Evidence, ...]


def read_tumour_size(chart: Chart, definition: Definition) -> Finding:
    """Observation.value or its component, each lesion by its latest final measurement; the largest lesion counts."""
    sizes: list[Dated[Amount]] = []
    for readings in _by_lesion(chart, definition).values():
        latest = newest(readings)
        unread = [d.evidence for d in latest if d.value is None]
        if unread:
            return unknown(definition.name, "a size could not be read", tuple(unread), conflicts_of(unread))
        sizes.extend(Dated(d.value, d.evidence) for d in latest if d.value is not None)
    if not sizes:
        return chart.absence(definition)
    return known(definition.name, largest([d.value for d in sizes]), tuple(d.evidence for d in sizes))


def read_lesion_count(chart: Chart, definition: Definition) -> Finding:
    """Distinct identities among size, depth and placement; observations without one count as a single lesion."""
    lesions: dict[str, Evidence] = {}
    for value_set in definition.value_sets:
        for observation, part in chart.results(value_set):
            lesions.setdefault(observation.lesion, observed(observation, part.reading, ""))
    if not lesions:
        return chart.absence(definition)
    named = {lesion for lesion in lesions if lesion} or {""}
    return known(definition.name, Amount.exactly(Decimal(len(named)), "1"), tuple(lesions.values()))


def read_prior_tumour_size(chart: Chart, definition: Definition) -> Finding:
    """The first measurement of the lesion that grew fastest."""
    growth = _fastest(chart)
    return known(definition.name, growth.earlier, growth.evidence) if growth else chart.absence(definition)


def read_tumour_growth_rate(chart: Chart, definition: Definition) -> Finding:
    """Millimetres a year between the first and the latest measurement of one lesion, if they are exact and dated."""
    growth = _fastest(chart)
    if growth is None:
        return chart.absence(definition)
    return known(definition.name, Amount.exactly(growth.rate, definition.unit), growth.evidence)


def read_invasion_depth(chart: Chart, definition: Definition) -> Finding:
    """The latest depth of each lesion; the deepest counts."""
    by_lesion: dict[str, list[Dated[str]]] = {}
    for observation, part in chart.results("invasion_depth"):
        by_lesion.setdefault(observation.lesion, []).append(
            Dated(_depth(part.reading.concept), observed(observation, part.reading, str(part.reading.concept or "")))
        )
    deepest: list[Dated[str]] = []
    for readings in by_lesion.values():
        latest = newest(readings)
        if len({d.value for d in latest}) > 1:
            return disagreement(definition.name, latest)
        if not latest[0].value:
            return _not_understood(definition, latest)
        deepest.append(latest[0])
    if not deepest:
        return chart.absence(definition)
    worst = max(deepest, key=lambda d: _DEPTHS.index(d.value))
    return known(definition.name, worst.value, (worst.evidence,))


def read_distant_metastasis(chart: Chart, definition: Definition) -> Finding:
    """The latest M category; a metastasis of a distant organ on the problem list is M1 unless a later M0 denies it."""
    categories = newest(_meanings(chart, "m_category", {"M0": "category_m0", "M1": "category_m1"}))
    shown = [Dated("M1", evidence_of(c)) for name in _DISTANT for c in _metastases(chart, name)]
    denied = [d for d in categories if d.value == "M0" and any(_not_before(d, s) for s in shown)]
    if denied:
        return disagreement(definition.name, [*denied, *shown])
    if shown:
        return known(
            definition.name, "M1", tuple(d.evidence for d in shown + [d for d in categories if d.value == "M1"])
        )
    return _agreed(chart, definition, categories)


def read_metastatic_sites(chart: Chart, definition: Definition) -> Finding:
    """Condition.code of metastases, confirmed and active."""
    found = {name: _metastases(chart, name) for name in METASTASES}
    evidence = tuple(evidence_of(condition) for group in found.values() for condition in group)
    gap = chart.gap(definition)
    if gap and not evidence:
        return unknown(definition.name, gap)
    organs = frozenset(name for name, conditions in found.items() if conditions)
    return known(definition.name, organs, evidence, complete=not gap)


def read_tnm_edition(chart: Chart, definition: Definition) -> Finding:
    """Observation.method of the latest stage group; an edition that is not named stays unknown."""
    editions = [
        Dated(value, Evidence(observation.reference, "method", observation.date, str(observation.method)))
        for observation, _ in chart.results("tnm_stage_group")
        for value in ("current", "outdated")
        if observation.method.is_a(f"tnm_edition_{value}")
    ]
    return agreed(definition, editions, lambda: chart.absence(definition))


def read_advanced_disease(chart: Chart, definition: Definition) -> Finding:
    """Yes by M1 or a stated unresectability; no by M0 where nothing states it."""
    metastasis, unresectable = chart.findings["distant_metastasis"], chart.findings["unresectable_disease"]
    if metastasis.value == "M1":
        return known(definition.name, "yes", metastasis.evidence)
    if unresectable.value == "yes":
        return known(definition.name, "yes", unresectable.evidence)
    if metastasis.value == "M0" and (unresectable.value == "no" or unresectable.state is State.ABSENT):
        return known(definition.name, "no", metastasis.evidence)
    return unknown(definition.name, "neither M category nor resectability settle it")


def read_progressive_disease(chart: Chart, definition: Definition) -> Finding:
    """The boolean that states it, or the latest course of disease; the later of the two."""
    booleans = _booleans(chart, "progressive_disease")
    course = _meanings(chart, "disease_progression", {"yes": "progression_worse", "no": "progression_stable"})
    return _agreed(chart, definition, newest([*booleans, *course]))


def read_stated_boolean(chart: Chart, definition: Definition) -> Finding:
    """The Observation that states it, as boolean or as coded yes or no; never inferred."""
    return _agreed(chart, definition, newest(_booleans(chart, definition.value_sets[0])))


def read_nodal_status(chart: Chart, definition: Definition) -> Finding:
    """The latest N category."""
    meanings = {"N0": "category_n0", "N+": "category_n_positive"}
    return _agreed(chart, definition, newest(_meanings(chart, "n_category", meanings)))


def read_tumour_placement(chart: Chart, definition: Definition) -> Finding:
    """The latest stated placement."""
    meanings = {"peripheral": "placement_peripheral", "deep": "placement_deep"}
    return _agreed(chart, definition, newest(_meanings(chart, "tumour_placement", meanings)))


def read_gastric_net_type(chart: Chart, definition: Definition) -> Finding:
    """The latest stated type."""
    meanings = {number: f"gastric_type_{number}" for number in ("1", "2", "3")}
    return _agreed(chart, definition, newest(_meanings(chart, "gastric_net_type", meanings)))


def _metastases(chart: Chart, organ: str) -> list[Condition]:
    """Confirmed metastases of an organ, by their code or, where the code names none, by their body site."""
    unnamed = problem_status(chart, METASTASES["other"])[0]
    if organ == "other":
        return [c for c in unnamed if not any(site.is_a(*_ORGANS.values()) for site in c.body_sites)]
    coded = problem_status(chart, METASTASES[organ])[0]
    named = _ORGANS.get(organ, "")
    return coded + [c for c in unnamed if any(site.is_a(named) for site in c.body_sites)]


def _agreed(chart: Chart, definition: Definition, latest: list[Dated[str]]) -> Finding:
    if latest and not all(d.value for d in latest):
        return _not_understood(definition, [d for d in latest if not d.value])
    return agreed(definition, latest, lambda: chart.absence(definition))


def _not_understood(definition: Definition, values: list[Dated[str]]) -> Finding:
    evidence = [d.evidence for d in values]
    return unknown(definition.name, "the stated value is not understood", tuple(evidence), conflicts_of(evidence))


def _meanings(chart: Chart, value_set: str, meanings: Mapping[str, str]) -> list[Dated[str]]:
    """The final results of a kind by what they mean; an empty meaning for a value that no value set knows."""
    found = []
    for observation, part in chart.results(value_set):
        if part.reading.is_empty():
            continue
        concept = part.reading.concept
        value = next((name for name, meant in meanings.items() if concept is not None and concept.is_a(meant)), "")
        if not value and concept is not None and concept.text:
            texts = chart.record.terminology.of_text(concept.text)
            value = next((name for name, meant in meanings.items() if meant in texts), "")
        found.append(Dated(value, observed(observation, part.reading, str(concept or part.reading.text))))
    return found


def _booleans(chart: Chart, value_set: str) -> list[Dated[str]]:
    found = []
    for observation, part in chart.results(value_set):
        reading = part.reading
        if reading.is_empty():
            continue
        if reading.boolean is not None:
            value = "yes" if reading.boolean else "no"
        else:
            value = next(
                (word for word in ("yes", "no") if reading.concept is not None and reading.concept.is_a(word)), ""
            )
        found.append(Dated(value, observed(observation, reading, value or str(reading.concept or reading.text))))
    return found


def _by_lesion(chart: Chart, definition: Definition) -> Mapping[str, list[Dated[Amount | None]]]:
    lesions = {observation.reference: observation.lesion for observation in _observations(chart, definition)}
    by_lesion: dict[str, list[Dated[Amount | None]]] = {}
    for size in measured(chart, definition):
        by_lesion.setdefault(lesions[size.evidence.resource], []).append(size)
    return by_lesion


def _observations(chart: Chart, definition: Definition) -> Iterator[Observation]:
    for value_set in definition.value_sets:
        for observation, _ in chart.results(value_set):
            yield observation


def _fastest(chart: Chart) -> _Growth | None:
    size = find(chart.vocabulary, "tumour_size")
    growths = [
        growth
        for lesion, sizes in _by_lesion(chart, size).items()
        if lesion and (growth := _growth([s for s in sizes if s.value is not None and s.evidence.date is not None]))
    ]
    return max(growths, key=lambda g: g.rate, default=None)


def _growth(sizes: list[Dated[Amount | None]]) -> _Growth | None:
    dated = sorted(sizes, key=lambda s: s.evidence.date.latest.toordinal() if s.evidence.date else 0)
    if len(dated) < 2:
        return None
    first, last = dated[0], dated[-1]
    one, other, start, end = first.value, last.value, first.evidence.date, last.evidence.date
    if one is None or other is None or start is None or end is None or end.earliest <= start.latest:
        return None
    if one.low is None or one.low != one.high or other.low is None or other.low != other.high:
        return None
    years = months_between(start.latest, end.earliest) / 12
    return _Growth(one, ((other.low - one.low) / years).quantize(Decimal("0.1")), (first.evidence, last.evidence))


def _depth(concept: Concept | None) -> str:
    return next((depth for depth in _DEPTHS if concept is not None and concept.is_a(f"depth_{depth}")), "")


def _not_before(category: Dated[str], shown: Dated[str]) -> bool:
    one, other = category.evidence.date, shown.evidence.date
    return one is None or other is None or one.latest >= other.earliest


READERS = {
    "tumour_size": read_tumour_size,
    "lesion_count": read_lesion_count,
    "prior_tumour_size": read_prior_tumour_size,
    "tumour_growth_rate": read_tumour_growth_rate,
    "invasion_depth": read_invasion_depth,
    "tumour_placement": read_tumour_placement,
    "nodal_status": read_nodal_status,
    "distant_metastasis": read_distant_metastasis,
    "metastatic_sites": read_metastatic_sites,
    "tnm_edition": read_tnm_edition,
    "gastric_net_type": read_gastric_net_type,
    "advanced_disease": read_advanced_disease,
    "progressive_disease": read_progressive_disease,
    **dict.fromkeys(
        (
            "unresectable_disease",
            "local_invasion",
            "aggressive_course",
            "symptoms_or_malignant_features",
            "fit_for_surgery",
            "liver_metastases_resectable",
            "liver_metastases_multifocal",
            "liver_metastases_few",
            "liver_dominant_disease",
            "painful_bone_metastases",
            "hormone_control_documented",
        ),
        read_stated_boolean,
    ),
}
