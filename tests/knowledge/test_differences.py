"""Differences between revisions: by characters where it is Chinese, by words where it is Latin."""

from __future__ import annotations

import pytest

from knowledge.differences import Change, between, stretches
from tests.factories import article_content, source


def marked(before: str, after: str) -> str:
    signs = {Change.KEPT: "{}", Change.ADDED: "+{}+", Change.TAKEN: "-{}-"}
    return "".join(signs[stretch.change].format(stretch.text) for stretch in stretches(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("喝酒不能杀毒", "喝白酒不能杀毒", "喝+白+酒不能杀毒"),
        ("拨打119", "拨打120", "拨打-119-+120+"),
        ("同样", "同样", "同样"),
        ("", "新的", "+新的+"),
        ("旧的", "", "-旧的-"),
        ("a cat", "a dog", "a -cat-+dog+"),
    ],
)
def test_what_was_taken_stands_before_what_was_put_in(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_both_texts_can_be_put_together_again() -> None:
    before, after = "一盆水加窗缝，能防煤气中毒。\n打110。", "一盆水不能防煤气中毒！\n\n打120，开窗。"
    found = list(stretches(before, after))
    assert "".join(s.text for s in found if s.change is not Change.ADDED) == before
    assert "".join(s.text for s in found if s.change is not Change.TAKEN) == after


def test_only_fields_that_differ_are_named_in_the_order_of_an_article() -> None:
    old = article_content(slug="a", related=[]).model_dump(mode="json")
    new = article_content(slug="a", related=[], single_source=False, title="新题目？", sources=[source(title="别的")])
    assert [change.field for change in between(old, new.model_dump(mode="json"))] == [
        "title",
        "single_source",
        "sources",
    ]
