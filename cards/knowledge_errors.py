"""What can be wrong with rules and statements; one tree with the errors of our other files."""

from __future__ import annotations

from mappings.errors import DefinitionError


class RuleError(DefinitionError):
    """A rule file is wrong; the message names rule, key and what was expected."""
