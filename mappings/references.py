"""References: what they name, however they are spelt."""

from __future__ import annotations


def unversioned(reference: str) -> str:
    """A reference to a version of a resource as one to the resource."""
    return reference.partition("/_history")[0]


def target_of(reference: str) -> str:
    """`Medication/1` of any spelling of a reference; the last part of an urn."""
    return "/".join(unversioned(reference).split("/")[-2:]).rpartition(":")[2]


def last_part(reference: str) -> str:
    """The id of what a reference names, or of what a URL is the address of."""
    return unversioned(reference).rpartition("/")[2].rpartition(":")[2]


def names_of(kind: str, name: str, url: str) -> tuple[str, ...]:
    """The targets by which references may name a resource: its type with its id, or with that of its address, and its
    address itself.
    """
    known = name or last_part(url)
    return tuple(target for target in (f"{kind}/{known}" if known else "", target_of(url)) if target)
