"""Coverage: from which code systems the resources come that no value set of ours knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mappings.value_sets import Terminology
from service.fetching.prefetch import SearchedPage


def systems_not_covered(pages: Iterable[SearchedPage], terminology: Terminology) -> Counter[str]:
    """How many codes of resources that were passed over are of each system; systems we do not know are one."""
    known = {system.url: name for name, system in terminology.systems.items()}
    counts: Counter[str] = Counter()
    for page, _ in pages:
        for system, count in page.noticed.passed_over.items():
            if system:
                counts[known.get(terminology.canonical(system), "other")] += count
    return counts
