"""Each rule finds what it is for, and says where."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from knowledge.article_content import SourceContent
from knowledge.article_rules import HOTLINES, allowed_domains, domain_of, problems_between, problems_of
from tests.factories import BODY, PUBLISHABLE, article_content, source

TODAY = date(2026, 11, 25)
SIX, GOOD = PUBLISHABLE["asked_as"], PUBLISHABLE


def found(**overrides: Any) -> list[str]:
    """What is wrong with an article that is good but for this."""
    return [str(problem) for problem in problems_of(article_content(**(GOOD | overrides)), TODAY)]


def test_a_good_article_has_no_problems() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"asked_as": SIX[:5]}, "asked_as: has 5 different phrasings, not 6 or more"),
        ({"asked_as": [*SIX, SIX[0]]}, "asked_as: names a phrasing twice"),
        ({"short_answer": "不能。喝了伤身，37度的也一样。"}, "short_answer: the figure 37 is not in the body"),
        ({"when_to_call": "误喝了马上拨打12344。"}, "when_to_call: 12344 is no number of the hotline table"),
        ({"short_answer": "喝这个就能根治。"}, "short_answer: promises 根治"),
        ({"body": BODY + "高血压的人可以停药。"}, "body: speaks of stopping or changing a medicine"),
        ({"body": BODY + "一" * 90 + "。"}, "body: a sentence of 90 characters, more than 80"),
        ({"what_to_do": ["去 www.example.com 看看"]}, "what_to_do: shows a web address"),
        ({"body": BODY + "我市的老人可以免费打。"}, "body: speaks of one place, and regions names none"),
        (
            {"sources": [source(url="https://www.who.int/a")], "single_source": False},
            "sources: rest on one publisher; find a second, or set single_source",
        ),
        (
            {"sources": [source(url="https://www.who.int/a"), source(url="https://www.who.int/a", publisher="别人")]},
            "sources: name one page twice",
        ),
        (
            {"sources": [*GOOD["sources"], source(url="https://nobody.example/a")]},
            "sources: https://nobody.example/a is not under source_domains.tsv",
        ),
        ({"review_by": "2029-11-25"}, "review_by: 2029-11-25 is not within two years of 2026-11-22"),
        ({"review_by": "2026-11-24"}, "review_by: was 2026-11-24; look at the sources again"),
    ],
)
def test_each_rule_says_what_is_wrong_and_where(overrides: dict[str, Any], expected: str) -> None:
    assert any(problem.startswith(expected) for problem in found(**overrides)), found(**overrides)


@pytest.mark.parametrize(
    "allowed",
    [
        {"when_to_call": "误喝了马上拨打120。"},
        {"short_answer": "别信“包治百病”，那是骗人的。"},
        {"body": BODY + "降压药不要自己停药。"},
        {"sources": [source(url="https://www.who.int/a")], "single_source": True},
        {"regions": ["杭州"], "body": BODY + "我市的老人可以免费打。"},
        {"topic": "fraud", "sources": [source(url="https://www.who.int/a")]},
    ],
)
def test_what_is_meant_well_is_let_through(allowed: dict[str, Any]) -> None:
    assert found(**allowed) == []


def test_links_to_no_article_and_questions_of_two_are_found_between_articles() -> None:
    first = article_content(**(GOOD | {"slug": "first", "title": "甲？", "related": ["second", "nowhere", "first"]}))
    second = article_content(**(GOOD | {"slug": "second", "title": "乙？", "asked_as": [*SIX[1:], "另外一问"]}))
    third = article_content(**(GOOD | {"slug": "third", "title": "丙？", "asked_as": [f"丙{n}" for n in range(6)]}))
    problems = problems_between({1: first, 2: second, 3: third})
    assert [str(problem) for problem in problems[1]][:2] == [
        "related: nowhere is no article",
        "related: first is the article itself",
    ]
    assert f"asked_as: {SIX[1]!r} is also asked of second" in map(str, problems[1])
    assert 3 not in problems


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.nhc.gov.cn/a/b", "gov.cn"),
        ("https://big.notgov.cn/", None),
        ("http://WWW.WHO.INT/", "who.int"),
    ],
)
def test_a_site_falls_under_the_longest_suffix_that_is_listed(url: str, expected: str | None) -> None:
    listed = SourceContent(title="页面", publisher="某", url=url, accessed=date(2026, 11, 22))
    assert domain_of(listed) == expected


def test_every_entry_of_the_tables_says_why() -> None:
    assert all(kind and reason for kind, reason in allowed_domains().values())
    assert all(number.isdigit() and whom for number, whom in HOTLINES.items())
