"""The clinic as its user sees it: patients, cards, orders, by what stands on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass(frozen=True, slots=True)
class Clinic:
    """A page with the clinic at an address."""

    page: Page
    url: str

    def open_list(self) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("heading", name="Patients").wait_for()

    def open(self, patient: str) -> None:
        """Opens a chart; done when the cards of the hook are there."""
        self.page.goto(f"{self.url}/#patient/{patient}")
        self.settle()

    def settle(self) -> None:
        """Waits until no call is under way and the cards are drawn."""
        self.page.locator(".cards[aria-busy=false]").wait_for()

    def card(self, urgency: str) -> Locator:
        return self.page.get_by_role("article").filter(has=self.page.locator(".urgency strong", has_text=urgency)).first

    def cards(self) -> list[str]:
        """The summaries, from the top."""
        return self.page.locator("article h3").all_inner_texts()

    def order(self, name: str) -> None:
        """Picks an order; done when the hook that it fires has answered."""
        self.page.get_by_label("Pick an order").select_option(label=name)
        self.page.get_by_role("button", name="Add").click()
        self.settle()

    def drafts(self) -> list[str]:
        return self.page.locator(".drafts li label").all_inner_texts()

    def accept(self, label: str) -> None:
        """Accepts a suggestion; done when the feedback is in and the hooks were called again."""
        self.page.get_by_role("button", name=label).click()
        self.settle()
