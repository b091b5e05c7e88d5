from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.decision import Bands, Evidence, probability
from index.encoder import Encoded, load_encoder
from index.late import Tokens
from index.passages import Document, passages
from index.search import Searcher
from index.variants import fold
from index.vector_cache import CachedEncoder
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from knowledge.models import Band
from tests.fakes import HashingEncoder

LIQUOR = Document(1, "喝高度白酒能杀死病毒吗？", body="酒精进入血液的浓度太低，杀不死病毒。")
MICROWAVE = Document(2, "微波炉加热食物会致癌吗？", body="微波只让水分子动起来，不会留在食物里。")
LEFTOVERS = Document(3, "隔夜菜能吃吗？", body="放进冰箱的隔夜菜，热透了可以吃，亚硝酸盐很少。")
POLICE = Document(
    4, "公检法打电话要转账怎么办？", ("安全账户是真的吗",), body="公检法没有安全账户，挂断电话，拨打96110。"
)
DOCUMENTS = {document.id: document for document in (LIQUOR, MICROWAVE, LEFTOVERS, POLICE)}


@pytest.fixture
def searcher() -> Searcher:
    searcher = Searcher(CachedEncoder(HashingEncoder(), None))
    searcher.replace(DOCUMENTS)
    return searcher


@pytest.fixture(scope="module")
def starter() -> dict[int, ArticleContent]:
    return dict(enumerate(read_folder(CONTENT).articles.values(), start=1))


@pytest.fixture(scope="module")
def real(starter: dict[int, ArticleContent], model_dir: Path, starter_vectors: Path) -> Iterator[Searcher]:
    encoder = CachedEncoder(load_encoder(model_dir), starter_vectors)
    searcher = Searcher(encoder)
    searcher.replace({number: Document.of(number, content) for number, content in starter.items()})
    yield searcher
    encoder.close()


class PassageReader(CachedEncoder):
    """Reads nothing, and remembers the ids of the passage it was to read."""

    def __init__(self) -> None:
        super().__init__(HashingEncoder(), None)
        self.told: list[list[int]] = []

    def compare_told(self, question: Tokens, told: Tokens) -> float | None:
        self.told.append(told.ids.tolist())
        return 2.5


def test_of_an_article_with_phrasings_the_nearest_passage_of_its_text_is_read() -> None:
    body = "酒精进入血液的浓度太低，杀不死病毒。" * 10 + "误喝了消毒酒精怎么办，打120。"
    liquor = Document(1, "喝白酒杀毒吗？", ("白酒能杀病毒吗", "误喝酒精怎么办"), "不能。", body)
    searcher = Searcher(reader := PassageReader(), Bands(read_above=0.0, read_below=1.0))
    searcher.replace({1: liquor, 2: MICROWAVE})
    assert (found := searcher.search("误喝了消毒酒精怎么办").evidence) is not None
    assert found.answered == 2.5
    [told] = reader.told
    last = passages(liquor)[-1]
    assert last.text.endswith("打120。")
    assert told == HashingEncoder().encode_passages([fold(last.text)]).tokens[0].ids.tolist()

    assert (bare := searcher.search("微波炉加热食物会致癌吗").evidence) is not None
    assert bare.answered is None
    assert len(reader.told) == 1


@pytest.mark.parametrize(("above", "below", "times"), [(-0.01, 0.01, 1), (0.0, 0.01, 0), (-0.01, 0.0, 0)])
def test_a_passage_is_read_only_where_it_may_change_the_band(
    searcher: Searcher, above: float, below: float, times: int
) -> None:
    question = "公检法打电话怎么办"
    chance = searcher.search(question).probability
    reading = Searcher(reader := PassageReader(), Bands(read_above=chance + above, read_below=chance + below))
    reading.replace(DOCUMENTS)
    assert reading.search(question).found[0].article_id == POLICE.id
    assert len(reader.told) == times


def ids(searcher: Searcher, text: str) -> list[int]:
    """What is found, best first."""
    return [found.article_id for found in searcher.search(text).found]


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (1.0, Band.SURE),
        (0.8, Band.SURE),
        (0.7999, Band.AMBIGUOUS),
        (0.3, Band.AMBIGUOUS),
        (0.2999, Band.UNKNOWN),
        (0.0, Band.UNKNOWN),
    ],
)
def test_a_band_begins_at_its_threshold(probability: float, band: Band) -> None:
    assert Bands(sure=0.8, ambiguous=0.3).of(probability) is band


def test_an_article_without_phrasings_is_sure_sooner() -> None:
    bands = Bands(sure=0.9, less_without_phrasings=0.1)
    assert bands.of(0.85) is Band.AMBIGUOUS
    assert bands.of(0.85, has_phrasings=False) is Band.SURE
    assert bands.of(0.75, has_phrasings=False) is Band.AMBIGUOUS


def test_what_facts_speak_against_is_never_sure() -> None:
    certain = Evidence(9.0, 9.0, 9.0, 9.0, 9.0, 0.0, 0.0, 9.0, 9.0)
    assert Bands().of(probability(certain)) is Band.SURE
    assert Bands().of(probability(certain, vetoed=True)) is not Band.SURE


class TestFinding:
    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("喝白酒能杀病毒吗", 1),
            ("微波爐致癌嗎", 2),
            ("隔夜菜還能不能吃", 3),
            ("安全账户", 4),
            ("挂断电话", 4),
            ("亚硝酸盐", 3),
        ],
    )
    def test_the_article_meant_comes_first(self, searcher: Searcher, question: str, expected: int) -> None:
        assert ids(searcher, question)[0] == expected

    def test_at_most_so_many_are_given_best_first(self, searcher: Searcher) -> None:
        found = searcher.search("白酒 微波炉 隔夜菜", limit=2).found
        assert len(found) == 2
        assert found[0].score >= found[1].score

    def test_several_at_once_are_answered_as_one_by_one(self, searcher: Searcher) -> None:
        questions = ["喝白酒能杀病毒吗", "", "微波炉致癌吗"]
        together = searcher.search_all(questions)
        other = Searcher(CachedEncoder(HashingEncoder(), None))
        other.replace(DOCUMENTS)
        alone = [other.search(question) for question in questions]
        assert [outcome.found for outcome in together] == [outcome.found for outcome in alone]
        assert [outcome.probability for outcome in together] == [outcome.probability for outcome in alone]

    def test_the_band_is_that_of_the_probability(self) -> None:
        for bands, expected in (
            (Bands(0.0, 0.0), Band.SURE),
            (Bands(1.01, 0.0), Band.AMBIGUOUS),
            (Bands(2, 2), Band.UNKNOWN),
        ):
            searcher = Searcher(CachedEncoder(HashingEncoder(), None), bands)
            searcher.replace(DOCUMENTS)
            assert searcher.search("喝白酒能杀病毒吗").band is expected

    def test_a_title_is_surer_than_something_else_altogether(self, searcher: Searcher) -> None:
        title = searcher.search(LIQUOR.title)
        other = searcher.search("猫咪吃什么牌子的罐头好")
        assert title.probability > 0.5 > other.probability

    def test_what_happened_in_a_village_is_settled_only_by_an_article_that_names_it(self) -> None:
        said = "自来水公司说井水被人投了毒，大家都不能喝了"
        searcher = Searcher(CachedEncoder(HashingEncoder(), None))
        searcher.replace({1: Document(1, said, (said[:-1],), body="井水有怪味就别喝。")})
        assert searcher.search(said).probability > 0.5
        assert searcher.search(f"石塘村{said}").probability <= 0.5
        searcher.replace({1: Document(1, f"石塘村{said}", (said[:-1],), body="化验过，没有毒。")})
        assert searcher.search(f"石塘村{said}").probability > 0.5

    def test_an_injury_is_answered_only_by_an_article_on_it(self) -> None:
        said = "手头没有别的东西，就从冰箱里拿冰块出来敷一敷，妈妈说这样好得快"
        searcher = Searcher(CachedEncoder(HashingEncoder(), None))
        searcher.replace({1: Document(1, said, (said[:-1],), body="发烧时水别太凉。")})
        assert searcher.search(said).band is Band.SURE
        assert searcher.search(f"烫伤{said}").band is not Band.SURE
        searcher.replace({1: Document(1, f"烫伤{said}", (said[:-1],), body="用流动的凉水冲。")})
        assert searcher.search(f"烫伤{said}").band is Band.SURE

    @pytest.mark.parametrize("text", ["", "   ", "🙏🙏", "https://example.com/a"])
    def test_what_says_nothing_finds_nothing(self, searcher: Searcher, text: str) -> None:
        outcome = searcher.search(text)
        assert (outcome.found, outcome.probability, outcome.band) == ((), 0.0, Band.UNKNOWN)

    def test_an_empty_index_finds_nothing_and_is_unknown(self) -> None:
        searcher = Searcher(CachedEncoder(HashingEncoder(), None))
        outcome = searcher.search("喝白酒能杀病毒吗")
        assert (outcome.found, outcome.probability, outcome.band) == ((), 0.0, Band.UNKNOWN)
        assert len(outcome.query.vector) == 256
        assert len(searcher) == 0

    def test_each_baseline_ranks_by_its_own(self, searcher: Searcher) -> None:
        assert [hit.id for hit in searcher.rank_by_words("96110", 5)] == [4]
        assert searcher.rank_by_vectors(LIQUOR.title, 1)[0].id == 1
        assert searcher.rank_by_vectors(LIQUOR.title, 1)[0].score == pytest.approx(1.0, abs=1e-3)


class TestChanging:
    def test_a_retired_article_is_found_no_more(self, searcher: Searcher) -> None:
        searcher.replace({1: None})
        assert 1 not in ids(searcher, LIQUOR.title)
        assert len(searcher) == 3

    def test_a_new_text_takes_the_place_of_the_old(self, searcher: Searcher) -> None:
        searcher.replace({1: Document(1, "红薯叶能降血糖吗？")})
        assert ids(searcher, "红薯叶降血糖")[0] == 1
        assert searcher.rank_by_words("高度白酒", 5) == []
        assert len(searcher) == 4

    def test_all_articles_may_go_and_come_back(self, searcher: Searcher) -> None:
        searcher.replace(dict.fromkeys(DOCUMENTS))
        assert ids(searcher, LIQUOR.title) == []
        searcher.replace(DOCUMENTS)
        assert ids(searcher, LIQUOR.title)[0] == 1

    def test_taking_away_what_was_never_there_changes_nothing(self, searcher: Searcher) -> None:
        searcher.replace({77: None})
        searcher.replace({})
        assert len(searcher) == 4

    def test_whoever_searches_meanwhile_sees_the_old_or_the_new(self, searcher: Searcher) -> None:
        """Two articles swap their words in one change, over and over: exactly one of them always fits."""
        here, there = Document(1, LIQUOR.title), Document(2, LIQUOR.title)
        searcher.replace({1: here, 2: None, 3: None, 4: None})
        seen: list[list[int]] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():  # each time in other words, or it is not searched for at all
                seen.append(ids(searcher, f"{LIQUOR.title}{len(seen)}"))

        asking = threading.Thread(target=ask)
        asking.start()
        for _ in range(10):
            searcher.replace({1: None, 2: there})
            assert ids(searcher, LIQUOR.title) == [2]  # at once, for whoever made the change
            searcher.replace({1: here, 2: None})
            assert ids(searcher, LIQUOR.title) == [1]
        stop.set()
        asking.join()
        assert {tuple(found) for found in seen} <= {(1,), (2,)}
        assert len(seen) > 10

    def test_what_was_found_before_a_change_is_not_remembered_after_it(self) -> None:
        class Changing(HashingEncoder):
            """An article changes while a question is encoded."""

            def encode_queries(self, texts: Sequence[str]) -> Encoded:
                if "白酒消毒" in texts:
                    changed.replace({2: None})
                return super().encode_queries(texts)

        changed = Searcher(CachedEncoder(Changing(), None))
        changed.replace(DOCUMENTS)
        assert 2 in ids(changed, "微波炉")
        ids(changed, "白酒消毒")
        assert 2 not in ids(changed, "微波炉")
        changed.replace({2: MICROWAVE})
        assert 2 in ids(changed, "微波炉")

    def test_progress_is_heard_of_passages_to_encode(self) -> None:
        searcher = Searcher(CachedEncoder(HashingEncoder(), None))
        heard: list[tuple[int, int]] = []
        searcher.replace(DOCUMENTS, lambda done, total: heard.append((done, total)))
        assert heard == [(5, 5), (4, 4)]  # four titles and a phrasing, then four bodies


class TestStarterArticles:
    """The real encoder on the knowledge base that comes along."""

    def test_every_article_is_found_first_by_its_own_title(
        self, real: Searcher, starter: dict[int, ArticleContent]
    ) -> None:
        outcomes = zip(starter.items(), real.search_all([content.title for content in starter.values()]), strict=True)
        missed = [content.title for (number, content), outcome in outcomes if outcome.found[0].article_id != number]
        assert missed == []

    def test_at_least_95_of_100_phrasings_find_their_article_first(
        self, real: Searcher, starter: dict[int, ArticleContent]
    ) -> None:
        asked = [(number, text) for number, content in starter.items() for text in content.asked_as[number % 8 :: 8]]
        outcomes = real.search_all([text for _, text in asked])
        missed = [
            f"{text} -> {starter[outcome.found[0].article_id].slug}, not {starter[number].slug}"
            for (number, text), outcome in zip(asked, outcomes, strict=True)
            if outcome.found[0].article_id != number
        ]
        assert len(missed) <= 0.05 * len(asked), missed

    def test_most_phrasings_would_be_found_had_nobody_written_them_down(
        self, real: Searcher, starter: dict[int, ArticleContent]
    ) -> None:
        """A resident's own words are in no list: the same questions on articles without their phrasings."""
        bare = Searcher(real.encoder)
        documents = {number: Document.of(number, content) for number, content in starter.items()}
        bare.replace({number: replace(document, phrasings=()) for number, document in documents.items()})
        asked = [(number, text) for number, content in starter.items() for text in content.asked_as[number % 8 :: 8]]
        outcomes = bare.search_all([text for _, text in asked])
        missed = [
            text
            for (number, text), outcome in zip(asked, outcomes, strict=True)
            if outcome.found[0].article_id != number
        ]
        # 37 of 523 with 60 articles, 228 of 1637 with 194, 214 of 1345 with 595: the more neighbours, the harder it is.
        # 258 of 1382 with 867, and 195 of 809 of those written to share no word with the title.
        assert len(missed) <= 0.22 * len(asked), missed
