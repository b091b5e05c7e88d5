"""The benches of the index on two articles, with an encoder that costs nothing: what they print, not how fast."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.late import Tokens
from index.passages import Document
from index.vector_cache import CachedEncoder
from scripts.commands.bench_index import clustered, published, searched
from scripts.commands.measuring import Network, beside
from tests import factories
from tests.fakes import HashingEncoder

SMALL = Network(layer=1000, layers=4, joint_layers=2)
BESIDE = {"ours", "baseline", "times_faster_at_the_median", "lower_bound_ms", "times_the_lower_bound"}
ARTICLES = [
    factories.article_content(slug="liquor", **factories.PUBLISHABLE),
    factories.article_content(
        slug="dog",
        **factories.PUBLISHABLE
        | {"title": "被狗咬了要打针吗？", "asked_as": ["狗咬了没出血", "狗咬了咋办", "被狗咬了怎么洗", "狗咬去哪打针"]},
    ),
]


@pytest.fixture
def encoder() -> CachedEncoder:
    return CachedEncoder(HashingEncoder(), None)


def test_two_sides_stand_beside_the_least_the_work_takes() -> None:
    assert beside([0.002, 0.004, 0.003], [0.006], 0.001) == {
        "ours": {"median_ms": 3.0, "p99_ms": 4.0},
        "baseline": {"median_ms": 6.0, "p99_ms": 6.0},
        "times_faster_at_the_median": 2.0,
        "lower_bound_ms": 1.0,
        "times_the_lower_bound": 3.0,
    }


def test_every_matrix_counts_once_a_token(tmp_path: Path) -> None:
    shape = {"hidden_size": 10, "intermediate_size": 40, "num_hidden_layers": 12}
    (tmp_path / "config.json").write_text(json.dumps(shape), "utf-8")
    network = Network.of(tmp_path)
    assert network == Network(layer=4 * 10 * 10 + 2 * 10 * 40, layers=12, joint_layers=6)
    six = Tokens(np.zeros((6, 4), dtype=np.int8), np.zeros(6, dtype=np.int32))
    assert network.encoding(six) == 10 * 12 * 1200  # with prefix and marks ten tokens
    assert network.comparing(six, 2) == 2 * 20 * 6 * 1200


def test_searching_a_file_stands_beside_comparing_all(encoder: CachedEncoder) -> None:
    figures = searched(encoder, ARTICLES, 2000)
    assert set(figures) >= BESIDE
    assert figures["recall@10"] >= 0.95
    assert figures["resident_megabytes"] > 0


def test_publishing_stands_beside_building_everything_anew(encoder: CachedEncoder) -> None:
    shipped = [Document.of(0, content) for content in ARTICLES]
    figures = published(encoder, shipped, 100, SMALL)
    assert set(figures) >= BESIDE
    assert figures["lower_bound_ms"] > 0


def test_joining_stands_beside_comparing_all(encoder: CachedEncoder) -> None:
    figures = clustered(encoder, ARTICLES, 1000, SMALL)
    assert set(figures) == {"open_rumours", *BESIDE}
    assert figures["open_rumours"] == 1002
