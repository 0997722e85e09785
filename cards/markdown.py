"""Text from a record made safe to show: no Markdown, no HTML, no control or bidirectional characters."""

from __future__ import annotations

import html
import re
import unicodedata

# Only what means something in the middle of a line, since some clients show a card as plain text.
_MARKUP = re.compile(r"([\\`*_\[\]#|~])")
# Renderers turn addresses into links even where their characters are escaped, so their parts are set apart.
_ADDRESS = ((re.compile(r"(?i)(www)\."), r"\1 ."), (re.compile(r"://"), ": //"), (re.compile(r"\s*@\s*"), " @ "))
# Text that holds nothing of this is as safe as it stands; most is.
_SUSPECT = re.compile(r"[\\`*_\[\]#|~&<>@.:]")
_LONGEST = 120


def safe(text: str) -> str:
    """One line of plain words in GitHub-Flavored Markdown, cut where a card would burst."""
    shown = one_line(text)
    if not _SUSPECT.search(shown):
        return shown
    for address, apart in _ADDRESS:
        shown = address.sub(apart, shown)
    return _MARKUP.sub(r"\\\1", html.escape(shown, quote=False))


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Text without control, format or bidirectional characters, on one line, at most so long."""
    kept = text if text.isprintable() else "".join(map(_shown, text))
    flat = " ".join(kept.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def _shown(character: str) -> str:
    """A space for what would break the line, nothing for what would not be seen."""
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs" | "Co" | "Cn":
            return ""
        case _:
            return character
