"""`qiuzhen bench encode|search|publish|cluster`: the parts of the index, most beside a baseline in one run, with the
least that the work takes on this machine.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.settings import Settings
from index.clusters import ClusterIndex
from index.encoder import Encoded, OnnxEncoder
from index.late import Tokens
from index.passages import Document, passages
from index.search import Query, Searcher
from index.variants import fold
from index.vector_cache import CachedEncoder
from index.vectors import FloatMatrix, VectorIndex, unit_rows
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import progress
from scripts.commands.measuring import bytes_a_second, in_turns, int8_multiply_adds_a_second, summary

_TOKENS = 20
_NOISE = 0.6
"""How far a made-up passage lies from the real one it is made from, as a share of how far real ones lie apart."""
_QUERIES = 200
_ARTICLES_AT_ONCE = 2000
_PUBLISHED = 10


def encode(settings: Settings, count: int) -> dict[str, Any]:
    """One question of about twenty tokens, ours against sentence-transformers in fp32 on the same weights."""
    from sentence_transformers import SentenceTransformer

    ours = OnnxEncoder(settings.model_dir, threads=settings.encoder_threads)
    theirs = SentenceTransformer(str(settings.model_dir), device="cpu").float()
    texts = _questions(ours)
    sides = (
        lambda number: ours.encode_queries([texts[number % len(texts)]]),
        lambda number: theirs.encode([f"query: {texts[number % len(texts)]}"], show_progress_bar=False),
    )
    in_turns(sides, 20)
    own, other = in_turns(sides, count)
    bound = _multiply_adds(theirs) / int8_multiply_adds_a_second()
    figures = _beside(own, other, bound)
    return {"texts": count, "tokens": _TOKENS, **figures, "resident_megabytes": _encoder_memory(settings.model_dir)}


def search(settings: Settings, count: int) -> dict[str, Any]:
    """The passages nearest to a question among `count` made-up ones, against comparing all; from a file mapped by a
    process of its own, whose memory is told."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        rows, queries = _made_up_vectors(settings, count)
        np.save(path / "queries.npy", queries)
        exact = VectorIndex(rows.shape[1], exact_rows=count)
        exact.add(rows, range(count))
        small = VectorIndex(rows.shape[1], exact_rows=0)
        small.add(rows, range(count))
        begun = time.perf_counter()
        with progress("建索引 Indexing") as report:
            settled = small.settled(report)
        built = time.perf_counter() - begun
        settled.save(path / "vectors.faiss")
        kept_bytes = settled.bytes_looked_at
        truth = [{hit.id for hit in exact.search(query, 10)} for query in queries]
        other = in_turns([lambda number: exact.search(queries[number], 10)], min(30, len(queries)))[0]
        found = json.loads(_in_a_fresh_process("from_file", path))
    shared = sum(len(real & set(ids)) for real, ids in zip(truth, found["ids"], strict=True))
    figures = _beside(found["seconds"], other, kept_bytes / bytes_a_second())
    return {
        "passages": count,
        **figures,
        "recall@10": round(shared / (10 * len(truth)), 4),
        "build_seconds": round(built, 1),
        "resident_megabytes": found["megabytes"],
    }


def publish(settings: Settings, count: int) -> dict[str, Any]:
    """One article that comes to `count` made-up ones: encoded, indexed, and found by a search.

    The made-up ones are the shipped articles again and again, each time under a title of its own.
    """
    encoder = CachedEncoder(OnnxEncoder(settings.model_dir, threads=settings.encoder_threads), settings.vectors)
    shipped = [Document.of(0, content) for content in read_folder(CONTENT).articles.values()]
    searcher = Searcher(_Repeating(encoder, shipped))
    with progress("建索引 Indexing") as report:
        for start in range(0, count, _ARTICLES_AT_ONCE):
            numbers = range(start, min(start + _ARTICLES_AT_ONCE, count))
            searcher.replace({number: _again(shipped, number) for number in numbers})
            report(numbers.stop, count)
    searcher.encoder = encoder
    seconds = []
    for number in range(count, count + _PUBLISHED):
        # A new title, so that none of it was encoded before but what the article says elsewhere.
        begun = time.perf_counter()
        searcher.replace({number: _again(shipped, number)})
        found = searcher.search(f"第{number}号：{shipped[number % len(shipped)].title}", limit=50).found
        seconds.append(time.perf_counter() - begun)
        if number not in [each.article_id for each in found]:
            raise LookupError(f"article {number} was published and not found")
    return {"articles": count, "published": _PUBLISHED, **summary(seconds), "longest_ms": round(max(seconds) * 1000, 1)}


def _again(shipped: Sequence[Document], number: int) -> Document:
    document = shipped[number % len(shipped)]
    return replace(document, id=number, title=f"第{number}号：{document.title}")


class _Repeating(CachedEncoder):
    """Gives each text the vectors of some passage of the shipped articles: what is measured is the index."""

    def __init__(self, encoder: CachedEncoder, shipped: Sequence[Document]) -> None:
        super().__init__(encoder.encoder, None)
        pieces = [fold(piece.text) for document in shipped for piece in passages(document)]
        with progress("编码 Encoding") as report:
            self._pool = encoder.encode_passages(pieces, report)
        self._turn = itertools.count()

    def encode_passages(self, texts: Sequence[str], progress: object = None) -> Encoded:
        places = [next(self._turn) % len(self._pool.tokens) for _ in texts]
        return Encoded(self._pool.vectors[places], tuple(self._pool.tokens[place] for place in places))

    encode_kept_queries = encode_wordings = encode_passages


def cluster(settings: Settings, count: int) -> dict[str, Any]:
    """A sighting that looks for its rumour among `count` open ones, against judging by comparing all vectors.

    The rumours are made up but for the titles of articles; what is asked are phrasings of these, so that each has to be
    read beside what is like it.
    """
    encoder = CachedEncoder(OnnxEncoder(settings.model_dir, threads=settings.encoder_threads), settings.vectors)
    rows, queries = _made_up_vectors(settings, count)
    contents = [content for content in read_folder(CONTENT).articles.values() if content.asked_as]
    texts = [fold(text) for content in contents for text in content.asked_as]
    tokens = encoder.encode_kept_queries(texts).tokens
    titles = _queries(encoder.encode_kept_queries, [content.title for content in contents])
    clusters = ClusterIndex(encoder)
    clusters.add_encoded((number, _made_up(rows[number], texts, tokens, number)) for number in range(count))
    clusters.add_encoded(enumerate(titles, start=count))
    clusters.settle()
    asked = _queries(encoder.encode_queries, [content.asked_as[0] for content in contents[: len(queries)]])

    def compare_all(number: int) -> object:
        return np.argsort(-(rows @ asked[number].vector))[:10]

    in_turns([lambda number: clusters.match(asked[number])], 10)
    own = in_turns([lambda number: clusters.match(asked[number])], len(asked))[0]
    other = in_turns([compare_all], min(30, len(asked)))[0]
    return {"open_rumours": len(clusters), **_beside(own, other, rows.nbytes / 4 * 0.02 / bytes_a_second())}


def from_file(folder: Path) -> dict[str, Any]:
    """Search the mapped index of a folder: ids, seconds, and the memory this process then has."""
    index = VectorIndex.load(folder / "vectors.faiss")
    queries = np.load(folder / "queries.npy")
    ids: list[list[int]] = []
    for query in queries[:20]:
        index.search(query, 10)
    seconds = in_turns(
        [lambda number: ids.append([hit.id for hit in index.search(queries[number], 10)])], len(queries)
    )[0]
    return {"ids": ids, "seconds": seconds, "megabytes": _resident()}


def _beside(own: Sequence[float], other: Sequence[float], bound: float) -> dict[str, Any]:
    ours, baseline = summary(own), summary(other)
    return {
        "ours": ours,
        "baseline": baseline,
        "times_faster_at_the_median": round(baseline["median_ms"] / ours["median_ms"], 2),
        "lower_bound_ms": round(bound * 1000, 3),
        "times_the_lower_bound": round(ours["median_ms"] / (bound * 1000), 2),
    }


def _multiply_adds(model: Any) -> float:
    """Of one question: every matrix of the network once a token; attention is a thousandth of that."""
    layers = (value for name, value in model.named_parameters() if ".layer." in name and value.dim() == 2)
    return float(sum(value.numel() for value in layers) * _TOKENS)


def _questions(encoder: OnnxEncoder) -> list[str]:
    """Phrasings of the articles that come to just so many tokens, prefix and marks included."""
    wanted = _TOKENS - 4
    phrasings = [text for content in read_folder(CONTENT).articles.values() for text in content.asked_as]
    return [text for text in phrasings if len(encoder.encode_queries([text]).tokens[0]) == wanted]


def _made_up_vectors(settings: Settings, count: int) -> tuple[FloatMatrix, FloatMatrix]:
    """Rows that lie as the passages of the articles do, each moved as far as those differ, and questions near some."""
    encoder = CachedEncoder(OnnxEncoder(settings.model_dir, threads=settings.encoder_threads), settings.vectors)
    contents = enumerate(read_folder(CONTENT).articles.values(), start=1)
    texts = [fold(piece.text) for number, content in contents for piece in passages(Document.of(number, content))]
    with progress("编码 Encoding") as report:
        real = encoder.encode_passages(texts, report).vectors
    centred = real - real.mean(axis=0)
    random = np.random.default_rng(0)
    spread = np.linalg.cholesky(np.cov(centred.T) + 1e-6 * np.eye(real.shape[1])).astype(np.float32)
    rows = np.empty((count, real.shape[1]), dtype=np.float32)
    for start in range(0, count, 50_000):
        some = len(rows[start : start + 50_000])
        noise = random.standard_normal((some, real.shape[1]), dtype=np.float32) @ spread.T
        rows[start : start + some] = unit_rows(centred[random.integers(0, len(real), some)] + _NOISE * noise)
    near = rows[random.choice(count, _QUERIES, replace=False)]
    noise = random.standard_normal(near.shape, dtype=np.float32) @ spread.T
    return rows, unit_rows(near + 0.3 * noise / np.linalg.norm(noise, axis=1, keepdims=True))


def _queries(encode: Callable[[Sequence[str]], Encoded], texts: Sequence[str]) -> list[Query]:
    folded = [fold(text) for text in texts]
    encoded = encode(folded)
    return [Query(*row) for row in zip(folded, encoded.vectors, encoded.tokens, strict=True)]


def _made_up(vector: FloatMatrix, texts: Sequence[str], tokens: Sequence[Tokens], number: int) -> Query:
    return Query(texts[number % len(texts)], vector, tokens[number % len(texts)])


def _encoder_memory(model: Path) -> float:
    code = (
        "import sys; from pathlib import Path; from index.encoder import load_encoder\n"
        "encoder = load_encoder(Path(sys.argv[1]))\n"
        "for _ in range(50): encoder.encode_queries(['喝高度白酒能杀死病毒吗'])\n"
        "print(Path('/proc/self/status').read_text().split('VmRSS:')[1].split()[0])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    return round(int(run.stdout) / 1024, 1)


def _in_a_fresh_process(function: str, folder: Path) -> str:
    code = (
        "import json, sys; from pathlib import Path; from scripts.commands import bench_index\n"
        f"print(json.dumps(bench_index.{function}(Path(sys.argv[1]))))"
    )
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own code


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
