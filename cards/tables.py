"""Our own data files, read whole; a fault names the file and the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli

from cards.knowledge_errors import RuleError

HERE = Path(__file__).parent


def read_tables(path: Path, *required: str) -> dict[str, Any]:
    """The tables of a file; raises RuleError where it is no TOML, or a table lacks one of the required keys."""
    try:
        tables = tomli.loads(path.read_text(encoding="utf-8"))
    except tomli.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: {error}") from None
    for key, table in tables.items():
        missing = [field for field in required if field not in table]
        if missing:
            raise RuleError(f"{path.name}: {key}: {missing[0]} is missing")
    return tables
