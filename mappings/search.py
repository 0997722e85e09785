"""A search: whether every resource of a type that matches is here, or why not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Search:
    """What is known of the search for one resource type: whether every match is here, or why not."""

    complete: bool
    reason: str = ""


NOT_SEARCHED = Search(False, "not searched")
