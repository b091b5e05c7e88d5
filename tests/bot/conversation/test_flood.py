"""The token bucket, with a clock of the test's own."""

from __future__ import annotations

from bot.conversation.flood import FloodGuard, Pace

FINE, FIRST, MORE = Pace.FINE, Pace.FIRST_TOO_MANY, Pace.TOO_MANY


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_then_one_notice_then_nothing() -> None:
    guard = FloodGuard(3, Clock())
    assert [guard.pace("a") for _ in range(6)] == [FINE, FINE, FINE, FIRST, MORE, MORE]


def test_one_more_after_its_share_of_a_minute() -> None:
    clock = Clock()
    guard = FloodGuard(3, clock)
    for _ in range(5):
        guard.pace("a")
    clock.now = 19.0
    assert guard.pace("a") is MORE
    clock.now = 20.5
    assert [guard.pace("a"), guard.pace("a"), guard.pace("a")] == [FINE, FIRST, MORE]


def test_silence_fills_the_bucket_and_no_more() -> None:
    clock = Clock()
    guard = FloodGuard(2, clock)
    guard.pace("a")
    clock.now = 10_000.0
    assert [guard.pace("a") for _ in range(3)] == [FINE, FINE, FIRST]


def test_one_flood_is_no_other_residents_business() -> None:
    guard = FloodGuard(1, Clock())
    assert [guard.pace("a"), guard.pace("a"), guard.pace("b")] == [FINE, FIRST, FINE]


def test_one_cry_for_help_a_minute_is_heard_all_the_same() -> None:
    clock = Clock()
    guard = FloodGuard(1, clock)
    assert [guard.may_cry("a"), guard.may_cry("a"), guard.may_cry("b")] == [True, False, True]
    clock.now = 60.0
    assert guard.may_cry("a")


def test_the_longest_silent_are_let_go_first() -> None:
    guard = FloodGuard(1, Clock())
    for number in range(10_001):
        guard.pace(str(number))
    assert guard.pace("0") is FINE  # forgotten, so it begins afresh
    assert guard.pace("10000") is FIRST
