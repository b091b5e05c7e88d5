"""The bodies' little Markdown becomes blocks and pieces, and never anything else."""

from __future__ import annotations

import time

import pytest

from bot.channels.pages.markdown import Block, BlockKind, Piece, blocks_of, line_of


def shape(blocks: list[Block]) -> list[tuple[str, list[str]]]:
    return [(block.kind.value, ["".join(piece.text for piece in line) for line in block.lines]) for block in blocks]


def test_headings_lists_and_paragraphs_are_told_apart() -> None:
    body = "先说一句。\n接着说。\n\n## 该怎么做\n- 勤洗手。\n- 看医生。\n就这样。\n\n另一段。"
    assert shape(blocks_of(body)) == [
        ("paragraph", ["先说一句。", "接着说。"]),
        ("heading", ["该怎么做"]),
        ("list", ["勤洗手。", "看医生。"]),
        ("paragraph", ["就这样。"]),
        ("paragraph", ["另一段。"]),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", []),
        ("  \n\t\n", []),
        ("#没有空格", [("paragraph", ["#没有空格"])]),
        ("-没有空格", [("paragraph", ["-没有空格"])]),
        ("##   ", [("paragraph", ["##"])]),
        ("### 小标题\r\n- 一", [("heading", ["小标题"]), ("list", ["一"])]),
        ("- ", [("paragraph", ["-"])]),
        ("<b>x</b> [y](javascript:z) &amp;", [("paragraph", ["<b>x</b> [y](javascript:z) &amp;"])]),
    ],
)
def test_what_is_no_sign_stays_as_it_is(body: str, expected: list[tuple[str, list[str]]]) -> None:
    assert shape(blocks_of(body)) == expected


def test_bold_and_numbers_to_call_are_pieces_of_their_own() -> None:
    assert line_of("**马上拨打120**，再打110。") == (
        Piece("马上拨打", bold=True),
        Piece("120", bold=True, tel="120"),
        Piece("，再打"),
        Piece("110", tel="110"),
        Piece("。"),
    )


def test_bold_does_not_hide_what_stands_beside_a_number() -> None:
    assert all(piece.tel is None for piece in line_of("血压**120**/80"))
    assert [piece.text for piece in line_of("1**2**0")] == ["1", "2", "0"]


@pytest.mark.parametrize("text", ["**", "只有**一个", "a ** b", "****"])
def test_stars_without_a_partner_stay_or_vanish_and_lose_no_word(text: str) -> None:
    shown = "".join(piece.text for piece in line_of(text))
    assert shown.replace("*", "") == text.replace("*", "")


def test_a_very_long_body_takes_no_time_to_speak_of() -> None:
    began = time.perf_counter()
    assert len(blocks_of("**长 " * 50_000)) == 1
    assert len(blocks_of("- 一\n\n" * 20_000)) == 20_000
    assert time.perf_counter() - began < 5


def test_kinds_have_the_names_the_template_asks_for() -> None:
    assert [kind.value for kind in BlockKind] == ["heading", "paragraph", "list"]
