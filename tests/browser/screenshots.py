"""The screenshots of the README: `make screenshots` writes them to docs/images from a service that runs for it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests" / "service")]

from chromium import PHONE, PROJECTOR, a_browser, a_page, chromium_path  # noqa: E402
from clinic_page import Clinic  # noqa: E402
from running import running  # noqa: E402

IMAGES = ROOT / "docs" / "images"
BIOPSIED = "duodenal_net_biopsied_and_nothing_else"
_WHOLE_CHART = ViewportSize(width=1280, height=1300)
_ORDERS = ViewportSize(width=1280, height=840)


def patient_with_cards(clinic: Clinic) -> None:
    """A chart with the cards beside it."""
    clinic.open("ileal_net_carcinoid_syndrome")


def work_up_card(clinic: Clinic) -> None:
    """The work-up card with its detail open."""
    clinic.open(BIOPSIED)
    clinic.page.get_by_text("Details").first.click()
    clinic.page.evaluate("window.scrollTo(0, 0)")


def suggestion_accepted(clinic: Clinic) -> None:
    """Three suggestions accepted: three drafts, three items fewer."""
    clinic.open(BIOPSIED)
    for label in ("Request Ki-67 index", "Request somatostatin-receptor imaging", "Request tumour board discussion"):
        clinic.accept(label)
    clinic.page.evaluate("window.scrollTo(0, 0)")


def order_guard(clinic: Clinic) -> None:
    """An order that must not pass: critical before it is signed."""
    clinic.open("pancreatic_net_unresectable_progressive")
    clinic.order("Lutetium (177Lu) dotatate")
    clinic.page.get_by_role("button", name="Sign orders").click()
    clinic.settle()
    clinic.page.get_by_role("button", name="Sign anyway").wait_for()
    clinic.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")


def why(clinic: Clinic) -> None:
    """The evidence graph of one rule."""
    clinic.open("pancreatic_net_growing_past_20_mm")
    clinic.page.get_by_role("button", name="Why?").first.click()
    clinic.page.get_by_role("group", name="Evidence graph").wait_for()
    clinic.page.evaluate("document.activeElement.blur()")


def phone(clinic: Clinic) -> None:
    """The cards on a phone."""
    clinic.open("insulinoma_on_lanreotide_receptor_negative")


SCENES: dict[str, Callable[[Clinic], None]] = {
    "patient-with-cards": patient_with_cards,
    "work-up-card": work_up_card,
    "suggestion-accepted": suggestion_accepted,
    "order-guard": order_guard,
    "why": why,
    "phone": phone,
}
VIEWPORTS = {"patient-with-cards": _WHOLE_CHART, "suggestion-accepted": _ORDERS, "order-guard": _ORDERS, "phone": PHONE}


def main() -> int:
    """Writes every screenshot; 1 where there is no browser."""
    path = chromium_path()
    if path is None:
        sys.stderr.write("no Chromium: install the package chromium\n")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        a_browser(path) as browser,
        running(Path(folder), database_url=f"sqlite:///{folder}/hoofbeats.db", today="") as service,
    ):
        for name, scene in SCENES.items():
            with a_page(browser, service.url, VIEWPORTS.get(name, PROJECTOR), scale=1.5) as page:
                scene(Clinic(page, service.url))
                page.mouse.move(0, 0)
                _write(page.screenshot(), IMAGES / f"{name}.png")
    return 0


def _write(picture: bytes, file: Path) -> None:
    Image.open(BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    sys.stdout.write(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    sys.exit(main())
