from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from types import FrameType

import pytest

from index.clusters import ClusterIndex
from index.encoder import Encoder, load_encoder
from index.search import Query
from index.variants import fold
from index.vector_cache import CachedEncoder
from tests.fakes import HashingEncoder

PAIRS = Path(__file__).with_name("rumour_pairs.jsonl")
"""Made-up local rumours: 30 pairs that say the same in other words, 30 that differ in one thing that matters."""
# A little more than was measured, so that a change that makes it worse is noticed.
MOST_KEPT_APART = 4
MOST_JOINED = 3

WATER = "龙游县詹家镇自来水厂进了农药，这三天千万不要喝自来水"
QUAKE = "明天下午三点开化要地震，地震局的亲戚说的"


@pytest.fixture
def clusters() -> ClusterIndex:
    return ClusterIndex(CachedEncoder(HashingEncoder(), None))


@pytest.fixture(scope="module")
def real_encoder(model_dir: Path) -> CachedEncoder:
    return CachedEncoder(load_encoder(model_dir), None)


def query(text: str, encoder: Encoder | None = None) -> Query:
    """A text as the searcher hands it on."""
    folded = fold(text)
    encoded = (encoder or HashingEncoder()).encode_queries([folded])
    return Query(folded, encoded.vectors[0], encoded.tokens[0])


def joined(clusters: ClusterIndex, text: str) -> int | None:
    """The rumour a text joins."""
    match = clusters.match(query(text))
    return match.rumour_id if match else None


def test_the_same_words_join_and_others_do_not(clusters: ClusterIndex) -> None:
    clusters.add([(3, WATER), (8, QUAKE)])
    assert joined(clusters, WATER) == 3
    assert joined(clusters, QUAKE) == 8
    assert joined(clusters, "猫咪吃什么牌子的罐头好") is None


def test_writing_does_not_matter(clusters: ClusterIndex) -> None:
    clusters.add([(3, WATER)])
    assert joined(clusters, "龍游縣詹家鎮自來水廠進了農藥，這三天千萬不要喝自來水") == 3
    assert joined(clusters, f"🆘{WATER}🙏🙏 https://example.com/a") == 3


def test_a_rumour_just_opened_is_joined_by_the_next_message(clusters: ClusterIndex) -> None:
    assert clusters.match(query(WATER)) is None
    clusters.add_encoded([(5, query(WATER))])
    assert joined(clusters, WATER) == 5
    assert (len(clusters), clusters.last_id) == (1, 5)


def test_of_equal_rumours_the_newer_is_joined(clusters: ClusterIndex) -> None:
    clusters.add([(9, WATER), (4, WATER), (6, WATER)])
    assert joined(clusters, WATER) == 9
    assert clusters.last_id == 9


def test_nothing_is_joined_by_what_says_nothing(clusters: ClusterIndex) -> None:
    clusters.add([(1, WATER)])
    assert joined(clusters, "🙏🙏") is None
    assert joined(clusters, "") is None


def test_nothing_is_joined_where_there_is_nothing(clusters: ClusterIndex) -> None:
    clusters.add([])
    assert joined(clusters, WATER) is None
    assert (len(clusters), clusters.last_id) == (0, 0)


def test_what_is_settled_hides_no_open_rumour(clusters: ClusterIndex) -> None:
    clusters.add([(1, WATER), (2, f"{WATER}！")])
    first = clusters.match(query(WATER))
    assert first is not None
    other = clusters.match(query(WATER), {first.rumour_id})
    assert other is not None
    assert {first.rumour_id, other.rumour_id} == {1, 2}
    assert clusters.match(query(WATER), {1, 2}) is None


def test_many_settled_ones_hide_no_open_rumour(clusters: ClusterIndex) -> None:
    clusters.add([(number, WATER) for number in range(1, 31)])
    found: set[int] = set()
    while match := clusters.match(query(WATER), found):
        found.add(match.rumour_id)
    assert found == set(range(1, 31))


def test_what_is_known_is_not_taken_in_twice(clusters: ClusterIndex) -> None:
    clusters.add([(1, WATER)])
    clusters.add_encoded([(1, query(WATER))])
    assert [match.rumour_id for match in clusters.near(query(WATER))] == [1]


def test_the_threshold_decides(clusters: ClusterIndex) -> None:
    match = strict_match(threshold=0.0)
    assert match is not None
    assert strict_match(threshold=match) == pytest.approx(match)
    assert strict_match(threshold=match + 1e-6) is None


def strict_match(threshold: float) -> float | None:
    """How surely half the words of a rumour join it, if they do."""
    clusters = ClusterIndex(CachedEncoder(HashingEncoder(), None), threshold=threshold)
    clusters.add([(1, WATER)])
    match = clusters.match(query("詹家镇自来水厂三天不能喝"))
    return match.probability if match else None


def test_it_may_be_asked_while_rumours_are_added(clusters: ClusterIndex) -> None:
    clusters.add([(1, WATER)])
    wrong: list[int | None] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            found = joined(clusters, WATER)
            if found != 1:
                wrong.append(found)

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(2, 30):
        clusters.add([(number, f"第{number}个村子的路修好了")])
    stop.set()
    asking.join()
    assert wrong == []
    assert len(clusters) == 29


def test_a_rumour_that_comes_while_many_are_settled_stands_once() -> None:
    clusters = ClusterIndex(CachedEncoder(HashingEncoder(), None), exact_rows=50)
    clusters.add_encoded((number, query(QUAKE)) for number in range(100))

    def add_as_soon_as_settling_begins(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == "settled":
            sys.setprofile(None)
            clusters.add_encoded([(999, query(WATER))])

    sys.setprofile(add_as_soon_as_settling_begins)
    try:
        clusters.settle()
    finally:
        sys.setprofile(None)
    assert [match.rumour_id for match in clusters.near(query(WATER))].count(999) == 1
    assert len(clusters) == 101


def test_reworded_rumours_join_and_other_claims_on_the_topic_do_not(real_encoder: CachedEncoder) -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    assert (len(pairs), sum(pair["label"] for pair in pairs)) == (60, 30)
    wrong: dict[str, list[str]] = {"kept apart": [], "joined": []}
    for pair in pairs:
        clusters = ClusterIndex(real_encoder)
        clusters.add([(1, pair["a"])])
        match = clusters.match(query(pair["b"], real_encoder.encoder))
        if (match is not None) != bool(pair["label"]):
            wrong["joined" if match else "kept apart"].append(f"{pair['a']} | {pair['b']}")
    assert len(wrong["kept apart"]) <= MOST_KEPT_APART, wrong["kept apart"]
    assert len(wrong["joined"]) <= MOST_JOINED, wrong["joined"]
