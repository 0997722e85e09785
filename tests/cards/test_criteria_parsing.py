"""What is wrong with written criteria is said with rule, place and what was expected."""

import pytest
from stated import parse_when

from mappings.errors import DefinitionError


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"finding": "tumour_sise", "at_most": 10, "unit": "mm"}, "no finding called 'tumour_sise'"),
        ({"finding": ["grade"], "is": "G1"}, "no finding called \"['grade']\""),
        ({"finding": "grade"}, "expected one comparator"),
        ({"finding": "grade", "is": "G1", "in": ["G2"]}, "expected one comparator"),
        ({"finding": "grade", "equals": "G1"}, "expected one comparator, not equals"),
        ({"finding": "grade", "is": "G1", "because": "WHO"}, "expected one comparator, not because"),
        ({"finding": "grade", "at_most": 2}, "grade is of kind category: expected is, in, recorded, contradicted"),
        (
            {"finding": "grade", "includes": ["G1"]},
            "grade is of kind category: expected is, in, recorded, contradicted",
        ),
        (
            {"finding": "tumour_size", "is": "10 mm"},
            "tumour_size is of kind amount: expected at_most, at_least, less_than, more_than, recorded, contradicted",
        ),
        (
            {"finding": "metastatic_sites", "is": "liver"},
            "metastatic_sites is of kind set: expected includes, excludes",
        ),
        ({"finding": "sstr_imaging", "recorded": True}, "sstr_imaging is of kind step: expected is, in"),
        ({"finding": "grade", "is": "G4"}, "grade has no value 'G4'"),
        ({"finding": "grade", "in": ["G1", "G4"]}, "grade has no value 'G4'"),
        ({"finding": "grade", "in": []}, "grade has no value '(none given)'"),
        ({"finding": "grade", "is": 1}, "is needs one value"),
        ({"finding": "grade", "is": ["G1"]}, "is needs one value"),
        ({"finding": "grade", "in": "G1"}, "in needs a list of values"),
        ({"finding": "metastatic_sites", "includes": "liver"}, "includes needs a list of values"),
        ({"finding": "grade", "in": [1]}, "grade has no value 1"),
        ({"finding": "grade", "recorded": "yes"}, "recorded is true or false"),
        ({"finding": "grade", "contradicted": False}, "contradicted is true or left out"),
        ({"finding": "grade", "is": "G1", "unit": "mm"}, "is takes no unit"),
        ({"finding": "tumour_size", "at_most": 1, "unit": "cm"}, "tumour_size is in mm, not cm"),
        ({"finding": "tumour_size", "at_most": 10}, "tumour_size is in mm, not None"),
        ({"finding": "tumour_size", "at_most": True, "unit": "mm"}, "at_most needs a number"),
        ({"finding": "tumour_size", "at_most": "10", "unit": "mm"}, "at_most needs a number"),
        ({"finding": "tumour_size", "at_most": float("nan"), "unit": "mm"}, "at_most needs a number"),
        ({"finding": "tumour_size", "at_most": float("inf"), "unit": "mm"}, "at_most needs a number"),
        ("grade = G1", "expected a criterion"),
    ],
)
def test_wrong_criterion_is_named_with_rule_and_place(row: object, message: str) -> None:
    right = {"finding": "gastrinoma", "is": "no"}

    with pytest.raises(DefinitionError) as error:
        parse_when({"all": [right, row]})

    assert str(error.value) == f"endoscopic-resection: when.all[1]: {message}"


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({}, "when: expected all, any or none"),
        ({"some": []}, "when: expected all, any or none, not some"),
        ({"all": [{"finding": "gastrinoma", "is": "no"}], "or": []}, "when: expected all, any or none, not or"),
        ({"all": []}, "when.all: expected a list of criteria"),
        ({"all": {"finding": "gastrinoma", "is": "no"}}, "when.all: expected a list of criteria"),
        ({"all": [{"any": []}]}, "when.all[0].any: expected a list of criteria"),
        ({"all": [{"any": [{"finding": "gastrin"}]}]}, "when.all[0].any[0]: no finding called 'gastrin'"),
    ],
)
def test_wrong_group_is_named_with_rule_and_place(when: dict[str, object], message: str) -> None:
    with pytest.raises(DefinitionError) as error:
        parse_when(when)

    assert str(error.value) == f"endoscopic-resection: {message}"
