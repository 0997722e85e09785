"""The vocabulary of findings: what it holds, and how a mistake in it is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from chart_builder import VOCABULARY, finding
from finding_examples import EXAMPLES

from mappings.errors import DefinitionError, UnknownName
from mappings.order_classes import order_classes
from mappings.vocabulary import Definition, find, in_a_sentence, load_vocabulary

TABLE = '[size]\nlabel = "Size"\nmeaning = "How large."\nkind = "amount"\nunit = "mm"\nneeds = []\n'
STEP = '[scan]\nlabel = "Scan"\nmeaning = "A scan."\nkind = "step"\nneeds = ["ImagingStudy"]\n'
ORDERS = '[orders]\nlabel = "Orders"\nmeaning = "Open."\nkind = "set"\nvalues = ["*steps"]\nneeds = []\n'
DEPTH = (
    '[depth]\nlabel = "Depth"\nmeaning = "How deep."\nkind = "category"\nvalues = ["skin", "sub-skin"]\nneeds = []\n'
)
MEANT = DEPTH.replace('values = ["skin", "sub-skin"]\n', "")
DEFINITIONS = list(VOCABULARY.values())


def name_of(definition: Definition) -> str:
    return definition.name


def load(folder: Path, **files: str) -> dict[str, Definition]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text)
    return dict(load_vocabulary(folder))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[size", "size.toml: "),
        (TABLE.replace('label = "Size"\n', ""), "size.toml: size: label is missing"),
        (TABLE.replace("needs = []\n", ""), "size.toml: size: needs is missing"),
        (
            TABLE.replace('"amount"', '"number"'),
            "size.toml: size: kind: expected category, amount, set, step, not 'number'",
        ),
        (TABLE + 'least = "1"', "size.toml: size: unknown key least"),
        (TABLE + 'most = "a lot"', "size.toml: size: most: expected a number above 0 as text, not 'a lot'"),
        (TABLE.replace("needs = []", 'needs = "Observation"'), "size.toml: size: needs: expected a list"),
        (MEANT + "meanings = 5", "size.toml: depth: meanings: expected a table"),
        (
            MEANT + 'meanings = { skin = "depth_skin" }',
            "size.toml: depth: meanings: skin: expected a list of value sets",
        ),
        (MEANT + "meanings = { skin = [] }", "size.toml: depth: meanings: skin: expected a list of value sets"),
        (DEPTH + 'meanings = { skin = ["depth_skin"] }', "size.toml: depth: values: they are those of its meanings"),
        (DEPTH + "words = 5", "size.toml: depth: words: expected a table"),
        (DEPTH + 'words = { bone = "bone" }', "size.toml: depth: words: bone: expected a value of the finding"),
        (DEPTH + "words = { skin = 5 }", "size.toml: depth: words: skin: expected a value of the finding"),
    ],
)
def test_definition_that_is_wrong_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        load(tmp_path, size=text)


def test_finding_that_two_files_define_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"size.toml: size: also defined in body.toml"):
        load(tmp_path, body=TABLE, size=TABLE)


def test_amount_may_have_a_largest_value_that_is_believed(tmp_path: Path) -> None:
    found = load(tmp_path, size=TABLE + 'most = "500"')

    assert found["size"].most == Decimal(500)


def test_step_is_done_ordered_or_absent(tmp_path: Path) -> None:
    found = load(tmp_path, scan=STEP)

    assert found["scan"].values == ("done", "ordered", "absent")


def test_set_of_steps_names_every_step_by_its_label(tmp_path: Path) -> None:
    found = load(tmp_path, scan=STEP, orders=ORDERS)

    assert found["orders"].values == ("scan",)
    assert found["orders"].in_words("scan") == "scan"


def test_finding_has_the_values_of_its_meanings_and_reads_their_value_sets_too(tmp_path: Path) -> None:
    told = 'value_sets = ["depth", "skin"]\nmeanings = { skin = ["skin"], sub-skin = ["fat", "muscle"] }'

    depth = load(tmp_path, depth=MEANT + told)["depth"]

    assert depth.values == ("skin", "sub-skin")
    assert depth.meanings["sub-skin"] == ("fat", "muscle")
    assert depth.value_sets == ("depth", "skin", "fat", "muscle")


def test_value_is_in_the_words_that_the_file_has_for_it_or_as_it_is(tmp_path: Path) -> None:
    depth = load(tmp_path, depth=DEPTH + 'words = { skin = "the skin" }')["depth"]

    assert [depth.in_words(value) for value in depth.values] == ["the skin", "sub-skin"]


def test_value_of_a_set_without_words_has_blanks_for_hyphens(tmp_path: Path) -> None:
    depth = load(tmp_path, depth=DEPTH.replace('"category"', '"set"'))["depth"]

    assert depth.in_words("sub-skin") == "sub skin"


@pytest.mark.parametrize(
    ("label", "words"),
    [("Tumour size", "tumour size"), ("MEN1", "MEN1"), ("Ki-67", "Ki-67"), ("5-HIAA raised", "5-HIAA raised")],
)
def test_label_inside_a_sentence_keeps_its_capitals_where_they_belong_to_it(label: str, words: str) -> None:
    assert in_a_sentence(label) == words


def test_set_of_order_classes_names_every_class_with_its_words_and_what_it_reads(tmp_path: Path) -> None:
    classed = ORDERS.replace("*steps", "*order_classes") + 'value_sets = ["emergency_procedure", "*order_classes"]\n'

    found = load(tmp_path, orders=classed)["orders"]

    assert set(found.values) == set(found.words) == set(order_classes())
    assert found.words["ct-abdomen"] == "CT of the abdomen"
    assert {"emergency_procedure", "ct_abdomen", "gastrin"} <= set(found.value_sets)
    assert "*order_classes" not in found.value_sets


def test_unknown_finding_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownName, match="no finding called 'ki67'"):
        find(VOCABULARY, "ki67")


def test_resources_are_those_that_are_needed_and_those_that_count_besides() -> None:
    found = VOCABULARY["tumour_board"].resources

    assert found == ("Procedure", "ServiceRequest", "Encounter", "CarePlan")


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_every_finding_says_what_it_means_in_a_sentence(definition: Definition) -> None:
    assert definition.label[0].isupper() or definition.label[0].isdigit()
    assert definition.meaning.endswith(".")


@pytest.mark.parametrize(("name", "told"), [(d.name, told) for d in DEFINITIONS for told in d.tells])
def test_a_finding_that_tells_another_is_seen_in_it(name: str, told: str) -> None:
    [resource] = EXAMPLES[name].chart

    found = finding(told, *EXAMPLES[told].chart, resource)

    assert f"{resource['resourceType']}/{resource['id']}" in [evidence.resource for evidence in found.evidence]
