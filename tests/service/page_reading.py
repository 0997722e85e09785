"""What a page says and how it is built, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from flask.testing import FlaskClient
from hook_requests import shared_client

_VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


@dataclass
class Element:
    """An element of a page with everything in it."""

    name: str
    attributes: dict[str, str]
    parts: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, with blanks as a reader sees them."""
        return " ".join(" ".join(part if isinstance(part, str) else part.text for part in self.parts).split())

    def all(self, *names: str) -> list[Element]:
        """Every element of these names in it, in the order of the page."""
        inner = [part for part in self.parts if isinstance(part, Element)]
        return [found for part in inner for found in ([part] if part.name in names else []) + part.all(*names)]

    def every(self) -> list[Element]:
        """Every element in it."""
        inner = [part for part in self.parts if isinstance(part, Element)]
        return [found for part in inner for found in [part, *part.every()]]

    def rows(self) -> list[list[str]]:
        """The rows of a table, its heading first."""
        return [[cell.text for cell in row.all("th", "td")] for row in self.all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def read_page(html: str) -> Element:
    """A page as a tree; fails where an element is not closed in its turn."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is not closed"
    return reader.open[0]


def page(client: FlaskClient, address: str) -> Element:
    """The page at an address, which has to be there."""
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return read_page(answer.get_data(as_text=True))


def section(held: Element, heading: str) -> Element:
    """The part of a page under a heading of the second order."""
    return next(s for s in held.all("section") if s.all("h2")[0].text == heading)


@cache
def every_page() -> dict[str, Element]:
    """All pages that links lead to from the list of rules, by their address; addresses with a query are left out."""
    waiting, found = ["/rules"], dict[str, Element]()
    while waiting:
        address = waiting.pop()
        if address not in found:
            found[address] = page(shared_client(), address)
            waiting += [path for path, _ in inner_links(address, found[address])]
    return found


def inner_links(address: str, held: Element) -> list[tuple[str, str]]:
    """The links of a page to pages about the knowledge, as path and fragment."""
    targets = (link.attributes["href"].partition("#") for link in held.all("a"))
    ours = [(path or address, fragment) for path, _, fragment in targets if not path or path.startswith("/")]
    return [
        (path, fragment)
        for path, fragment in ours
        if path != "/" and not ("?" in path or path.endswith((".json", ".csv")))
    ]
