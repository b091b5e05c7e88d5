"""Lines break as a printer would break them."""

from __future__ import annotations

import pytest

from bot.channels.pages.linebreak import wrapped


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 4, []),
        ("  ", 4, []),
        ("一二三四五", 4, ["一二三四", "五"]),
        ("一二三四。", 4, ["一二三", "四。"]),
        ("一二三（四）", 4, ["一二三", "（四）"]),
        ("马上拨打96110。", 7, ["马上拨打", "96110。"]),
        ("call the police now", 10, ["call the", "police now"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("。。。。。。", 4, ["。。。。", "。。"]),
    ],
)
def test_lines_keep_numbers_whole_and_signs_with_their_words(text: str, room: float, lines: list[str]) -> None:
    assert wrapped(text, room, lambda piece: float(len(piece))) == lines
