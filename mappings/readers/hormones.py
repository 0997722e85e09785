"""What the tumour makes: hormonal syndromes, insulinoma, gastrinoma, and function as clinicians state it."""

from __future__ import annotations

from mappings.chart import Chart, Dated, disagreement, newest, not_before
from mappings.evidence import evidence_of
from mappings.findings import Finding, State, known, unknown
from mappings.readers.problems import problems_of
from mappings.readers.stated import latest_stated, stated
from mappings.vocabulary import Definition

# Insulinomas begin in the pancreas and now and then in the duodenum; the rest of the gut does not make them.
_WITHOUT_INSULIN = ("stomach", "jejunum-ileum", "appendix", "colon", "rectum")


def read_functional_syndromes(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology, confirmed and active."""
    found = {name: problems_of(chart, *sets).confirmed for name, sets in definition.meanings.items()}
    return chart.set_of(definition, {name: map(evidence_of, held) for name, held in found.items()})


def read_suspected_syndromes(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology, confirmed or suspected; Zollinger-Ellison suspects a gastrinoma.

    An insulinoma in remission counts: what is left of it may be unmasked.
    """
    found = {name: problems_of(chart, *sets) for name, sets in definition.meanings.items()}
    held = {name: problems.confirmed + problems.suspected for name, problems in found.items()}
    held["insulinoma"] += problems_of(chart, "insulinoma").in_remission
    return chart.set_of(definition, {name: map(evidence_of, group) for name, group in held.items()})


def read_insulinoma(chart: Chart, definition: Definition) -> Finding:
    """Condition.code or its morphology; one in remission is suspected still.

    Excess insulin leaves it open, as does a functioning tumour whose hormone nobody names, unless it began in a part
    of the gut that makes no insulin.
    """
    insulinoma = problems_of(chart, "insulinoma")
    if insulinoma.confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, insulinoma.confirmed)))
    if suspected := insulinoma.suspected + insulinoma.in_remission:
        return known(definition.name, "suspected", tuple(map(evidence_of, suspected)))
    excess = problems_of(chart, "hyperinsulinism")
    if states := excess.confirmed + excess.suspected:
        return unknown(
            definition.name, "excess insulin is on record without its cause", tuple(map(evidence_of, states))
        )
    function = chart.findings["tumour_function"]
    unnamed = function.value == "functioning" and not chart.findings["functional_syndromes"].value
    if unnamed and chart.findings["primary_site"].value not in _WITHOUT_INSULIN:
        return unknown(definition.name, "the tumour is functioning and its hormone is not named", function.evidence)
    return chart.no_or_unknown(definition)


def read_gastrinoma(chart: Chart, definition: Definition) -> Finding:
    """Confirmed as Condition; excluded by a stated lack of function or a normal gastrin, if nothing suspects it.

    A raised gastrin suspects it, unless the lack of function was stated later.
    """
    gastrinoma = problems_of(chart, "gastrinoma")
    if gastrinoma.confirmed:
        return known(definition.name, "yes", tuple(map(evidence_of, gastrinoma.confirmed)))
    excess = problems_of(chart, "zollinger_ellison_syndrome", "hypergastrinaemia")
    open_questions = tuple(map(evidence_of, gastrinoma.suspected + excess.confirmed + excess.suspected))
    function, gastrin = chart.findings["tumour_function"], chart.findings["gastrin_elevated"]
    if gastrin.value == "yes" and not (function.value == "nonfunctioning" and not_before(function.date, gastrin.date)):
        open_questions += gastrin.evidence
    if open_questions:
        return unknown(definition.name, "suspected and not settled", open_questions)
    for finding, excluding in ((function, "nonfunctioning"), (gastrin, "no")):
        if finding.value == excluding:
            return known(definition.name, "no", finding.evidence)
    for finding in (function, gastrin):
        if finding.state is State.UNKNOWN:
            return unknown(definition.name, finding.reason, finding.evidence, finding.conflicts)
    return chart.absence(definition)


def read_tumour_function(chart: Chart, definition: Definition) -> Finding:
    """The Observation or the confirmed diagnosis that states it, by the latest; a confirmed syndrome means functioning.

    A syndrome overrides an earlier statement that the tumour is non-functioning; a later one contradicts it.
    """
    named = problems_of(chart, "nonfunctioning_neoplasm").confirmed
    diagnosed = [Dated("nonfunctioning", evidence_of(condition)) for condition in named]
    latest = newest([*stated(chart, "tumour_function", definition.meanings), *diagnosed])
    syndromes = chart.findings["functional_syndromes"]
    if syndromes.evidence and not syndromes.is_known:
        return unknown(definition.name, syndromes.reason, syndromes.evidence, syndromes.conflicts)
    shown = [Dated("functioning", evidence) for evidence in syndromes.evidence]
    if not shown:
        return latest_stated(chart, definition, latest)
    denied = [
        d
        for d in latest
        if d.value == "nonfunctioning" and any(not_before(d.evidence.date, s.evidence.date) for s in shown)
    ]
    if denied:
        return disagreement(definition.name, [*shown, *denied])
    stating = [d for d in latest if d.value == "functioning"]
    return known(definition.name, "functioning", tuple(d.evidence for d in [*stating, *shown]))


READERS = {
    "functional_syndromes": read_functional_syndromes,
    "suspected_syndromes": read_suspected_syndromes,
    "insulinoma": read_insulinoma,
    "gastrinoma": read_gastrinoma,
    "tumour_function": read_tumour_function,
}
