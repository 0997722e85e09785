"""What the docs site needs beyond mkdocs: links to files outside docs/, which it does not have, become plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"\[([^\]]+)\]\((\.\.?/[^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """The page's text, its links out of the folder taken away."""
    docs = Path(config["docs_dir"]).resolve()
    here = (docs / page.file.src_uri).parent

    def kept(match: re.Match[str]) -> str:
        target = (here / match[2]).resolve()
        return match[0] if target.is_relative_to(docs) else match[1]

    return _LINK.sub(kept, markdown)
