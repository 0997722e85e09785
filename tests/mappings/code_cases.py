"""What chart holds a code of a value set, and what a finding shall make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chart_builder import (
    TERMINOLOGY,
    VOCABULARY,
    Element,
    Resource,
    coding,
    condition,
    drug,
    marker,
    mm,
    observation,
    order,
    percent,
    procedure,
    quantity,
    report,
    said,
    stated,
    study,
    vaccination,
)
from finding_examples import NET, REASON

from mappings.findings import State

Chart = tuple[Resource, ...]
Case = tuple[Callable[[Element], Chart], object]

_ORGANS = ["duodenum", "pancreas", "stomach", "jejunum_ileum", "appendix", "colon", "rectum"]
_SYNDROMES = {
    "insulinoma": "insulinoma",
    "gastrinoma": "gastrinoma",
    "glucagonoma": "glucagonoma",
    "vipoma": "vipoma",
    "somatostatinoma": "somatostatinoma",
    "verner_morrison_syndrome": "vipoma",
    "acth_secreting_tumour": "acth",
    "ectopic_acth_syndrome": "acth",
    "carcinoid_syndrome": "carcinoid-syndrome",
}
_CHOICES = {
    "tumour_function": {"function_functioning": "functioning", "function_nonfunctioning": "nonfunctioning"},
    "sstr_status": {"positive": "positive", "negative": "negative"},
    "grade": {"grade_g1": "G1", "grade_g2": "G2", "grade_g3": "G3-unspecified"},
    "differentiation": {"well_differentiated": "well", "poorly_differentiated": "poor"},
    "invasion_depth": {
        "depth_mucosa": "mucosa",
        "depth_submucosa": "submucosa",
        "depth_muscularis": "muscularis",
        "depth_beyond": "beyond",
    },
    "tumour_placement": {"placement_peripheral": "peripheral", "placement_deep": "deep"},
    "nodal_status": {"category_n0": "N0", "category_n_positive": "N+"},
    "distant_metastasis": {"category_m0": "M0", "category_m1": "M1"},
    "gastric_net_type": {f"gastric_type_{number}": number for number in ("1", "2", "3")},
}
_METASTASES = {
    "metastasis_liver": "liver",
    "metastasis_bone": "bone",
    "metastasis_lymph_node": "lymph-node",
    "metastasis_peritoneum": "peritoneum",
    "metastasis_lung": "lung",
    "metastasis_brain": "brain",
    "metastasis_other": "other",
}
_CLASSES = {
    "somatostatin_analogues": "somatostatin-analogue",
    "proton_pump_inhibitors": "proton-pump-inhibitor",
    "h2_blockers": "h2-blocker",
    "diazoxide": "diazoxide",
    "everolimus": "everolimus",
    "sunitinib": "sunitinib",
    "cabozantinib": "cabozantinib",
    "platinum": "platinum",
    "cytotoxics": "cytotoxic",
    "targeted_therapies": "targeted",
    "lutetium_prrt": "prrt",
}
_SUBSITES = {
    "site_pancreatic_head": "head",
    "site_pancreatic_body": "body",
    "site_pancreatic_tail": "tail",
    "site_ampulla": "ampulla",
    "site_periampullary": "periampullary",
}
_IMAGING = {"sstr_imaging", "abdominal_imaging", "chest_imaging", "fdg_pet", "echocardiography"}
_DONE_TO_THE_PATIENT = {
    "men1_screening",
    "endoscopic_ultrasound",
    "upper_endoscopy",
    "colonoscopy",
    "tumour_board",
}
# SNOMED CT has excess insulin only together with the insulinoma that makes it.
_OTHERWISE = {("insulinoma", "hyperinsulinism", "SNOMED CT"): "yes"}
_STEPS = [d for d in VOCABULARY.values() if d.kind.value == "step"]


def code_cases() -> Iterator[tuple[str, str, str, Chart, object]]:
    """A finding, one of its value sets, a system; the chart with its first code, and words beside; what it shows."""
    for (name, value_set), (build, expected) in CASES.items():
        seen = {member.system: member for member in reversed(TERMINOLOGY.value_sets[value_set].members)}
        for system, member in sorted(seen.items()):
            shown = _OTHERWISE.get((name, value_set, system), expected)
            yield name, value_set, system, build(coding(system, member.code, member.display)), shown


def _problem(code: Element) -> Chart:
    return (condition(code),)


def _neoplasm_at(code: Element) -> Chart:
    return ({**condition(coding("SNOMED CT", "255046005")), "bodySite": [code]},)


def _neoplasm_with_morphology(code: Element) -> Chart:
    held = condition("malignant_neoplasm_of_colon", morphology="morphology_net")
    return ({**held, "extension": [{**held["extension"][0], "valueCodeableConcept": code}]},)


def _malignancy(code: Element) -> Chart:
    return (condition(code, morphology="morphology_net"),)


def _metastasis_at(code: Element) -> Chart:
    return ({**condition(coding("ICD-10-CM", "C7B.8")), "bodySite": [code]},)


def _valued(code_set: str) -> Callable[[Element], Chart]:
    return lambda code: (observation(code_set, stated(code)),)


def _observed(value: Element) -> Callable[[Element], Chart]:
    return lambda code: (observation(code, value),)


def _tested(code: Element) -> Chart:
    return (marker(code, 250, 100),)


def _removed(code: Element) -> Chart:
    return NET, procedure(code, reason=REASON)


def _taken(code: Element) -> Chart:
    return (drug(code),)


def _sample_and_drug(code_set: str) -> Callable[[Element], Chart]:
    return lambda code: (marker(code_set, 250, 100), drug(code))


def _grew(code: Element) -> Chart:
    sizes = ((15, "2025-11-04"), (20, "2026-11-04"))
    return tuple(observation(code, mm(size), lesion="A", on=day) for size, day in sizes)


def _vaccinated(missing: str) -> Callable[[Element], Chart]:
    others = [name for name in VOCABULARY["splenectomy_vaccines"].value_sets if name != missing]
    return lambda code: (vaccination(code), *(vaccination(other) for other in others))


def _of_the_neoplasm() -> Iterator[tuple[tuple[str, str], Case]]:
    morphologies = ("morphology_net", "morphology_nen_unspecified", "morphology_nec")
    for value_set in VOCABULARY["diagnosis_status"].value_sets:
        build = _neoplasm_with_morphology if value_set in morphologies else _problem
        yield ("diagnosis_status", value_set), (build, "history" if value_set == "history_of_nen" else "active")
    for organ in _ORGANS:
        site = organ.replace("_", "-")
        yield ("primary_site", f"nen_of_{organ}"), (_problem, site)
        yield ("primary_site", f"site_{organ}"), (_neoplasm_at, site)
        if organ != "jejunum_ileum":
            yield ("primary_site", f"malignant_neoplasm_of_{organ}"), (_malignancy, site)
    yield ("primary_site", "malignant_neoplasm_of_small_intestine"), (_malignancy, "jejunum-ileum")
    yield ("primary_site", "malignant_neoplasm_of_ampulla"), (_malignancy, "duodenum")
    yield ("primary_site", "nen_of_ampulla"), (_problem, "duodenum")
    yield ("primary_site", "site_ampulla"), (_neoplasm_at, "duodenum")
    yield ("primary_site", "site_periampullary"), (_neoplasm_at, "duodenum")
    yield ("primary_site", "nen_of_unknown_primary"), (_problem, "unknown-primary")
    yield ("primary_site", "site_unknown_primary"), (_neoplasm_at, "unknown-primary")
    yield ("primary_site", "unknown_primary"), (_malignancy, "unknown-primary")
    yield ("primary_site", "nen_of_other_site"), (_problem, "other")
    yield ("primary_site", "site_other"), (_neoplasm_at, "other")
    yield ("primary_site", "insulinoma"), (_problem, "pancreas")
    yield ("primary_site", "glucagonoma"), (_problem, "pancreas")
    for value_set, subsite in _SUBSITES.items():
        yield ("primary_subsite", value_set), (_neoplasm_at, subsite)
    yield ("primary_subsite", "nen_of_ampulla"), (_problem, "ampulla")
    yield ("primary_subsite", "malignant_neoplasm_of_ampulla"), (_malignancy, "ampulla")


def _of_hormones() -> Iterator[tuple[tuple[str, str], Case]]:
    for value_set, syndrome in _SYNDROMES.items():
        yield ("functional_syndromes", value_set), (_problem, syndrome)
        yield ("suspected_syndromes", value_set), (_problem, syndrome)
    yield ("suspected_syndromes", "zollinger_ellison_syndrome"), (_problem, "gastrinoma")
    yield ("insulinoma", "insulinoma"), (_problem, "yes")
    yield ("insulinoma", "hyperinsulinism"), (_problem, State.UNKNOWN)
    yield ("gastrinoma", "gastrinoma"), (_problem, "yes")
    yield ("gastrinoma", "zollinger_ellison_syndrome"), (_problem, State.UNKNOWN)
    yield ("gastrinoma", "hypergastrinaemia"), (_problem, State.UNKNOWN)
    yield ("tumour_function", "nonfunctioning_neoplasm"), (_problem, "nonfunctioning")
    yield ("chronic_kidney_disease", "chronic_kidney_disease"), (_problem, "yes")
    yield ("men1", "men1"), (_problem, "confirmed")


def _of_steps() -> Iterator[tuple[tuple[str, str], Case]]:
    for step in _STEPS:
        for value_set in step.value_sets:
            if step.name in _IMAGING:
                yield (step.name, value_set), (lambda code: (study(code),), "done")
            elif "Immunization" in step.needs:
                yield (step.name, value_set), (lambda code: (vaccination(code),), "done")
            elif step.name in _DONE_TO_THE_PATIENT:
                yield (step.name, value_set), (lambda code: (procedure(code),), "done")
            elif step.name == "histopathology":
                yield (step.name, value_set), (lambda code: (report(code),), "done")
            else:
                yield (step.name, value_set), (_observed(percent(8)), "done")


def _of_tests() -> Iterator[tuple[tuple[str, str], Case]]:
    for marked in ("chromogranin_a", "gastrin", "hiaa"):
        for value_set in VOCABULARY[f"{marked}_elevated"].value_sets:
            yield (f"{marked}_elevated", value_set), (_tested, "yes")
    for marked in ("chromogranin_a", "gastrin"):
        name = f"{marked}_on_acid_suppression"
        yield (name, marked), (lambda code: (marker(code, 250, 100), drug("proton_pump_inhibitors")), "yes")
        for value_set in ("proton_pump_inhibitors", "h2_blockers"):
            yield (name, value_set), (_sample_and_drug(marked), "yes")


def _of_stated_values() -> Iterator[tuple[tuple[str, str], Case]]:
    for name, choices in _CHOICES.items():
        code_set = VOCABULARY[name].value_sets[0]
        chosen, expected = next(iter(choices.items()))
        yield (name, code_set), (_observed(stated(chosen)), expected)
        for value_set, meaning in choices.items():
            yield (name, value_set), (_valued(code_set), meaning)
    for definition in VOCABULARY.values():
        if definition.area == "staging" and definition.values == ("yes", "no"):
            for value_set in definition.value_sets:
                yield (definition.name, value_set), (_observed(stated(True)), "yes")
    yield ("progressive_disease", "disease_progression"), (_observed(stated("progression_worse")), "yes")
    yield ("progressive_disease", "progression_worse"), (_valued("disease_progression"), "yes")
    yield ("progressive_disease", "progression_stable"), (_valued("disease_progression"), "no")
    for edition in ("current", "outdated"):
        yield ("tnm_edition", f"tnm_edition_{edition}"), (_edition, edition)


def _edition(code: Element) -> Chart:
    return (observation("tnm_stage_group", said("IIA"), method=code),)


def _of_pathology_and_size() -> Iterator[tuple[tuple[str, str], Case]]:
    yield ("ki67_index", "ki67_index"), (_observed(percent(8)), "8 %")
    yield ("mitotic_count", "mitotic_count"), (_observed(quantity(5, "/2mm2")), "5 /(2.mm2)")
    yield ("differentiation", "neuroendocrine_carcinoma"), (_problem, "poor")
    yield ("differentiation", "well_differentiated_neoplasm"), (_problem, "well")
    yield ("differentiation", "morphology_nec"), (_neoplasm_with_morphology, "poor")
    yield ("tumour_size", "tumour_size"), (_observed(mm(12)), "12 mm")
    yield ("lesion_count", "tumour_size"), (_observed(mm(12)), "1")
    yield ("lesion_count", "invasion_depth"), (_observed(stated("depth_mucosa")), "1")
    yield ("lesion_count", "tumour_placement"), (_observed(stated("placement_deep")), "1")
    yield ("prior_tumour_size", "tumour_size"), (_grew, "15 mm")
    yield ("tumour_growth_rate", "tumour_size"), (_grew, "5 mm/a")


def _of_metastases() -> Iterator[tuple[tuple[str, str], Case]]:
    n0 = observation("n_category", stated("category_n0"))
    yield ("nodal_status", "metastasis_lymph_node"), (lambda code: (condition(code), n0), State.UNKNOWN)
    for value_set, organ in _METASTASES.items():
        yield ("metastatic_sites", value_set), (_problem, organ)
        if organ != "lymph-node":
            yield ("distant_metastasis", value_set), (_problem, State.UNKNOWN if organ == "other" else "M1")
    for organ in ("liver", "bone", "lymph-node"):
        value_set = f"site_{organ.replace('-', '_')}"
        yield ("metastatic_sites", value_set), (_metastasis_at, organ)
        yield ("distant_metastasis", value_set), (_metastasis_at, State.ABSENT if organ == "lymph-node" else "M1")


def _of_treatment() -> Iterator[tuple[tuple[str, str], Case]]:
    for value_set in VOCABULARY["primary_in_situ"].value_sets:
        yield ("primary_in_situ", value_set), (_removed, "no")
    for value_set in ("liver_resection", "liver_directed_therapy", "prrt_procedure"):
        yield ("treated", value_set), (lambda code: (procedure(code),), "yes")
    for value_set in ("somatostatin_analogues", "cytotoxics", "targeted_therapies", "lutetium_prrt"):
        yield ("treated", value_set), (lambda code: (drug(code, status="completed"),), "yes")
        yield ("systemic_therapy_started", value_set), (_taken, "yes")
    yield ("systemic_therapy_started", "prrt_procedure"), (lambda code: (procedure(code),), "yes")
    for value_set, name in _CLASSES.items():
        yield ("active_medications", value_set), (_taken, name)
    yield ("prrt_planned", "lutetium_prrt"), (_taken, "yes")
    yield ("prrt_planned", "prrt_procedure"), (lambda code: (order(code),), "yes")
    yield ("prrt_given", "lutetium_prrt"), (lambda code: (drug(code, status="completed"),), "yes")
    yield ("prrt_given", "prrt_procedure"), (lambda code: (procedure(code),), "yes")
    yield ("cholecystectomy", "cholecystectomy"), (lambda code: (procedure(code),), "yes")
    for value_set in VOCABULARY["splenectomy_vaccines"].value_sets:
        yield ("splenectomy_vaccines", value_set), (_vaccinated(value_set), "complete")


CASES: dict[tuple[str, str], Case] = {
    **dict(_of_the_neoplasm()),
    **dict(_of_hormones()),
    **dict(_of_steps()),
    **dict(_of_tests()),
    **dict(_of_stated_values()),
    **dict(_of_pathology_and_size()),
    **dict(_of_metastases()),
    **dict(_of_treatment()),
}
