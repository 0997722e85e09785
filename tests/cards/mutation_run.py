"""The mutation run of the rule base: how many mutants of each family the cases notice, and which they do not.

`make mutants` runs it; the test suite fails on the same survivors, rule by rule (test_rule_mutations.py).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

from rule_mutants import has_ragged_sites, mutants

from cards.check import faults_of
from cards.knowledge import shipped_knowledge


def main() -> int:
    """Prints a table of families and every survivor; the number of survivors decides the exit code."""
    made, by_case, by_list = Counter[str](), Counter[str](), Counter[str]()
    survivors = []
    for rule in shipped_knowledge().rules:
        for what, mutant in mutants(rule):
            made[rule.family] += 1
            if any(faults_of(mutant)):
                by_case[rule.family] += 1
            elif has_ragged_sites(mutant):
                by_list[rule.family] += 1
            else:
                survivors.append(f"{rule.id}: {what}")
    sys.stdout.write("\n".join([*_table(made, by_case, by_list), *survivors, ""]))
    return 1 if survivors else 0


def _table(made: Counter[str], by_case: Counter[str], by_list: Counter[str]) -> Iterator[str]:
    yield f"{'family':<18}{'mutants':>9}{'by cases':>10}{'by site lists':>15}{'survivors':>11}"
    for family in [*sorted(made), ""]:
        columns = [counter[family] if family else counter.total() for counter in (made, by_case, by_list)]
        left = columns[0] - columns[1] - columns[2]
        yield f"{family or 'all':<18}{columns[0]:>9}{columns[1]:>10}{columns[2]:>15}{left:>11}"


if __name__ == "__main__":
    sys.exit(main())
