"""What a user does with cards in the clinic is what the database holds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clinic_page import Clinic
from playwright.sync_api import Browser, expect
from running import Running, running
from sqlalchemy import create_engine, select

from service.journal.tables import COMMENTS

COMMENT = "Board met last week"


@pytest.fixture
def service(tmp_path: Path, browser: Browser) -> Iterator[Running]:
    """A service whose database no other test writes to."""
    with running(tmp_path, database_url=f"sqlite:///{tmp_path}/hoofbeats.db", today="") as started:
        yield started


def test_accepting_and_overriding_are_stored_as_they_were_done(clinic: Clinic, tmp_path: Path) -> None:
    clinic.open("duodenal_net_biopsied_and_nothing_else")
    with clinic.page.expect_request("**/net-patient-view/feedback") as accepted:
        clinic.accept("Request Ki-67 index")
    card = clinic.page.get_by_role("article").first
    card.get_by_role("button", name="Override").click()
    card.get_by_label("Reason").select_option(label="Already discussed at the tumour board")
    card.get_by_label("Comment").fill(COMMENT)
    with clinic.page.expect_response("**/net-patient-view/feedback") as overridden:
        card.get_by_role("button", name="Override", exact=True).click()

    expect(clinic.page.get_by_text("Overridden:", exact=True)).to_be_visible()
    assert clinic.cards() == []
    assert accepted.value.post_data_json["feedback"][0]["outcome"] == "accepted"
    assert overridden.value.json()["extension"]["org.hoofbeats.feedback"] == {"recorded": 1, "matched": 1}
    report = _report(tmp_path)
    ki67 = next(rule for rule in report["rules"] if rule["rule"] == "ki67-index-of-duodenal-net")
    gastrin = next(rule for rule in report["rules"] if rule["rule"] == "fasting-gastrin-in-duodenal-net")
    assert report["feedback"] == {"entries": 2, "repeated": 0, "unmatched": 0}
    assert (ki67["accepted"], ki67["overridden"]) == (1, 0)
    assert (gastrin["accepted"], gastrin["overridden"]) == (1, 1)
    assert [reason["code"] for reason in gastrin["reasons"]] == ["discussedatboard"]
    assert _comments(tmp_path) == [COMMENT]


def _report(folder: Path) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("hoofbeats")), "feedback", "report", "--json"]
    environment = {"HOOFBEATS_DATABASE_URL": f"sqlite:///{folder}/hoofbeats.db"}
    said = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603
    return dict(json.loads(said.stdout))


def _comments(folder: Path) -> list[str]:
    engine = create_engine(f"sqlite:///{folder}/hoofbeats.db")
    with engine.connect() as connection:
        found = list(connection.execute(select(COMMENTS.c.text)).scalars())
    engine.dispose()
    return found
