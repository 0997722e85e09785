"""The neoplasm: whether there is one, where it began; with what else the problem list and the patient's age say."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mappings.amounts import Amount
from mappings.chart import Chart, Dated, disagreement
from mappings.dates import months_between
from mappings.entries import HORMONE_PRODUCING, Condition, Person
from mappings.evidence import evidence_of
from mappings.findings import Evidence, Finding, known, unknown
from mappings.readers.problems import problems_of
from mappings.vocabulary import Definition, find

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
# What is neuroendocrine by its name; a malignant neoplasm of an organ is so only by a morphology beside it.
_NEOPLASM = (
    "neuroendocrine_neoplasm",
    "nen_of_unknown_primary",
    "neuroendocrine_carcinoma",
    "morphology_net",
    "morphology_nen_unspecified",
    *HORMONE_PRODUCING,
    "nen_of_duodenum",
    "nen_of_pancreas",
    "nen_of_stomach",
    "nen_of_jejunum_ileum",
    "nen_of_appendix",
    "nen_of_colon",
    "nen_of_rectum",
    "nen_of_other_site",
)
_NOT_A_NET = ("goblet_cell", "morphology_goblet_cell", "mixed_neoplasm", "morphology_mixed")
_RANK = ("active", "suspected", "remission", "inactive", "history")


def neoplasms(chart: Chart) -> Iterator[tuple[str, Condition]]:
    """The neuroendocrine neoplasms on the problem list with their statuses; history codes as `history`."""
    for condition in chart.record.entries(Condition, "Condition"):
        if condition.state in ("refuted", "") or condition.is_a(*_NOT_A_NET):
            continue
        if condition.is_a("history_of_nen"):
            yield "history", condition
        elif is_neuroendocrine(condition):
            yield condition.state, condition


def leading(chart: Chart) -> tuple[str, list[Condition]]:
    """The status that matters most now among the neoplasms, and those that have it."""
    held = list(neoplasms(chart))
    status = next((rank for rank in _RANK if any(s == rank for s, _ in held)), "")
    return status, [condition for s, condition in held if s == status]


def is_neuroendocrine(condition: Condition) -> bool:
    """Whether it is a neuroendocrine neoplasm.

    A carcinoma by its morphology alone needs a site: a small cell carcinoma of the lung has the same one.
    """
    if condition.is_a(*_NEOPLASM):
        return True
    return condition.is_a("morphology_nec") and any(site != "other" for site in sites_of(condition))


def sites_of(condition: Condition) -> tuple[str, ...]:
    """The organs that a neoplasm's code and body sites name as its primary site.

    The code of a hormone-producing tumour says pancreas where nobody looked; its body site, if given, says where it is.
    """
    coded = [site for site, sets in _SITES.items() if condition.is_a(*sets)]
    named = frozenset[str]().union(*(body_site.sets for body_site in condition.body_sites))
    stated = [site for site, sets in _BODY_SITES.items() if not named.isdisjoint(sets)] if named else []
    if stated and condition.is_a(*HORMONE_PRODUCING):
        return tuple(stated)
    if coded or stated:
        return tuple(dict.fromkeys(coded + stated))
    if condition.is_a("unknown_primary", "nen_of_unknown_primary"):
        return ("unknown-primary",)
    return ("pancreas",) if condition.is_a("insulinoma", "glucagonoma") else ()


def metastases_in(chart: Chart) -> list[str]:
    """The value sets of metastases, of whatever organ."""
    return [name for names in find(chart.vocabulary, "metastatic_sites").meanings.values() for name in names]


def read_diagnosis_status(chart: Chart, definition: Definition) -> Finding:
    """Condition.clinicalStatus and verificationStatus; of several neoplasms the one that matters most now.

    A metastasis that its code calls neuroendocrine means that there is a neoplasm, even if the list does not name it.
    In whatever code its metastases are, one that the list calls suspected is so until the list says otherwise, and one
    in remission is active again; a metastasis that is only suspected changes neither.
    """
    held = list(neoplasms(chart))
    is_in_remission = any(status == "remission" for status, _ in held)
    metastases = metastases_in(chart) if is_in_remission else ()
    spread = problems_of(chart, "secondary_neuroendocrine_neoplasm", *metastases)
    proven = "suspected" if any(status == "suspected" for status, _ in held) else "active"
    held += [(proven, c) for c in spread.confirmed]
    held += [] if is_in_remission else [("suspected", c) for c in spread.suspected]
    for status in _RANK:
        evidence = tuple(dict.fromkeys(evidence_of(c) for s, c in held if s == status))
        if evidence:
            return known(definition.name, status, evidence)
    return chart.absence(definition)


def read_primary_site(chart: Chart, definition: Definition) -> Finding:
    """Condition.code and Condition.bodySite of the neoplasms of the leading status; a known site wins over unknown.

    Of several known sites none is the one, since sizes and grades do not say of which tumour they are; but what holds
    for each of them holds.
    """
    sites: dict[str, list[Evidence]] = {}
    for condition in leading(chart)[1]:
        for site in sites_of(condition):
            sites.setdefault(site, []).append(evidence_of(condition))
    known_sites = {site: e for site, e in sites.items() if site != "unknown-primary"} or sites
    if not known_sites:
        return chart.absence(definition)
    if len(known_sites) > 1:
        torn = disagreement(definition.name, [Dated(s, e) for s, es in known_sites.items() for e in es])
        return replace(torn, among=frozenset(known_sites))
    site, evidence = next(iter(known_sites.items()))
    return known(definition.name, site, tuple(evidence))


def read_primary_subsite(chart: Chart, definition: Definition) -> Finding:
    """Condition.bodySite of the neoplasms of the leading status, or a code that names the ampulla.

    The ampulla lies in the periampullary region: of the two the ampulla says more.
    """
    found: dict[str, Evidence] = {}
    for condition in leading(chart)[1]:
        for subsite, value_sets in definition.meanings.items():
            if any(site.is_a(*value_sets) for site in condition.body_sites):
                found[subsite] = replace(evidence_of(condition), element="bodySite")
        if condition.is_a("nen_of_ampulla", "malignant_neoplasm_of_ampulla"):
            found["ampulla"] = evidence_of(condition)
    if "ampulla" in found:
        found.pop("periampullary", None)
    if len(found) > 1:
        return disagreement(definition.name, [Dated(subsite, evidence) for subsite, evidence in found.items()])
    for subsite, evidence in found.items():
        return known(definition.name, subsite, (evidence,))
    return chart.absence(definition)


def read_chronic_kidney_disease(chart: Chart, definition: Definition) -> Finding:
    """Condition.code, confirmed and active; a suspicion leaves it open."""
    disease = problems_of(chart, "chronic_kidney_disease")
    if disease.confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, disease.confirmed)))
    if disease.suspected:
        return unknown(definition.name, "suspected and not settled", tuple(map(evidence_of, disease.suspected)))
    return chart.no_or_unknown(definition)


def read_age(chart: Chart, definition: Definition) -> Finding:
    """Patient.birthDate to the day of the request; a year alone gives an interval."""
    for person in chart.record.entries(Person, "Patient"):
        if person.birth_date is not None and person.birth_date.earliest <= chart.today:
            youngest = months_between(min(person.birth_date.latest, chart.today), chart.today) // 12
            oldest = months_between(person.birth_date.earliest, chart.today) // 12
            evidence = Evidence(person.reference, "birthDate", None, "")
            return known(definition.name, Amount(youngest, oldest, "a"), (evidence,))
    return chart.absence(definition)


READERS = {
    "diagnosis_status": read_diagnosis_status,
    "primary_site": read_primary_site,
    "primary_subsite": read_primary_subsite,
    "chronic_kidney_disease": read_chronic_kidney_disease,
    "age": read_age,
}
