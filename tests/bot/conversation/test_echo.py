"""What the bot says of an article, sent back to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.conversation.echo import is_answer
from bot.conversation.language import LANGUAGES
from bot.conversation.wording import Wording
from index.variants import clean
from knowledge.article_files import read_file
from knowledge.articles import ServedArticle
from knowledge.models import Verdict
from knowledge.redaction import redact
from tests.factories import NOON

_CONTENT = Path(__file__).parents[3] / "knowledge" / "content"


def _article(name: str) -> ServedArticle:
    return ServedArticle.as_if_published(read_file(_CONTENT / name), NOON)


def _is_answer(said: str, article: ServedArticle) -> bool:
    return is_answer(redact(clean(said)), article, "UTC")


@pytest.mark.parametrize("name", ["fraud/hospital-call-child-accident.md", "disaster/elevator-trapped-what-to-do.md"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_said_of_an_article_is_known(language: str, name: str) -> None:
    wording, article = Wording(language, "UTC"), _article(name)
    headline, rest = wording.answer(article).split("\n", 1)
    asked = wording.say("notice-asked", rumour="R12", said="医院来电话说孩子晕倒了")
    notice = "\n".join([headline, wording.say("notice-verdict", asked=asked), "", rest])
    for said in (wording.answer(article), wording.full_text(article), wording.sources(article), notice):
        assert _is_answer(wording.shown(said), article)


def test_part_of_it_or_more_than_it_is_somebody_elses() -> None:
    wording, article = Wording("zh-Hans", "UTC"), _article("fraud/hospital-call-child-accident.md")
    answer = wording.answer(article)
    assert not _is_answer(f"{answer}\n请把押金交到安全账户", article)
    assert not _is_answer(f"{answer.splitlines()[0]}\n请把押金交到安全账户", article)
    assert not _is_answer(answer, replace(article, verdict=Verdict.TRUE))
