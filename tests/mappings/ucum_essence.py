"""UCUM's own table as ucumvert brings it, in the form of mappings/ucum.toml.

`PYTHONPATH=tests/mappings .venv/bin/python -m ucum_essence > mappings/ucum.toml` writes the file again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

import ucumvert

_SPACE = "{http://unitsofmeasure.org/ucum-essence}"
_TABLE = Path(ucumvert.__file__).parent / "vendor" / "ucum-essence.xml"
# A mole is not a number here: a count of molecules is never compared with a percentage.
_BASE_OF_OURS = "mol"
_HEAD = """\
# The units of UCUM, each with its definition as UCUM's table `ucum-essence.xml` has it. Those that have none measure
# something of their own: base units, units of an assay that UCUM calls arbitrary, and scales without a zero or that are
# not linear, such as degrees Celsius. The mole is a base unit here and not a number.
#
# This product includes all or a portion of the UCUM table, UCUM codes, and UCUM definitions or is derived from it,
# subject to a license from Regenstrief Institute, Inc. and The UCUM Organization. Your use of the UCUM table, UCUM
# codes, UCUM definitions also is subject to this license, a copy of which is available at https://ucum.org/license.
# The current complete UCUM table, UCUM Specification are available for download at https://ucum.org. The UCUM table
# and UCUM codes are copyright (c) 1995-2009, Regenstrief Institute, Inc. and the Unified Codes for Units of Measures
# (UCUM) Organization. All rights reserved. THE UCUM TABLE (IN ALL FORMATS), UCUM DEFINITIONS, AND SPECIFICATION ARE
# PROVIDED "AS IS." ANY EXPRESS OR IMPLIED WARRANTIES ARE DISCLAIMED, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
# WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE.
#
# Written by tests/mappings/ucum_essence.py.
"""


def essence() -> Mapping[str, Mapping[str, str]]:
    """Prefixes, units that take them and units that take none, by their codes."""
    root = ElementTree.parse(_TABLE).getroot()  # noqa: S314  # a file of a package that we installed
    prefixes = {p.attrib["Code"]: _value(p)["value"] for p in root.iter(f"{_SPACE}prefix")}
    metric = {base.attrib["Code"]: "" for base in root.iter(f"{_SPACE}base-unit")}
    plain = {}
    for unit in root.iter(f"{_SPACE}unit"):
        (metric if unit.attrib["isMetric"] == "yes" else plain)[unit.attrib["Code"]] = _definition(unit)
    return {"prefixes": prefixes, "metric": metric, "plain": plain}


def _definition(unit: ElementTree.Element) -> str:
    alone = "yes" in (unit.get("isSpecial"), unit.get("isArbitrary")) or unit.attrib["Code"] == _BASE_OF_OURS
    value = _value(unit)
    # One arbitrary unit may be another name of the same.
    alias = unit.get("isArbitrary") == "yes" and value["Unit"] != "1"
    return "" if alone and not alias else f"{value['value']} {value['Unit']}"


def _value(element: ElementTree.Element) -> Mapping[str, str]:
    found = element.find(f"{_SPACE}value")
    assert found is not None, element.attrib
    return found.attrib


def _lines() -> Iterator[str]:
    yield _HEAD
    for name, table in essence().items():
        yield f"[{name}]"
        yield from (f'"{code}" = "{text}"' for code, text in table.items())
        yield ""


if __name__ == "__main__":
    print("\n".join(_lines()).rstrip())  # noqa: T201
