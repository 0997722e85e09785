"""For every finding the smallest chart that shows its plain value, and what it is where nothing is on record."""

from __future__ import annotations

from dataclasses import dataclass

from chart_builder import (
    VOCABULARY,
    Resource,
    condition,
    drug,
    marker,
    mm,
    observation,
    order,
    percent,
    person,
    procedure,
    quantity,
    relative,
    report,
    said,
    stated,
    study,
    vaccination,
)

from mappings.findings import State

NET = condition("nen_of_duodenum", id="net")
REASON = "Condition/net"


@dataclass(frozen=True)
class Example:
    """A chart that shows a value, what there is without it, and a chart of the same day that says otherwise."""

    chart: tuple[Resource, ...]
    value: object
    without: object = State.ABSENT
    otherwise: tuple[Resource, ...] = ()


def shown_by(*chart: Resource, value: object, without: object = State.ABSENT) -> Example:
    """A value that the whole chart shows, and that nothing of the same day contradicts."""
    return Example(chart, value, without)


def contested(one: Resource, value: object, other: Resource) -> Example:
    """A value that one resource shows and another of the same day contradicts."""
    return Example((one,), value, State.ABSENT, (one, other))


def done(resource: Resource) -> Example:
    """A step that was done."""
    return Example((resource,), "done", "absent")


def _choice(code: str, value: str, meaning: str, other: str) -> Example:
    return contested(observation(code, stated(meaning)), value, observation(code, stated(other)))


def _yes_or_no(name: str) -> Example:
    code = VOCABULARY[name].value_sets[0]
    return contested(observation(code, stated(True)), "yes", observation(code, stated(False)))


def _raised(code: str) -> Example:
    return contested(marker(code, 250, 100), "yes", marker(code, 50, 100))


def _since(resource: Resource) -> Example:
    return Example((resource,), "6 mo", State.NOT_APPLICABLE)


_LESION_GREW = (
    observation("tumour_size", mm(15), lesion="A", on="2025-11-04"),
    observation("tumour_size", mm(20), lesion="A", on="2026-11-04"),
)
_OMEPRAZOLE = drug("proton_pump_inhibitors", start="2026-01-15")
_STATED = [
    "unresectable_disease",
    "progressive_disease",
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
]
_TESTS = {
    "chromogranin_a_test": "chromogranin_a",
    "gastrin_test": "gastrin",
    "hiaa_test": "hiaa_urine",
    "nse_test": "nse",
    "insulin_test": "insulin",
    "c_peptide_test": "c_peptide",
    "glucose_test": "glucose",
    "glucagon_test": "glucagon",
    "vip_test": "vip",
    "acth_test": "acth",
    "electrolytes_test": "electrolytes",
    "gastric_ph_test": "gastric_ph",
    "secretin_test": "secretin_test",
}
_STUDIES = {
    "sstr_imaging": "sstr_pet",
    "abdominal_imaging": "ct_abdomen",
    "chest_imaging": "ct_chest",
    "fdg_pet": "fdg_pet",
    "echocardiography": "echocardiography",
}
_PROCEDURES = {
    "men1_screening": "men1_screening",
    "endoscopic_ultrasound": "endoscopic_ultrasound",
    "upper_endoscopy": "upper_endoscopy",
    "colonoscopy": "colonoscopy",
    "tumour_board": "tumour_board",
}
_STAINS = ["chromogranin_a_immunostain", "synaptophysin_immunostain", "site_of_origin_immunostains"]
_ENDOSCOPIC = procedure("endoscopic_resection", reason=REASON, on="2026-05-20")

EXAMPLES = {
    # the neoplasm
    "diagnosis_status": shown_by(NET, value="active"),
    "primary_site": contested(NET, "duodenum", condition("nen_of_pancreas")),
    "primary_subsite": contested(
        condition("nen_of_pancreas", sites=["site_pancreatic_head"]),
        "head",
        condition("nen_of_pancreas", sites=["site_pancreatic_tail"]),
    ),
    "functional_syndromes": shown_by(
        condition("carcinoid_syndrome"), value=frozenset({"carcinoid-syndrome"}), without=frozenset()
    ),
    "suspected_syndromes": shown_by(condition("vipoma"), value=frozenset({"vipoma"}), without=frozenset()),
    "insulinoma": shown_by(condition("insulinoma"), value="yes", without="no"),
    "gastrinoma": shown_by(condition("gastrinoma"), value="yes"),
    "tumour_function": _choice("tumour_function", "nonfunctioning", "function_nonfunctioning", "function_functioning"),
    "chronic_kidney_disease": shown_by(condition("chronic_kidney_disease"), value="yes", without="no"),
    "age": shown_by(person("1960-05-04"), value="66 a"),
    # hereditary
    "men1": contested(condition("men1"), "confirmed", condition("men1", verification="refuted")),
    "family_history": done(relative()),
    "germline_test": done(observation("germline_test", stated("negative"))),
    # pathology
    "histopathology": done(report("pathology_report")),
    "ki67_index": contested(observation("ki67_index", percent(8)), "8 %", observation("ki67_index", percent(25))),
    "ki67_assessment": done(observation("ki67_index", percent(8))),
    "mitotic_count": contested(
        observation("mitotic_count", quantity(5, code="/(2.mm2)")),
        "5 /(2.mm2)",
        observation("mitotic_count", quantity(1, code="/(2.mm2)")),
    ),
    "grade": _choice("histologic_grade", "G2", "grade_g2", "grade_g1"),
    "differentiation": _choice("differentiation", "well", "well_differentiated", "poorly_differentiated"),
    **{name: done(observation(name, stated("positive"))) for name in _STAINS},
    # staging
    "tumour_size": shown_by(observation("tumour_size", mm(12)), value="12 mm"),
    "lesion_count": shown_by(
        observation("tumour_size", mm(12), lesion="A"), observation("tumour_size", mm(5), lesion="B"), value="2"
    ),
    "prior_tumour_size": shown_by(*_LESION_GREW, value="15 mm"),
    "tumour_growth_rate": shown_by(*_LESION_GREW, value="5 mm/a"),
    "invasion_depth": _choice("invasion_depth", "submucosa", "depth_submucosa", "depth_muscularis"),
    "tumour_placement": _choice("tumour_placement", "peripheral", "placement_peripheral", "placement_deep"),
    "nodal_status": _choice("n_category", "N0", "category_n0", "category_n_positive"),
    "distant_metastasis": _choice("m_category", "M0", "category_m0", "category_m1"),
    "metastatic_sites": shown_by(condition("metastasis_liver"), value=frozenset({"liver"}), without=frozenset()),
    "tnm_stage": done(observation("tnm_stage_group", said("IIA"))),
    "tnm_edition": contested(
        observation("tnm_stage_group", said("IIA"), method=stated("tnm_edition_current")["valueCodeableConcept"]),
        "current",
        observation("tnm_stage_group", said("IIA"), method=stated("tnm_edition_outdated")["valueCodeableConcept"]),
    ),
    "gastric_net_type": _choice("gastric_net_type", "1", "gastric_type_1", "gastric_type_3"),
    "advanced_disease": shown_by(observation("m_category", stated("category_m1")), value="yes", without=State.UNKNOWN),
    **{name: _yes_or_no(name) for name in _STATED},
    # laboratory
    **{name: done(marker(code, 50, 100)) for name, code in _TESTS.items()},
    "chromogranin_a_elevated": _raised("chromogranin_a"),
    "gastrin_elevated": _raised("gastrin"),
    "hiaa_elevated": _raised("hiaa_urine"),
    "chromogranin_a_on_acid_suppression": shown_by(marker("chromogranin_a", 250, 100), _OMEPRAZOLE, value="yes"),
    "gastrin_on_acid_suppression": shown_by(marker("gastrin", 250, 100), _OMEPRAZOLE, value="yes"),
    # imaging and endoscopy
    **{name: done(study(code)) for name, code in _STUDIES.items()},
    **{name: done(procedure(code)) for name, code in _PROCEDURES.items()},
    "sstr_status": _choice("sstr_result", "positive", "positive", "negative"),
    "sstr_pet_available": shown_by(value="yes", without="yes"),
    # treatment
    "open_orders": shown_by(order("ct_abdomen"), value=frozenset({"abdominal_imaging"}), without=frozenset()),
    "selected_orders": shown_by(value=frozenset(), without=frozenset()),
    "drafted_orders": shown_by(value=frozenset(), without=frozenset()),
    "primary_in_situ": shown_by(NET, procedure("endoscopic_resection", reason=REASON), value="no", without="yes"),
    "treated": shown_by(procedure("liver_directed_therapy"), value="yes", without="no"),
    "systemic_therapy_started": shown_by(drug("somatostatin_analogues"), value="yes", without="no"),
    "years_since_resection": Example(
        (NET, procedure("endoscopic_resection", reason=REASON, on="2021-11-20")), "5 a", State.NOT_APPLICABLE
    ),
    "active_medications": shown_by(drug("diazoxide"), value=frozenset({"diazoxide"}), without=frozenset()),
    "prrt_planned": shown_by(order("prrt_procedure"), value="yes", without="no"),
    "prrt_given": shown_by(procedure("prrt_procedure"), value="yes", without="no"),
    "cholecystectomy": shown_by(procedure("cholecystectomy"), value="yes", without="no"),
    **{
        step: done(vaccination(value_set))
        for step, value_set in (
            ("pneumococcal_vaccination", "pneumococcal_vaccine"),
            ("hib_vaccination", "hib_vaccine"),
            ("meningococcal_vaccination", "meningococcal_vaccine"),
        )
    },
    "splenectomy_vaccines": shown_by(
        vaccination("pneumococcal_vaccine"),
        vaccination("hib_vaccine"),
        vaccination("meningococcal_vaccine"),
        value="complete",
        without="incomplete",
    ),
    # surveillance
    "months_since_abdominal_imaging": _since(study("ct_abdomen", on="2026-05-20")),
    "months_since_pancreatic_imaging": _since(procedure("endoscopic_ultrasound", on="2026-05-20")),
    "months_since_staging_imaging": _since(study("mri_abdomen", on="2026-05-20")),
    "months_since_sstr_imaging": _since(study("sstr_pet", on="2026-05-20")),
    "months_since_chromogranin_a": _since(marker("chromogranin_a", 50, 100, on="2026-05-20")),
    "months_since_tumour_marker": _since(marker("nse", 5, 16, on="2026-05-20")),
    "months_since_echocardiography": _since(study("echocardiography", on="2026-05-20")),
    "months_without_eus_after_endoscopic_resection": Example((NET, _ENDOSCOPIC), "6 mo", State.NOT_APPLICABLE),
    "months_without_endoscopy_after_endoscopic_resection": Example((NET, _ENDOSCOPIC), "6 mo", State.NOT_APPLICABLE),
}
