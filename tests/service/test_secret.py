"""A secret cannot be printed, formatted, logged, copied or pickled by accident."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable

import msgspec
import pytest

from service.hook_request import FhirAccess
from service.secret import Secret

ACCESS = FhirAccess("https://fhir.example.org", Secret("canary-token"))


@pytest.mark.parametrize(
    "printed",
    [
        str(ACCESS.token),
        repr(ACCESS.token),
        f"{ACCESS.token}",
        f"{ACCESS.token:>40}",
        f"{ACCESS.token!r}",
        repr([ACCESS.token]),
        repr(ACCESS),
        repr({"headers": {"Authorization": ACCESS.token}}),
        "%s" % ACCESS.token,  # noqa: UP031
    ],
)
def test_a_secret_is_not_in_what_is_printed_of_it(printed: str) -> None:
    assert "canary" not in printed


@pytest.mark.parametrize("write", [json.dumps, msgspec.json.encode, pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_written_or_copied(write: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError):
        write(ACCESS.token)


def test_a_secret_is_not_in_the_log_of_what_holds_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("hoofbeats").error("%s %r %s", ACCESS, ACCESS.token, ACCESS.token)

    assert "canary" not in caplog.text


def test_only_who_asks_for_it_by_name_gets_it() -> None:
    assert ACCESS.token.reveal() == "canary-token"
