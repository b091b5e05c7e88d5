from __future__ import annotations

from index.recent import Recent


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    recent = Recent[str, int](2)
    recent.put({"a": 1, "b": 2})
    assert recent.get("a") == 1
    recent.put({"c": 3})
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
