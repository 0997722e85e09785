"""The stages that `make bench` measures are those of a request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_MEASURE = """
import json
from bench.charts import request_body
from bench.in_process import stages
print(json.dumps(stages(request_body(10), 1)))
"""


def test_every_stage_of_a_request_takes_some_time() -> None:
    command = [sys.executable, "-c", _MEASURE]

    printed = subprocess.run(  # noqa: S603
        command, cwd=Path(__file__).parents[2], capture_output=True, check=True, timeout=120
    ).stdout

    taken = json.loads(printed)
    assert {"limits", "envelope and Bundles", "screening", "decisions", "rendering"} <= set(taken)
    assert all(microseconds > 0 for microseconds in taken.values())
