"""Lengths, splitting and the bold headline, in UTF-16 units."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.text import clean, headline, split, utf16_length

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


def bold_of(text: str) -> str | None:
    entity = headline(text)
    return None if entity is None else text.encode("utf-16-le")[: entity.length * 2].decode("utf-16-le")


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("假", 1), ("❌", 1), ("🚨", 2), ("👨‍👩‍👧", 8), ("⚠️", 2), ("\ud83d", 1)]
)
def test_length_is_counted_in_utf16_units(text: str, units: int) -> None:
    assert utf16_length(text) == units


@pytest.mark.parametrize("first", ["❌ 假：喝白酒不能预防感冒", "🚨 诈骗！👮‍♀️", "𠮷野家", "x"])
def test_headline_is_exactly_the_first_line(first: str) -> None:
    assert bold_of(f"{first}\n第二行") == first
    assert bold_of(first) == first


def test_nothing_to_say_has_no_headline_and_no_parts() -> None:
    assert headline("") is None
    assert split(" \n\t\u2028 ") == []


def test_text_is_cut_at_paragraphs_then_lines_then_sentences_then_anywhere() -> None:
    assert split("一二三\n\n四五\n六七", limit=8) == ["一二三", "四五\n六七"]
    assert split("一二三\n四五六七", limit=6) == ["一二三", "四五六七"]
    assert split("一二三。四五六七", limit=6) == ["一二三。", "四五六七"]
    assert split("一二三四五六", limit=4) == ["一二三四", "五六"]
    assert split("🚨🚨🚨", limit=3) == ["🚨", "🚨", "🚨"]


def test_short_first_paragraph_does_not_travel_alone() -> None:
    assert split("一\n\n" + "二" * 20, limit=20) == ["一\n\n" + "二" * 17, "二" * 3]


def test_long_text_fills_few_messages() -> None:
    parts = split("\n\n".join(["段落" * 100] * 60))
    assert [utf16_length(part) <= 4096 for part in parts] == [True] * 3


@settings(deadline=None)  # a busy machine is no failure
@given(ANY_TEXT, st.integers(min_value=2, max_value=50))
def test_parts_fit_and_together_say_everything(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(clean(text).split())
    for part in parts:
        part.encode()


@settings(deadline=None)  # a busy machine is no failure
@given(ANY_TEXT)
def test_headline_lies_within_the_text_and_cuts_no_character(text: str) -> None:
    kept = clean(text)
    bold = bold_of(kept)
    assert bold == (kept.split("\n")[0].rstrip() or None)
