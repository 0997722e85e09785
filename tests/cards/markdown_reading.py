"""What a renderer of GitHub-Flavored Markdown makes of a card, as far as safety is concerned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# As mdast-util-gfm-autolink-literal and cmark-gfm find addresses in text, the first after escapes are resolved.
_ADDRESSES = (
    re.compile(r"((?:https?|ftp)://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)"),
)
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_ACTIVE = ("html_block", "html_inline", "link_open", "image", "code_inline", "code_block", "fence")

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(1)>",
    "unclosed tag": "<a href='x'",
    "comment": "<!-- hidden --> shown",
    "entities": "&lt;b&gt; &#60;script&#62; &colon; &amp;lt;",
    "javascript link": "[open](javascript:alert(1))",
    "link": "[open](https://evil.example)",
    "reference link": "[open][1]\n\n[1]: https://evil.example",
    "image": "![open](https://evil.example/a.png)",
    "autolink": "<https://evil.example>",
    "bare address": "see https://evil.example/a?b=c",
    "bare address in capitals": "HTTPS://EVIL.EXAMPLE",
    "bare host": "www.evil.example",
    "bare host in capitals": "(WWW.evil.example)",
    "host after underscore": "_www.evil.example",
    "file transfer": "ftp://evil.example",
    "e-mail": "nurse@evil.example",
    "e-mail address with scheme": "mailto:nurse@evil.example",
    "code": "`rm -rf`",
    "unclosed code": "``` x",
    "emphasis": "**bold** _slanted_ ~~gone~~ ***",
    "heading": "# large",
    "cells": "a | b | c |",
    "escaped cell": "a \\| b \\\\| c",
    "row": "a\n| b | c | d | e |",
    "list": "a\n\n- b\n1. c",
    "rule": "a\n\n---\n\nb",
    "table": "a\n\n| b |\n|---|\n| c |",
    "quotation": "a\n> b",
    "code block": "a\n\n    b",
    "backslash": "a\\",
    "emoji": ":skull:",
    "footnote": "[^1]",
    "task": "[x] done",
    "turned text": "a\u202eb\u2066c",
    "zero width": "a\u200bb\u200d\ufeffc\u00ad",
    "control": "a\x00b\x1b[31m\x7f\x85",
    "line separators": "a\u2028b\u2029c\x0bd\x0ce",
    "tag characters": "a\U000e0041b",
    "lone surrogate": "a\ud800b",
    "private use": "a\ue000b",
    "very long": "word " * 5000,
    "very long word": "w" * 20000,
    "nothing visible": "\u200b\u202e",
}


def structure(markdown: str) -> list[str]:
    """The kinds of tokens of a text, in order, without the words."""
    return [token.type for token in _tokens(markdown)]


def active_constructs(markdown: str) -> list[str]:
    """Whatever a reader could click, run or be deceived by."""
    texts = [token.content for token in _tokens(markdown) if token.type == "text"]
    found = [token.type for token in _tokens(markdown) if token.type in _ACTIVE]
    found += [match.group() for text in texts for address in _ADDRESSES for match in address.finditer(text)]
    found += [repr(c) for c in markdown if unicodedata.category(c) in _HIDDEN and c != "\n"]
    return found


def words(markdown: str) -> str:
    """The text of a card as it is read, its lines joined."""
    return " ".join(token.content for token in _tokens(markdown) if token.type == "text")


def _tokens(markdown: str) -> Iterator[Token]:
    for token in _PARSER.parse(markdown):
        yield token
        yield from token.children or ()
