"""What tests share stands in modules of its own."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
_IMPORT_OF_A_TEST = re.compile(r"^\s*(?:from|import) +(?:\w+\.)*(test_\w+)", re.MULTILINE)


def test_no_module_imports_from_a_test_file() -> None:
    files = [path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts]

    imports = {str(path.relative_to(TESTS)): _IMPORT_OF_A_TEST.findall(path.read_text()) for path in files}

    assert {file: found for file, found in imports.items() if found} == {}
