"""The command line: the names of its commands, each in a module that is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

# Where each command is; `serve` would take half as long again if it loaded what the others need.
_PLACES: Mapping[str, str] = {
    "build-sheet": "build_sheet.build_sheet_command",
    "database": "database.database",
    "doctor": "doctor.doctor",
    "evaluate": "requests.evaluate",
    "explain": "requests.explain",
    "feedback": "feedback.feedback",
    "knowledge": "knowledge.knowledge",
    "serve": "serve.serve",
    "settings": "settings.show_settings",
    "sweep": "sweep.sweep_command",
    "verify": "requests.verify",
}


class _Commands(click.Group):
    """A group whose commands are known by name before they are loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's own signature
        """Every name, in the order of the alphabet."""
        return sorted(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, loaded now."""
        if cmd_name not in _PLACES:
            return None
        module, _, name = _PLACES[cmd_name].partition(".")
        command: click.Command = getattr(import_module(f"service.commands.{module}"), name)
        return command


@click.version_option(package_name="hoofbeats")
@click.group(
    cls=_Commands, epilog="Exit codes: 0 done; 1 it found something wrong or could not do it, and says what; 2 misused."
)
def main() -> None:
    """Hoofbeats: CDS Hooks cards for neuroendocrine tumours."""
