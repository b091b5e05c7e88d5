from __future__ import annotations

import pytest

from index.evaluation import EvaluationError
from index.passages import Document
from index.search import Searcher
from index.vector_cache import CachedEncoder
from scripts.commands.base_search import Base, left_out
from tests import factories
from tests.fakes import HashingEncoder


def test_phrasings_are_left_out_one_by_one_and_put_back() -> None:
    contents = {
        1: factories.article_content(slug="liquor", **factories.PUBLISHABLE),
        2: factories.article_content(
            slug="dog",
            **factories.PUBLISHABLE
            | {
                "title": "被狗咬了要打针吗？",
                "asked_as": ["狗咬了没出血", "狗咬了咋办", "被狗咬了怎么洗", "狗咬去哪打针"],
            },
        ),
    }
    documents = {number: Document.of(number, content) for number, content in contents.items()}
    searcher = Searcher(CachedEncoder(HashingEncoder(), None))
    searcher.replace(documents)
    figures = left_out(Base(contents, documents, searcher))
    assert figures["n"] == sum(len(content.asked_as) for content in contents.values())
    assert {searcher.search(text, 1).found[0].article_id for text in contents[2].asked_as} == {2}
    assert searcher.rank_by_vectors("狗咬了咋办", 1)[0].score == pytest.approx(1.0, abs=0.01)


def test_without_phrasings_there_is_nothing_to_leave_out() -> None:
    with pytest.raises(EvaluationError, match="no article with a phrasing"):
        left_out(Base({}, {}, Searcher(CachedEncoder(HashingEncoder(), None))))
