"""A sweep gives every patient of an export the cards that the service would give, whatever happens on the way."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hook_requests import TODAY, VIEW, chart, condition, ki67, request, search, shared_client
from order_requests import RXNORM

from service.cli import main
from service.settings import load_settings
from service.sweep.dask_engine import DaskEngine
from service.sweep.duckdb_engine import DuckDbEngine
from service.sweep.engine import Engine
from service.sweep.export import ExportFile, buckets_for
from service.sweep.plan import Folder, SweepError
from service.sweep.run import plan_for, sweep

Resource = dict[str, Any]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOFBEATS_TODAY", TODAY)


def patient(id: str, hospital: str = "a") -> Resource:
    return {"resourceType": "Patient", "id": id, "managingOrganization": {"reference": f"Organization/{hospital}"}}


def of(id: str, resource: Resource, **changes: Any) -> Resource:
    """A resource as another patient's."""
    return {**resource, "id": f"{resource['id']}-{id}", "subject": {"reference": f"Patient/{id}"}, **changes}


def export(folder: Path, **lines: Sequence[Resource | str | bytes]) -> Path:
    """An export with a file for each type; what is no resource is a line as it stands."""
    folder.mkdir()
    for kind, held in lines.items():
        raw = [line.encode() if isinstance(line, str) else line for line in map(_line, held)]
        (folder / f"{kind}.ndjson").write_bytes(b"\n".join(raw) + b"\n")
    return folder


def _line(held: Resource | str | bytes) -> str | bytes:
    return json.dumps(held) if isinstance(held, dict) else held


def twelve(folder: Path) -> Path:
    """Twelve patients of two hospitals, every other one with a tumour, every third with a Ki-67 index."""
    ids = [f"p{number}" for number in range(12)]
    return export(
        folder,
        Patient=[patient(id, "ab"[number % 2]) for number, id in enumerate(ids)],
        Condition=[of(id, condition("C7A.010" if number % 2 else "I10")) for number, id in enumerate(ids)],
        Observation=[of(id, ki67(number)) for number, id in enumerate(ids) if number % 3 == 0],
    )


def swept(
    source: Path,
    out: Path,
    engine: Engine | None = None,
    days: Sequence[date] = (),
    interrupted_after: int = -1,
    resume: bool = False,
) -> tuple[list[Any], Any]:
    """The cards and the report of a sweep in three buckets, which may be interrupted after some of them."""
    plan, files = plan_for(source, days, "an engine", load_settings())
    plan, folder = replace(plan, buckets=3), Folder(out)
    folder.begin(plan, resume=resume)

    def progress(done: int, *_: int) -> None:
        if done == interrupted_after:
            raise KeyboardInterrupt

    sweep(plan, files, folder, engine or DuckDbEngine(1), progress)
    cards = [json.loads(line) for line in (out / "cards.ndjson").read_bytes().splitlines()]
    return cards, json.loads((out / "report.json").read_text())


def view(report: Any, month: str = TODAY[:7]) -> Any:
    return report["months"][month]["net-patient-view"]


def facts(cards: Sequence[Any]) -> set[str]:
    proofs = [card["card"]["extension"]["org.hoofbeats.card"] for card in cards]
    return {finding["name"] for proof in proofs for finding in proof["findings"]}


def without_uuid(cards: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [{key: value for key, value in card.items() if key != "uuid"} for card in cards]


def test_every_patient_gets_the_cards_that_the_service_gives(tmp_path: Path) -> None:
    kept = {key: search() for key in ("conditions", "observations")}
    asked = chart(**{key: ... for key in chart() if key not in ("patient", *kept)})
    asked |= {"patient": patient("p1"), "conditions": search(of("p1", condition())), "observations": search(ki67(7))}

    cards, _ = swept(
        export(
            tmp_path / "in",
            Patient=[patient("p0"), patient("p1")],
            Condition=[of("p0", condition()), of("p1", condition())],
            Observation=[ki67(7)],
        ),
        tmp_path / "out",
    )

    answer = shared_client().post(VIEW, json=request(asked)).get_json()
    given = [c["card"] for c in cards if c["patient"] == "p1" and c["service"] == "net-patient-view"]
    assert answer["cards"]
    assert without_uuid(given) == without_uuid(answer["cards"])


def test_the_result_is_the_same_when_interrupted_and_resumed(tmp_path: Path) -> None:
    source = twelve(tmp_path / "in")
    whole = swept(source, tmp_path / "whole")

    with pytest.raises(KeyboardInterrupt):
        swept(source, tmp_path / "out", interrupted_after=1)
    done = list((tmp_path / "out" / "work").glob("counts-*.json"))
    resumed = swept(source, tmp_path / "out", resume=True)

    assert len(done) == 1
    assert resumed == whole


def test_the_result_is_the_same_on_the_second_engine(tmp_path: Path) -> None:
    source = twelve(tmp_path / "in")
    lines = (source / "Condition.ndjson").read_bytes()
    (source / "Condition.ndjson.gz").write_bytes(gzip.compress(lines.replace(b"p1", b"p2") + b"no JSON\n"))

    assert swept(source, tmp_path / "dask", DaskEngine(1)) == swept(source, tmp_path / "duckdb")


def test_a_sweep_that_is_over_is_not_made_again_when_resumed(tmp_path: Path) -> None:
    source = twelve(tmp_path / "in")
    once = swept(source, tmp_path / "out")

    assert swept(source, tmp_path / "out", resume=True, interrupted_after=0) == once


def test_the_report_gives_rates_by_month_site_and_rule(tmp_path: Path) -> None:
    _, report = swept(twelve(tmp_path / "in"), tmp_path / "out", days=[date(2026, 9, 30), date(2026, 10, 31)])

    october = view(report, "2026-10")
    assert list(report["months"]) == ["2026-09", "2026-10"]
    assert (report["patients"], october["charts"], october["chartsWithNeoplasm"]) == (12, 12, 6)
    assert october["sites"]["Organization/a"]["chartsWithCards"] == 0
    assert october["sites"]["Organization/b"]["chartsWithCards"] == october["chartsWithCards"] == 6
    assert any(rule["shownPer1000Charts"] == 500 for rule in october["rules"].values())


def test_on_a_day_of_the_past_nothing_is_known_that_came_later(tmp_path: Path) -> None:
    source = export(
        tmp_path / "in",
        Patient=[patient("p1")],
        Condition=[of("p1", condition())],
        Observation=[ki67(7, issued="2026-09-12T10:00:00Z")],
    )
    # The problem came on the 1st, the result on the 12th, of what was taken on the 10th.
    days = [date(2026, 8, 31), date(2026, 9, 11), date(2026, 9, 12)]

    cards, _ = swept(source, tmp_path / "out", days=days)

    by_day = {str(day): [card for card in cards if card["asOf"] == str(day)] for day in days}
    assert by_day["2026-08-31"] == []
    assert by_day["2026-09-11"]
    assert "grade" not in facts(by_day["2026-09-11"])
    assert "grade" in facts(by_day["2026-09-12"])


def test_packed_files_are_read_like_others(tmp_path: Path) -> None:
    source = twelve(tmp_path / "in")
    plain = swept(source, tmp_path / "plain")
    for path in list(source.iterdir()):
        path.with_suffix(".ndjson.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()

    assert swept(source, tmp_path / "packed") == plain


def test_a_patient_whose_own_resource_is_missing_is_judged(tmp_path: Path) -> None:
    source = export(
        tmp_path / "in", Patient=[patient("p0")], Condition=[of("p1", condition())], Observation=[of("p0", ki67())]
    )

    cards, report = swept(source, tmp_path / "out")

    assert {card["patient"] for card in cards} == {"p1"}
    assert view(report)["sites"]["not stated"]["chartsWithCards"] == 1


def test_lines_that_are_no_json_are_counted_and_spoil_nothing(tmp_path: Path) -> None:
    tumour = json.dumps(condition())
    source = export(
        tmp_path / "in",
        Patient=[patient("p1")],
        Condition=["", tumour[:-9], "no JSON", b'{"id":"\xff","subject":{"reference":"Patient/p1"}}', tumour],
        # DuckDB takes NaN for JSON.
        Observation=['{"resourceType":"Observation","subject":{"reference":"Patient/p1"},"value":NaN}', ki67(7)],
    )

    cards, report = swept(source, tmp_path / "out")

    assert cards
    assert "grade" in facts(cards)
    assert report["linesLeftOut"] == {"Condition": 3, "Observation": 1}


@pytest.mark.parametrize("engine", [DuckDbEngine(1)])
def test_a_drug_outside_the_prescription_is_found_for_each_who_is_prescribed_it(tmp_path: Path, engine: Engine) -> None:
    drug = {"coding": [{"system": RXNORM, "code": "7617"}]}
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order"}
    order |= {"medicationReference": {"reference": "Medication/d/_history/1"}, "authoredOn": "2026-09-01"}
    source = export(
        tmp_path / "in",
        Patient=[patient("p1"), patient("p2")],
        Condition=[of(id, condition()) for id in ("p1", "p2")],
        MedicationRequest=[of("p1", order), of("p2", order, medicationReference={"reference": "Medication/other"})],
        Medication=[{"resourceType": "Medication", "id": "d", "code": drug}],
    )
    plan, files = plan_for(source, [], "an engine", load_settings())
    folder = Folder(tmp_path / "out")
    folder.begin(plan, resume=False)

    engine.partition(files, plan, folder)

    rows = [(row[0], row[2]) for row in engine.rows(folder.bucket(0)) if row[1] == "Medication"]
    assert rows == [("p1", "d")]


def test_a_bucket_never_grows_with_the_export() -> None:
    large = ExportFile(Path("Observation.ndjson"), "Observation", 10**12)

    assert large.size / buckets_for((large,)) <= 24 * 1024 * 1024


def test_another_sweep_is_not_resumed(tmp_path: Path) -> None:
    source = twelve(tmp_path / "in")
    swept(source, tmp_path / "out")

    with pytest.raises(SweepError, match="another export, day"):
        swept(source, tmp_path / "out", days=[date(2026, 1, 1)], resume=True)


def test_the_command_writes_cards_as_ndjson_and_parquet_and_says_the_rates(tmp_path: Path) -> None:
    source, out = str(twelve(tmp_path / "in")), tmp_path / "out"

    said = CliRunner().invoke(main, ["sweep", source, "--out", str(out), "--workers", "1", "--parquet"])

    assert said.exit_code == 0, said.output
    assert "12 patients; lines left out: none" in said.stdout
    assert sorted(path.name for path in out.iterdir()) == ["cards.ndjson", "cards.parquet", "plan.json", "report.json"]


def test_a_folder_that_holds_something_is_not_written_to(tmp_path: Path) -> None:
    source = str(twelve(tmp_path / "in"))

    said = CliRunner().invoke(main, ["sweep", source, "--out", source])

    assert said.exit_code == 1
    assert "is not empty" in said.stderr


@pytest.mark.parametrize(
    ("engine", "library", "extra"), [("duckdb", "duckdb", "sweep"), ("dask", "distributed", "dask")]
)
def test_what_is_not_installed_is_named(
    engine: str, library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"service.sweep.{engine}_engine")
    monkeypatch.setitem(sys.modules, library, None)

    said = CliRunner().invoke(main, ["sweep", str(tmp_path), "--out", str(tmp_path / "out"), "--engine", engine])

    assert said.exit_code == 1
    assert f"pip install 'hoofbeats[{extra}]'" in said.stderr
