from __future__ import annotations

import math
from collections import Counter

import pytest

from index.lexical import WordIndex
from index.variants import terms

TEXTS = {
    1: "喝高度白酒能杀死病毒吗",
    2: "微波炉加热食物会致癌吗",
    3: "隔夜菜致癌吗 隔夜菜里的亚硝酸盐",
    4: "打hpv疫苗 9价疫苗和2价疫苗",
    5: "白酒白酒白酒",
    6: "拨打120等救护车 不要自己开车",
}


def brute_force_bm25(query: str, texts: dict[int, str]) -> dict[int, float]:
    """Robertson et al. 1994 with k1 1.2 and b 0.75, term by term."""
    documents = {number: Counter(terms(text)) for number, text in texts.items()}
    average = sum(counts.total() for counts in documents.values()) / len(documents)
    scores: dict[int, float] = {}
    for term in dict.fromkeys(terms(query)):
        holding = sum(term in counts for counts in documents.values())
        rarity = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        for number, counts in documents.items():
            if term in counts:
                length = 1.2 * (1 - 0.75 + 0.75 * counts.total() / average)
                scores[number] = scores.get(number, 0.0) + rarity * counts[term] * 2.2 / (counts[term] + length)
    return scores


@pytest.fixture
def index() -> WordIndex:
    index = WordIndex()
    index.replace(dict(TEXTS))
    return index


def ids(index: WordIndex, query: str, limit: int = 10) -> list[int]:
    """What is found, best first."""
    return [hit.id for hit in index.search(query, limit)]


@pytest.mark.parametrize(
    "query",
    ["白酒能杀病毒吗", "吃隔夜菜致癌吗", "致癌", "hpv疫苗", "120", "隔夜菜 微波炉 白酒 疫苗 救护车", "白酒白酒"],
)
def test_scores_are_those_of_bm25(index: WordIndex, query: str) -> None:
    expected = brute_force_bm25(query, TEXTS)
    hits = index.search(query, 10)
    assert {hit.id: hit.score for hit in hits} == pytest.approx(expected, rel=1e-4)
    assert [hit.score for hit in hits] == pytest.approx(sorted(expected.values(), reverse=True), rel=1e-4)


def test_words_of_two_characters_are_found(index: WordIndex) -> None:
    assert ids(index, "致癌") == [2, 3]
    assert ids(index, "疫苗") == [4]


def test_latin_words_and_numbers_count_whole(index: WordIndex) -> None:
    assert ids(index, "hpv") == [4]
    assert ids(index, "hp") == []
    assert ids(index, "120") == [6]
    assert ids(index, "12") == []


def test_a_changed_text_is_found_by_its_new_words_only(index: WordIndex) -> None:
    index.replace({2: "红薯叶降血糖"})
    assert ids(index, "微波炉") == []
    assert ids(index, "红薯叶") == [2]
    assert ids(index, "致癌") == [3]
    assert len(index) == 6


def test_an_article_taken_away_is_gone_at_once(index: WordIndex) -> None:
    index.replace({1: None, 5: None, 999: None})
    assert ids(index, "白酒病毒") == []
    assert len(index) == 4


def test_an_article_put_back_counts_once(index: WordIndex) -> None:
    index.replace({5: None})
    index.replace({5: TEXTS[5]})
    index.replace({5: TEXTS[5]})
    assert ids(index, "白酒") == [5, 1]
    assert len(index) == 6


def test_only_the_best_are_given(index: WordIndex) -> None:
    assert ids(index, "致癌 白酒 疫苗", limit=2) == ids(index, "致癌 白酒 疫苗")[:2]


@pytest.mark.parametrize("query", ["", "，。！", "*", '"引号" AND (', "+-^~:", "不存在的词语xyz"])
def test_a_query_without_known_words_finds_nothing(index: WordIndex, query: str) -> None:
    assert ids(index, query) == []


def test_the_language_of_the_engine_is_not_the_language_of_residents(index: WordIndex) -> None:
    assert ids(index, 'terms:致癌 AND -白酒 OR "疫苗"~2') == ids(index, "terms 致癌 and 白酒 or 疫苗 2")


def test_nothing_is_found_in_nothing() -> None:
    index = WordIndex()
    index.replace({})
    assert ids(index, "白酒") == []
    assert len(index) == 0


def test_a_text_of_thousands_of_characters_is_found_by_its_end() -> None:
    index = WordIndex()
    index.replace({1: "水" * 20_000 + "最后提到致癌", 2: "白酒"})
    assert ids(index, "致癌") == [1]
    assert ids(index, "水" * 5_000 + "致癌") == [1]
