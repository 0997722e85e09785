"""What is waited for too long is ended, once, and nothing else is."""

from __future__ import annotations

import threading

from service.receiving.patience import Patience


def test_what_takes_too_long_is_ended() -> None:
    ended = threading.Event()

    Patience(tick=0.01).begin(0.02, ended.set)

    assert ended.wait(5)


def test_what_is_done_in_time_is_not_ended_and_what_is_late_beside_it_is() -> None:
    patience, ended, beside = Patience(tick=0.01), threading.Event(), threading.Event()

    with patience(0.05, ended.set):
        pass
    patience.begin(0.1, beside.set)

    assert beside.wait(5)
    assert not ended.is_set()


def test_one_that_is_late_later_is_ended_too() -> None:
    patience, first, second = Patience(tick=0.01), threading.Event(), threading.Event()

    patience.begin(0.01, first.set)
    assert first.wait(5)
    patience.begin(0.01, second.set)

    assert second.wait(5)


def test_all_are_watched_by_one_thread() -> None:
    before = threading.active_count()
    patience = Patience()

    for _ in range(20):
        patience.begin(60, list)

    assert threading.active_count() == before + 1
