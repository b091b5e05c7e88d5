"""The starter knowledge base keeps the rules its articles were written by."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from knowledge.models import Kind, Topic

FOLDER = read_folder(CONTENT)
BY_PATH = sorted(FOLDER.articles.items())

HOTLINES = {"110", "119", "120", "96110", "12356", "12345"}
"""The numbers an article may tell people to call."""
PROMISES = ("一定治好", "绝对安全", "百分之百", "100%", "100％", "包治", "保证治愈", "根治", "零风险", "绝对没事")
REPORTED = ("虚假", "听信", "骗")
"""Words by which a sentence says that somebody else promised it."""
FIGURE = re.compile(r"\d+(?:\.\d+)?")
CALLED = re.compile(r"(?:拨打|拨|打|致电|电话|热线)\s*“?(\d{3,})")

each_article = pytest.mark.parametrize(("path", "content"), BY_PATH, ids=[path.stem for path, _ in BY_PATH])


def sentences_of(content: ArticleContent) -> list[str]:
    """All that is shown to residents, cut into sentences; what people claim and ask is not ours."""
    shown = [content.title, content.short_answer, *content.what_to_do, content.when_to_call or "", content.body]
    return [sentence for text in shown for sentence in re.split(r"[。！？；\n]", text) if sentence]


def test_every_file_is_an_article() -> None:
    assert [str(problem) for problem in FOLDER.problems] == []


def test_there_are_enough_articles_of_each_topic() -> None:
    counts = Counter(content.topic for content in FOLDER.articles.values())
    assert {topic: counts[topic] >= 20 for topic in (Topic.HEALTH, Topic.DISASTER, Topic.FRAUD)} == {
        Topic.HEALTH: True,
        Topic.DISASTER: True,
        Topic.FRAUD: True,
    }


def test_no_two_articles_ask_the_same() -> None:
    phrasings = Counter(phrase for _, content in BY_PATH for phrase in {content.title, *content.asked_as})
    assert [phrase for phrase, count in phrasings.items() if count > 1] == []


@each_article
def test_it_lies_in_the_folder_of_its_topic(path: Path, content: ArticleContent) -> None:
    assert path.parent.name == content.topic


@each_article
def test_lengths_fit_a_small_screen(path: Path, content: ArticleContent) -> None:
    assert len(content.title) <= 30
    assert len(content.short_answer) <= 60
    assert 1 <= len(content.what_to_do) <= 3
    assert max(map(len, content.what_to_do)) <= 40
    assert len(content.when_to_call or "") <= 60
    assert 150 <= len("".join(content.body.split())) <= 600


@each_article
def test_it_is_asked_in_many_ways(path: Path, content: ArticleContent) -> None:
    assert len(set(content.asked_as)) == len(content.asked_as) >= 7


@each_article
def test_it_names_where_it_comes_from(path: Path, content: ArticleContent) -> None:
    assert content.sources
    assert all(re.match(r"https?://[^/]+\.[a-z]{2,}(?:[/:?]|$)", given.url) for given in content.sources)
    assert len({given.url for given in content.sources}) == len(content.sources)
    assert all(given.accessed <= date.today() for given in content.sources)  # noqa: DTZ011 - a day, not a moment


@each_article
def test_its_review_day_lies_ahead_of_when_it_was_written(path: Path, content: ArticleContent) -> None:
    written = max(given.accessed for given in content.sources)
    assert written < content.review_by
    assert content.review_by.year - written.year <= 2


@each_article
def test_figures_of_the_short_answer_stand_in_the_body(path: Path, content: ArticleContent) -> None:
    assert set(FIGURE.findall(content.short_answer)) - HOTLINES <= set(FIGURE.findall(content.body))


@each_article
def test_only_known_hotlines_are_given(path: Path, content: ArticleContent) -> None:
    given = {number for sentence in sentences_of(content) for number in CALLED.findall(sentence)}
    assert given <= HOTLINES


@each_article
def test_nothing_is_promised(path: Path, content: ArticleContent) -> None:
    promised = [
        sentence
        for sentence in sentences_of(content)
        for promise in PROMISES
        if promise in sentence and not any(word in sentence for word in REPORTED)
    ]
    assert promised == []


@each_article
def test_no_link_is_shown(path: Path, content: ArticleContent) -> None:
    assert not [sentence for sentence in sentences_of(content) if re.search(r"https?:|www\.", sentence)]


@each_article
def test_what_is_judged_has_a_claim_and_a_verdict(path: Path, content: ArticleContent) -> None:
    judged = content.kind in (Kind.DEBUNK, Kind.SCAM_ALERT)
    assert (content.claim is not None, content.verdict is not None) == (judged, judged)


@each_article
def test_debunks_about_medicine_keep_people_on_it(path: Path, content: ArticleContent) -> None:
    text = "".join(sentences_of(content))
    if "停药" in text or "换药" in text:
        assert re.search(r"(?:不要|不能|别|不可|勿|随意|擅自|自行|自己)[^。]{0,12}(?:停|换)", text)
