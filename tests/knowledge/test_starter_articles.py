"""The starter knowledge base keeps the rules its articles were written by."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from knowledge.article_rules import allowed_domains, domain_of, problems_between, problems_of
from knowledge.models import Kind, Topic

FOLDER = read_folder(CONTENT)
BY_PATH = sorted(FOLDER.articles.items())
CONTENTS = [content for _, content in BY_PATH]
WRITTEN = date(2026, 11, 28)
"""A test must not fail because time goes by; that a review is due is told by `qiuzhen articles check`."""

each_article = pytest.mark.parametrize(("path", "content"), BY_PATH, ids=[path.stem for path, _ in BY_PATH])


def test_every_file_is_an_article() -> None:
    assert [str(problem) for problem in FOLDER.problems] == []


@each_article
def test_it_keeps_the_rules(path: Path, content: ArticleContent) -> None:
    assert [str(problem) for problem in problems_of(content, WRITTEN)] == []


@each_article
def test_it_lies_in_the_folder_of_its_topic(path: Path, content: ArticleContent) -> None:
    assert path.parent.name == content.topic


@each_article
def test_it_was_looked_up_before_it_was_written(path: Path, content: ArticleContent) -> None:
    assert max(source.accessed for source in content.sources) <= WRITTEN


def test_articles_fit_together() -> None:
    assert {str(path): list(map(str, found)) for path, found in problems_between(FOLDER.articles).items()} == {}


def test_there_are_enough_articles_of_each_topic() -> None:
    counts = Counter(content.topic for content in CONTENTS)
    wanted = {Topic.HEALTH: 200, Topic.DISASTER: 120, Topic.FRAUD: 140, Topic.DIGITAL: 40}
    assert {topic: counts[topic] for topic, least in wanted.items() if counts[topic] < least} == {}


def test_few_rest_on_one_source() -> None:
    assert sum(content.single_source for content in CONTENTS) <= 0.2 * len(CONTENTS)


def test_many_on_health_and_safety_were_read_again_from_their_sources() -> None:
    read = [each for each in CONTENTS if each.topic in (Topic.HEALTH, Topic.DISASTER) and each.second_reading]
    assert len(read) >= 100


def test_the_allow_list_names_no_site_that_nobody_cites() -> None:
    used = {domain_of(source) for content in CONTENTS for source in content.sources}
    general = {suffix for suffix, (_, reason) in allowed_domains().items() if "general" in reason.lower()}
    unused = {suffix for suffix in allowed_domains() if suffix not in used} - general
    assert len(unused) <= 20, sorted(unused)


@each_article
def test_what_is_judged_has_a_claim_and_a_verdict(path: Path, content: ArticleContent) -> None:
    judged = content.kind in (Kind.DEBUNK, Kind.SCAM_ALERT)
    assert (content.claim is not None, content.verdict is not None) == (judged, judged)
