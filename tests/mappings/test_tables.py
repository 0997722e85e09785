"""Our data files are read by one reader, which names the file, the table and the key that are wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import cards
import mappings
import service
from mappings.errors import DefinitionError
from mappings.tables import positive, read_file, read_tables

_REQUIRED = {"name": str, "weight": int}
_OPTIONAL = {"parts": list}
_READERS = {"mappings/tables.py", "service/security/trust_file.py"}


def written(folder: Path, text: str) -> Path:
    path = folder / "items.toml"
    path.write_bytes(text.encode("latin-1"))
    return path


def test_table_of_known_keys_is_read(tmp_path: Path) -> None:
    tables = read_tables(written(tmp_path, '[scan]\nname = "Scan"\nweight = 3\nparts = []\n'), _REQUIRED, _OPTIONAL)

    assert tables == {"scan": {"name": "Scan", "weight": 3, "parts": []}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scan", "items.toml: "),
        ('[scan]\nname = "\xe4"', "items.toml: "),
        ("scan = 3", "items.toml: scan: expected a table"),
        ('[scan]\nname = "Scan"', "items.toml: scan: weight is missing"),
        ('[scan]\nname = "Scan"\nweight = 3\nwieght = 3', "items.toml: scan: unknown key wieght"),
        ('[scan]\nname = "Scan"\nweight = "3"', "items.toml: scan: weight: expected a whole number"),
        ('[scan]\nname = "Scan"\nweight = true', "items.toml: scan: weight: expected a whole number"),
        ('[scan]\nname = "Scan"\nweight = 3\nparts = "x"', "items.toml: scan: parts: expected a list"),
    ],
)
def test_fault_of_a_file_names_file_table_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(DefinitionError) as told:
        read_tables(path, _REQUIRED, _OPTIONAL)

    assert str(told.value).startswith(f"{tmp_path.name}/{message}")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"nowhere\.toml"):
        read_file(tmp_path / "nowhere.toml")


def test_number_is_kept_to_its_last_digit() -> None:
    assert positive("191.1834", "x") == Decimal("191.1834")


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "NaN", "Infinity", 3, None])
def test_what_is_no_number_above_0_is_refused_by_its_place(text: object) -> None:
    with pytest.raises(DefinitionError, match="x: expected a number above 0 as text"):
        positive(text, "x")


def test_nothing_else_parses_our_files() -> None:
    root = Path(mappings.__path__[0]).parent
    files = [file for package in (mappings, cards, service) for file in Path(package.__path__[0]).rglob("*.py")]

    parsing = {str(file.relative_to(root)) for file in files if "import tomli" in file.read_text()}

    assert parsing == _READERS
