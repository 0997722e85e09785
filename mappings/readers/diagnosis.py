"""The neoplasm: status, site, subsite, hormonal syndromes, function; from the problem list and the stated function."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, agreed, disagreement, observed
from mappings.dates import months_between
from mappings.entries import Condition, Person
from mappings.findings import Evidence, Finding, absent, known, unknown
from mappings.vocabulary import Definition

_SITES = {
    "duodenum": (
        "nen_of_duodenum",
        "nen_of_ampulla",
        "malignant_neoplasm_of_duodenum",
        "malignant_neoplasm_of_ampulla",
    ),
    "pancreas": ("nen_of_pancreas", "malignant_neoplasm_of_pancreas"),
    "stomach": ("nen_of_stomach", "malignant_neoplasm_of_stomach"),
    "jejunum-ileum": ("nen_of_jejunum_ileum", "malignant_neoplasm_of_small_intestine"),
    "appendix": ("nen_of_appendix", "malignant_neoplasm_of_appendix"),
    "colon": ("nen_of_colon", "malignant_neoplasm_of_colon"),
    "rectum": ("nen_of_rectum", "malignant_neoplasm_of_rectum"),
    "other": ("nen_of_other_site",),
}
_BODY_SITES = {
    "duodenum": ("site_duodenum", "site_ampulla", "site_periampullary"),
    "pancreas": ("site_pancreas", "site_pancreatic_head", "site_pancreatic_body", "site_pancreatic_tail"),
    "stomach": ("site_stomach",),
    "jejunum-ileum": ("site_jejunum_ileum",),
    "appendix": ("site_appendix",),
    "colon": ("site_colon",),
    "rectum": ("site_rectum",),
    "unknown-primary": ("site_unknown_primary",),
    "other": ("site_other",),
}
_SUBSITES = {
    "head": "site_pancreatic_head",
    "body": "site_pancreatic_body",
    "tail": "site_pancreatic_tail",
    "ampulla": "site_ampulla",
    "periampullary": "site_periampullary",
}
SYNDROMES = {
    "insulinoma": ("insulinoma",),
    "gastrinoma": ("gastrinoma",),
    "glucagonoma": ("glucagonoma",),
    "vipoma": ("vipoma", "verner_morrison_syndrome"),
    "somatostatinoma": ("somatostatinoma",),
    "acth": ("acth_secreting_tumour", "ectopic_acth_syndrome"),
    "carcinoid-syndrome": ("carcinoid_syndrome",),
}
_HORMONE_TUMOURS = ("insulinoma", "gastrinoma", "glucagonoma", "vipoma", "somatostatinoma")
_NEOPLASM = (
    "neuroendocrine_neoplasm",
    "nen_of_unknown_primary",
    "neuroendocrine_carcinoma",
    "morphology_net",
    "morphology_nec",
    *_HORMONE_TUMOURS,
    *(sets[0] for sets in _SITES.values()),
)
_NOT_A_NET = ("goblet_cell", "morphology_goblet_cell", "mixed_neoplasm", "morphology_mixed")
_REFUTED = frozenset({"refuted", "entered-in-error"})
_SUSPECTED = frozenset({"provisional", "differential", "unconfirmed"})
_ACTIVE = frozenset({"active", "recurrence", "relapse", ""})
_RANK = ("active", "suspected", "remission", "inactive", "history")


def status_of(condition: Condition) -> str:
    """active, suspected, remission or inactive; empty for what is refuted or entered in error."""
    if condition.verification_status in _REFUTED:
        return ""
    if condition.clinical_status == "remission":
        return "remission"
    if condition.clinical_status not in _ACTIVE:
        return "inactive"
    return "suspected" if condition.verification_status in _SUSPECTED else "active"


def neoplasms(chart: Chart) -> Iterator[tuple[str, Condition]]:
    """The neuroendocrine neoplasms on the problem list with their statuses; history codes as `history`."""
    for condition in chart.record.entries(Condition, "Condition"):
        status = status_of(condition)
        if not status or condition.is_a(*_NOT_A_NET):
            continue
        if condition.is_a("history_of_nen"):
            yield "history", condition
        elif condition.is_a(*_NEOPLASM):
            yield status, condition


def evidence_of(condition: Condition, element: str = "code") -> Evidence:
    """The evidence that a problem is."""
    named = condition.code if str(condition.code) else next(iter(condition.morphologies), condition.code)
    return Evidence(condition.reference, element, condition.date, str(named), condition.code.by_text)


def problem_status(chart: Chart, *value_sets: str) -> tuple[list[Condition], list[Condition], list[Condition]]:
    """The problems of some value sets: confirmed and active, suspected and active, refuted."""
    confirmed, suspected, refuted = [], [], []
    for condition in chart.record.entries(Condition, "Condition"):
        if condition.is_a(*value_sets):
            match status_of(condition):
                case "active":
                    confirmed.append(condition)
                case "suspected":
                    suspected.append(condition)
                case "" if condition.verification_status == "refuted":
                    refuted.append(condition)
    return confirmed, suspected, refuted


def read_diagnosis_status(chart: Chart, definition: Definition) -> Finding:
    """Condition.clinicalStatus and verificationStatus; of several neoplasms the one that matters most now."""
    held = list(neoplasms(chart))
    for status in _RANK:
        evidence = tuple(evidence_of(c) for s, c in held if s == status)
        if evidence:
            return known(definition.name, status, evidence)
    return chart.absence(definition)


def read_primary_site(chart: Chart, definition: Definition) -> Finding:
    """Condition.code, else Condition.bodySite, of the neoplasms of the leading status; a known site wins."""
    sites: dict[str, list[Evidence]] = {}
    for condition in _leading(chart):
        for site in _sites_of(condition):
            sites.setdefault(site, []).append(evidence_of(condition))
    known_sites = {site: e for site, e in sites.items() if site != "unknown-primary"} or sites
    if not known_sites:
        return chart.absence(definition)
    if len(known_sites) > 1:
        return disagreement(definition.name, [Dated(s, e) for s, es in known_sites.items() for e in es])
    site, evidence = next(iter(known_sites.items()))
    return known(definition.name, site, tuple(evidence))


def read_primary_subsite(chart: Chart, definition: Definition) -> Finding:
    """Condition.bodySite of the neoplasms of the leading status, or a code that names the ampulla."""
    found: dict[str, Evidence] = {}
    for condition in _leading(chart):
        for subsite, value_set in _SUBSITES.items():
            if any(site.is_a(value_set) for site in condition.body_sites):
                found[subsite] = evidence_of(condition, "bodySite")
        if condition.is_a("nen_of_ampulla", "malignant_neoplasm_of_ampulla"):
            found["ampulla"] = evidence_of(condition)
    if len(found) > 1:
        return disagreement(definition.name, [Dated(subsite, evidence) for subsite, evidence in found.items()])
    for subsite, evidence in found.items():
        return known(definition.name, subsite, (evidence,))
    return chart.absence(definition)


def read_functional_syndromes(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology, confirmed and active."""
    return _syndromes(chart, definition, suspected=())


def read_suspected_syndromes(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology, confirmed or suspected; Zollinger-Ellison suspects a gastrinoma."""
    return _syndromes(chart, definition, suspected=("zollinger_ellison_syndrome",))


def read_insulinoma(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology; excess insulin without a named cause leaves it open."""
    confirmed, suspected, _ = problem_status(chart, "insulinoma")
    if confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, confirmed)))
    if suspected:
        return known(definition.name, "suspected", tuple(map(evidence_of, suspected)))
    states = [c for group in problem_status(chart, "hyperinsulinism")[:2] for c in group]
    if states:
        return unknown(
            definition.name, "excess insulin is on record without its cause", tuple(map(evidence_of, states))
        )
    return chart.no_or_unknown(definition)


def read_gastrinoma(chart: Chart, definition: Definition) -> Finding:
    """Confirmed as Condition; excluded by a stated lack of function or a normal gastrin, if nothing suspects it."""
    confirmed, suspected, _ = problem_status(chart, "gastrinoma")
    if confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, confirmed)))
    groups = problem_status(chart, "zollinger_ellison_syndrome", "hypergastrinaemia")
    open_questions = [*suspected, *groups[0], *groups[1]]
    if open_questions:
        return unknown(definition.name, "suspected and not settled", tuple(map(evidence_of, open_questions)))
    for name, value in (("tumour_function", "nonfunctioning"), ("gastrin_elevated", "no")):
        if chart.findings[name].value == value:
            return known(definition.name, "no", chart.findings[name].evidence)
    gap = chart.gap(definition)
    return unknown(definition.name, gap) if gap else absent(definition.name)


def read_tumour_function(chart: Chart, definition: Definition) -> Finding:
    """The Observation that states it, by its latest value; where none does, a confirmed syndrome means functioning."""
    stated = [
        Dated(value, observed(observation, part.reading, str(part.reading.concept)))
        for observation, part in chart.results("tumour_function")
        if part.reading.concept is not None
        for value in ("functioning", "nonfunctioning")
        if part.reading.concept.is_a(f"function_{value}")
    ]
    syndromes = chart.findings["functional_syndromes"]
    if syndromes.value:
        shown = [Dated("functioning", evidence) for evidence in syndromes.evidence]
        denied = [d for d in stated if d.value == "nonfunctioning"]
        return disagreement(definition.name, [*shown, *denied]) if denied else _first(definition, stated or shown)
    return agreed(definition, stated, lambda: chart.absence(definition))


def read_chronic_kidney_disease(chart: Chart, definition: Definition) -> Finding:
    """Condition.code, confirmed and active."""
    confirmed, _, _ = problem_status(chart, "chronic_kidney_disease")
    if confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, confirmed)))
    return chart.no_or_unknown(definition)


def read_age(chart: Chart, definition: Definition) -> Finding:
    """Patient.birthDate to the day of the request; a year alone gives an interval."""
    for person in chart.record.entries(Person, "Patient"):
        if person.birth_date is not None:
            youngest = months_between(person.birth_date.latest, chart.today) // 12
            oldest = months_between(person.birth_date.earliest, chart.today) // 12
            evidence = Evidence(person.reference, "birthDate", None, "")
            return known(definition.name, Amount(youngest, oldest, "a"), (evidence,))
    return chart.absence(definition)


def _first(definition: Definition, values: list[Dated[str]]) -> Finding:
    return known(definition.name, values[0].value, tuple(d.evidence for d in values))


def _leading(chart: Chart) -> list[Condition]:
    status = chart.findings["diagnosis_status"].value
    return [condition for s, condition in neoplasms(chart) if s == status]


def _sites_of(condition: Condition) -> Iterator[str]:
    coded = [site for site, sets in _SITES.items() if condition.is_a(*sets)]
    stated = [site for site, sets in _BODY_SITES.items() if any(s.is_a(*sets) for s in condition.body_sites)]
    if coded or stated:
        yield from dict.fromkeys(coded + stated)
    elif condition.is_a("unknown_primary"):
        yield "unknown-primary"
    elif condition.is_a("insulinoma", "glucagonoma"):
        yield "pancreas"


def _syndromes(chart: Chart, definition: Definition, suspected: tuple[str, ...]) -> Finding:
    found: dict[str, list[Evidence]] = {}
    for name, value_sets in SYNDROMES.items():
        extra = suspected if name == "gastrinoma" else ()
        confirmed, provisional, _ = problem_status(chart, *value_sets, *extra)
        conditions = confirmed + provisional if suspected else confirmed
        if conditions:
            found[name] = [evidence_of(c) for c in conditions]
    gap = chart.gap(definition)
    if gap and not found:
        return unknown(definition.name, gap)
    evidence = tuple(e for group in found.values() for e in group)
    return known(definition.name, frozenset(found), evidence, complete=not gap)


READERS = {
    "diagnosis_status": read_diagnosis_status,
    "primary_site": read_primary_site,
    "primary_subsite": read_primary_subsite,
    "functional_syndromes": read_functional_syndromes,
    "suspected_syndromes": read_suspected_syndromes,
    "insulinoma": read_insulinoma,
    "gastrinoma": read_gastrinoma,
    "tumour_function": read_tumour_function,
    "chronic_kidney_disease": read_chronic_kidney_disease,
    "age": read_age,
}
