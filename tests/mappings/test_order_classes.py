"""Classes of orders: a class is made of value sets and other classes, and a mistake in their file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.errors import DefinitionError, UnknownName
from mappings.order_classes import OrderClasses, check_order_classes, load_order_classes

SCAN = '[scan]\nwords = "scan"\nvalue_sets = ["ct", "mri"]\n'
IMAGING = '[imaging]\nwords = "imaging"\nvalue_sets = ["mri", "pet"]\nincludes = ["scan"]\n'
STOP = '[scan-stop]\nwords = "no scan"\nstops = "scan"\n'


def load(folder: Path, text: str) -> OrderClasses:
    path = folder / "order_classes.toml"
    path.write_text(text)
    return load_order_classes(path)


def test_class_has_the_value_sets_of_those_that_it_includes(tmp_path: Path) -> None:
    found = load(tmp_path, IMAGING + SCAN)

    assert found["imaging"].value_sets == ("mri", "pet", "ct")


def test_class_is_no_drug_and_needs_a_neoplasm_unless_it_says_otherwise(tmp_path: Path) -> None:
    scan = load(tmp_path, SCAN)["scan"]

    assert (scan.is_drug, scan.judged_without_neoplasm, scan.stops) == (False, False, "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[scan", "order_classes.toml: "),
        (SCAN + "is_a_drug = true", "order_classes.toml: scan: unknown key is_a_drug"),
        (SCAN + "is_drug = 1", "order_classes.toml: scan: is_drug: expected true or false"),
        (SCAN.replace('["ct", "mri"]', '"ct"'), "order_classes.toml: scan: value_sets: expected a list"),
        (SCAN.replace('"scan"', '["scan"]'), "order_classes.toml: scan: words: expected text"),
        (SCAN.replace('words = "scan"\n', ""), "order_classes.toml: scan: words is missing"),
        ('[scan]\nwords = "scan"\n', "order_classes.toml: scan: expected either value_sets and includes, or stops"),
        (SCAN + STOP + 'value_sets = ["ct"]', "order_classes.toml: scan-stop: expected either value_sets"),
        (IMAGING, "order_classes.toml: imaging: includes: no class called 'scan'"),
        ("scan = 5\n" + IMAGING, "order_classes.toml: scan: expected a table"),
        (STOP, "order_classes.toml: scan-stop: stops: no class called 'scan'"),
        (SCAN + 'includes = ["scan"]', "order_classes.toml: scan: includes: scan is itself made of other classes"),
    ],
)
def test_class_that_is_wrong_says_where(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        load(tmp_path, text)


def test_class_of_a_value_set_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    classes = load(tmp_path, SCAN)

    with pytest.raises(UnknownName, match=r"order_classes.toml: scan: value_sets: no value set called 'mri'"):
        check_order_classes(classes, {"ct"})
