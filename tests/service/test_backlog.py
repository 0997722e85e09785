"""What is written down after an answer: together, once, in order, and whatever became of what came before."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from service.journal import backlog
from service.journal.backlog import Backlog
from service.journal.failures import Failures


class Paper:
    """Keeps what is written, round by round; a round that holds a `wrong` item fails."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()

    def write(self, items: Sequence[str]) -> None:
        self.free.wait(5)
        if "wrong" in items:
            raise OSError("secret")
        self.rounds.append(list(items))


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def failures() -> Failures:
    return Failures()


@pytest.fixture
def waiting(paper: Paper, failures: Failures) -> Backlog[str]:
    return Backlog(paper.write, failures, gathered_s=60)


def add(waiting: Backlog[str], *items: str) -> None:
    for item in items:
        waiting.add(item)


def test_nobody_waits_for_what_is_added(waiting: Backlog[str], paper: Paper) -> None:
    add(waiting, "a")

    assert paper.rounds == []


def test_what_is_added_in_a_moment_is_written_together(waiting: Backlog[str], paper: Paper) -> None:
    add(waiting, "a", "b")
    waiting.flush()

    assert paper.rounds == [["a", "b"]]


def test_what_is_added_later_is_written_in_a_round_of_its_own(waiting: Backlog[str], paper: Paper) -> None:
    add(waiting, "a")
    waiting.flush()
    add(waiting, "b")
    waiting.flush()

    assert paper.rounds == [["a"], ["b"]]


def test_nothing_is_written_where_nothing_was_added(waiting: Backlog[str], paper: Paper) -> None:
    waiting.flush()

    assert paper.rounds == []


def test_a_round_is_written_by_itself_after_a_moment(paper: Paper, failures: Failures) -> None:
    written = threading.Event()
    soon = Backlog[str](lambda items: (paper.write(items), written.set()), failures, gathered_s=0.01)

    soon.add("a")

    assert written.wait(5)
    assert paper.rounds == [["a"]]


def test_a_round_that_fails_is_counted_by_its_type_and_the_next_is_written(
    waiting: Backlog[str], paper: Paper, failures: Failures, caplog: pytest.LogCaptureFixture
) -> None:
    add(waiting, "wrong")
    waiting.flush()
    add(waiting, "b")
    waiting.flush()

    assert (paper.rounds, failures.number) == ([["b"]], 1)
    assert "not recorded: OSError (1 so far)" in caplog.text
    assert "secret" not in caplog.text


def test_flushing_gives_up_on_a_round_that_is_stuck(waiting: Backlog[str], paper: Paper) -> None:
    paper.free.clear()
    add(waiting, "a")

    waiting.flush(patience_s=0.01)

    assert paper.rounds == []
    paper.free.set()
    waiting.flush(5)
    assert paper.rounds == [["a"]]


def test_more_than_may_wait_is_lost_and_counted(
    waiting: Backlog[str], paper: Paper, failures: Failures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "_MOST_WAITING", 2)

    add(waiting, "a", "b", "c")
    waiting.flush()

    assert (paper.rounds, failures.number) == ([["a", "b"]], 1)
