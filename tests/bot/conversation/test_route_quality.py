"""What is told of routed messages."""

from __future__ import annotations

from bot.conversation.route_quality import evaluate_messages
from index.vector_cache import CachedEncoder
from tests.fakes import HashingEncoder


def test_precision_is_unknown_where_nothing_was_called_a_scam_and_the_worst_misses_come_first() -> None:
    rows = [("隔夜菜能吃吗", "scam"), ("大蒜能防感冒吗", "scam"), ("地震了往哪里跑", "scam"), ("你好", "question")]
    found = evaluate_messages(CachedEncoder(HashingEncoder(), None), rows)
    assert (found["scam_precision"], found["scam_recall"]) == (None, 0.0)
    chances = [miss["scam"] for miss in found["misses"] if miss["label"] == "scam"]
    assert len(chances) == 3
    assert chances == sorted(chances)
