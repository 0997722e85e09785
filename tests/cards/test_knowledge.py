"""The knowledge is loaded whole or not at all, and its version tells any change of it."""

from pathlib import Path
from shutil import copytree

import pytest
from stated import KNOWLEDGE, RULES

import cards
import mappings
from cards import items
from cards.knowledge import load_knowledge, version_of
from mappings.errors import DefinitionError
from mappings.vocabulary import Kind

_FOLDERS = [Path(package.__path__[0]) for package in (cards, mappings)]
_FILES = [file for folder in _FOLDERS for file in folder.rglob("*.toml")]
_OVERLAY = """
[systems]
lab = "https://lab.example/codes"

[[value_sets.chromogranin_a.codes]]
system = "lab"
code = "CGA"
"""


def test_loading_twice_gives_the_same_version() -> None:
    assert load_knowledge().version == KNOWLEDGE.version


def test_version_is_that_of_every_data_file() -> None:
    assert version_of(_FILES) == KNOWLEDGE.version


def test_version_is_the_same_in_another_folder(tmp_path: Path) -> None:
    for folder in _FOLDERS:
        copytree(folder, tmp_path / folder.name)

    assert version_of(tmp_path.rglob("*.toml")) == KNOWLEDGE.version


@pytest.mark.parametrize(
    "name",
    [
        "cards/rules/duodenum/endoscopic-resection-of-small-duodenal-net.toml",
        "cards/statements/general.toml",
        "cards/sources.toml",
        "cards/items.toml",
        "mappings/value_sets/imaging.toml",
        "mappings/vocabulary/staging.toml",
        "mappings/grading.toml",
        "mappings/order_classes.toml",
    ],
)
def test_version_changes_with_a_file(tmp_path: Path, name: str) -> None:
    for folder in _FOLDERS:
        copytree(folder, tmp_path / folder.name)
    changed = tmp_path / name
    changed.write_text(changed.read_text() + "# one more line\n")

    assert version_of(tmp_path.rglob("*.toml")) != KNOWLEDGE.version


def test_version_changes_where_a_file_is_gone() -> None:
    assert version_of(_FILES[1:]) != KNOWLEDGE.version


def test_version_changes_with_a_site_of_its_own_codes(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    overlay.write_text(_OVERLAY)

    assert load_knowledge(overlay).version != KNOWLEDGE.version


def test_site_adds_its_own_codes(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    overlay.write_text(_OVERLAY)

    sets = load_knowledge(overlay).terminology.of_code("https://lab.example/codes", "CGA")

    assert sets == {"chromogranin_a"}


def test_wrong_site_file_is_refused_with_its_name(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    overlay.write_text(_OVERLAY.replace("chromogranin_a", "chromogranin"))

    with pytest.raises(DefinitionError, match=r"site.toml: value_sets.chromogranin: no value set called"):
        load_knowledge(overlay)


def test_site_that_would_order_a_step_in_a_code_that_does_not_count_is_refused(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    codes = 'codes = [{ system = "lab", code = "G" }]\npreferred = "G"\n'
    overlay.write_text(f'[systems]\nlab = "https://lab.example/codes"\n\n[value_sets.gastrin_fasting]\n{codes}')

    with pytest.raises(DefinitionError, match=r"gastrin_test: order: G, by which gastrin_fasting is ordered"):
        load_knowledge(overlay)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "category is missing, although the step can be ordered"),
        ('request = "Procedure"', "request: expected one of ServiceRequest, MedicationRequest, not 'Procedure'"),
    ],
)
def test_item_that_is_wrong_is_refused_with_file_and_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str
) -> None:
    monkeypatch.setattr(items, "_FILE", tmp_path / "items.toml")
    (tmp_path / "items.toml").write_text(f'[sstr_imaging]\nname = "A scan"\nweight = 1\nblocking = true\n{line}\n')

    with pytest.raises(DefinitionError, match=f"items.toml: sstr_imaging: {message}"):
        items.load_items(KNOWLEDGE.vocabulary, KNOWLEDGE.terminology)


def test_every_item_is_asked_for_by_a_rule() -> None:
    asked = {item for rule in RULES.values() for item in rule.items}

    assert set(KNOWLEDGE.items) == asked


def test_item_that_is_a_finding_is_a_step_or_can_be_recorded() -> None:
    kinds = {KNOWLEDGE.vocabulary[key].kind for key in KNOWLEDGE.items if key in KNOWLEDGE.vocabulary}

    assert kinds <= {Kind.STEP, Kind.CATEGORY, Kind.AMOUNT}


def test_every_kind_of_card_is_made_by_a_rule() -> None:
    assert set(KNOWLEDGE.kinds) == {rule.group for rule in RULES.values()}


def test_reasons_for_overriding_have_codes_of_their_own() -> None:
    codes = {(reason.system, reason.code) for kind in KNOWLEDGE.kinds.values() for reason in kind.reasons}
    displays = {reason.display for kind in KNOWLEDGE.kinds.values() for reason in kind.reasons}

    assert len(codes) == len(displays)
