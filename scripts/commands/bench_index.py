"""`qiuzhen bench encode|search|publish|cluster`: the parts of the index, each beside a baseline in one run, with the
least that the work takes on this machine.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence, Set
from contextlib import closing
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
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import progress
from scripts.commands.measuring import (
    MARKS,
    Network,
    beside,
    bytes_a_second,
    copied_vectors,
    in_turns,
    int8_multiply_adds_a_second,
)

_TOKENS = 20
_LISTS = "vectors.faiss"
_NOISE = 0.6
"""How far a made-up passage lies from the real one it is made from, as a share of how far real ones lie apart."""
_QUERIES = 200
_ARTICLES_AT_ONCE = 2000
_PUBLISHED = 10
_READ = 2
"""With so many rumours a sighting is compared by the network: those that `index.same` finds likeliest."""


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
    bound = Network.of(settings.model_dir).encoding(ours.encode_queries(texts[:1]).tokens[0])
    figures = beside(own, other, bound / int8_multiply_adds_a_second())
    return {"texts": count, "tokens": _TOKENS, **figures, "resident_megabytes": _encoder_memory(settings.model_dir)}


def search(settings: Settings, count: int) -> dict[str, Any]:
    """The passages nearest to a question among `count` made-up ones, in a file that is mapped, against comparing all;
    and the memory of a process that does nothing but search that file."""
    return searched(_encoder(settings), _contents(), count)


def searched(encoder: CachedEncoder, contents: Sequence[ArticleContent], count: int) -> dict[str, Any]:
    """As `search`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        rows, queries = _made_up_vectors(encoder, contents, count)
        np.save(path / "queries.npy", queries)
        exact = VectorIndex(rows.shape[1], exact_rows=count)
        exact.add(rows, range(count))
        small = VectorIndex(rows.shape[1], exact_rows=0)
        small.add(rows, range(count))
        begun = time.perf_counter()
        with progress("建索引 Indexing") as report:
            settled = small.settled(report)
        built = time.perf_counter() - begun
        settled.save(path / _LISTS)
        bound = settled.bytes_looked_at / bytes_a_second()
        del small, settled
        mapped = VectorIndex.load(path / _LISTS)
        in_turns([_asking(index, queries, []) for index in (mapped, exact)], 20)
        found: list[set[int]] = []
        truth: list[set[int]] = []
        own, other = in_turns([_asking(mapped, queries, found), _asking(exact, queries, truth)], len(queries))
        megabytes = float(_in_a_fresh_process("megabytes_of_searching", path))
    shared = sum(len(real & ours) for real, ours in zip(truth, found, strict=True))
    return {
        "passages": count,
        **beside(own, other, bound),
        "recall@10": round(shared / (10 * len(truth)), 4),
        "build_seconds": round(built, 1),
        "resident_megabytes": megabytes,
    }


def _asking(index: VectorIndex, queries: FloatMatrix, found: list[set[int]]) -> Callable[[int], None]:
    """Search for a query by its number, and keep what was found."""
    return lambda number: found.append({hit.id for hit in index.search(queries[number], 10)})


def megabytes_of_searching(folder: Path) -> float:
    """The memory this process has after searching the mapped index of a folder."""
    index = VectorIndex.load(folder / _LISTS)
    for query in np.load(folder / "queries.npy"):
        index.search(query, 10)
    return _resident()


def publish(settings: Settings, count: int) -> dict[str, Any]:
    """One article that comes to `count` made-up ones: encoded, indexed, and found by a search; against building the
    index of all of them anew, without encoding.

    The made-up ones are the shipped articles again and again, each time under a title of its own.
    """
    shipped = [Document.of(0, content) for content in _contents()]
    with tempfile.TemporaryDirectory() as folder:
        file = copied_vectors(settings, Path(folder))
        encoder = OnnxEncoder(settings.model_dir, threads=settings.encoder_threads)
        with closing(CachedEncoder(encoder, file)) as cached:
            return published(cached, shipped, count, Network.of(settings.model_dir))


def published(encoder: CachedEncoder, shipped: Sequence[Document], count: int, network: Network) -> dict[str, Any]:
    """As `publish`, with an encoder that knows what is shipped."""
    searcher = Searcher(_Repeating(encoder, shipped))
    begun = time.perf_counter()
    with progress("建索引 Indexing") as report:
        for start in range(0, count, _ARTICLES_AT_ONCE):
            numbers = range(start, min(start + _ARTICLES_AT_ONCE, count))
            searcher.replace({number: _again(shipped, number) for number in numbers})
            report(numbers.stop, count)
    built = time.perf_counter() - begun
    searcher.encoder = encoder
    seconds = []
    for number in range(count, count + _PUBLISHED):
        # A new title, so that none of it was encoded before but what the article says elsewhere.
        begun = time.perf_counter()
        searcher.replace({number: _again(shipped, number)})
        found = searcher.search(_title(shipped, number), limit=50).found
        seconds.append(time.perf_counter() - begun)
        if number not in [each.article_id for each in found]:
            raise LookupError(f"article {number} was published and not found")
    known = {fold(piece.text) for document in shipped for piece in passages(document)}
    least = [_least(encoder, shipped, number, known, network) for number in range(count, count + _PUBLISHED)]
    return {
        "articles": count,
        "published": _PUBLISHED,
        **beside(seconds, [built], statistics.median(least) / int8_multiply_adds_a_second()),
        "longest_ms": round(max(seconds) * 1000, 1),
    }


def _least(encoder: CachedEncoder, shipped: Sequence[Document], number: int, known: Set[str], network: Network) -> int:
    """The multiply-adds of what is new about an article, and of the question that finds it."""
    texts = dict.fromkeys(fold(piece.text) for piece in passages(_again(shipped, number)))
    new = encoder.encode_passages([text for text in texts if text not in known]).tokens
    question = encoder.encode_queries([fold(_title(shipped, number))]).tokens[0]
    encoded = sum(network.encoding(tokens) for tokens in (*new, question))
    return encoded + network.comparing(question)


def _title(shipped: Sequence[Document], number: int) -> str:
    return f"第{number}号：{shipped[number % len(shipped)].title}"


def _again(shipped: Sequence[Document], number: int) -> Document:
    document = shipped[number % len(shipped)]
    return replace(document, id=number, title=_title(shipped, number))


class _Repeating(CachedEncoder):
    """Gives each text the vectors of some passage of the shipped articles: what is measured is the index."""

    def __init__(self, encoder: CachedEncoder, shipped: Sequence[Document]) -> None:
        super().__init__(encoder.encoder, None)
        pieces = [piece for document in shipped for piece in passages(document)]
        with progress("编码 Encoding") as report:
            asked = encoder.encode_wordings([fold(piece.text) for piece in pieces if piece.is_asked], report)
            told = encoder.encode_passages([fold(piece.text) for piece in pieces if not piece.is_asked], report)
        self._pool = Encoded(np.concatenate([asked.vectors, told.vectors]), (*asked.tokens, *told.tokens))
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
    return clustered(_encoder(settings), _contents(), count, Network.of(settings.model_dir))


def clustered(
    encoder: CachedEncoder, contents: Sequence[ArticleContent], count: int, network: Network
) -> dict[str, Any]:
    """As `cluster`."""
    rows, queries = _made_up_vectors(encoder, contents, count)
    contents = [content for content in contents if content.asked_as]
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

    sides = (lambda number: clusters.match(asked[number]), compare_all)
    in_turns(sides, min(10, len(asked)))
    own, other = in_turns(sides, len(asked))
    read = statistics.median(network.comparing(query.tokens, _READ) for query in asked)
    bound = _bytes_looked_at(rows) / bytes_a_second() + read / int8_multiply_adds_a_second()
    return {"open_rumours": len(clusters), **beside(own, other, bound)}


def _bytes_looked_at(rows: FloatMatrix) -> int:
    """What finding the nearest of these rows reads at least: in lists where an index makes some, else all."""
    index = VectorIndex.of(rows, range(len(rows)))
    return index.settled().bytes_looked_at if index.should_settle else rows.nbytes


def _questions(encoder: OnnxEncoder) -> list[str]:
    """Phrasings of the articles that come to just so many tokens, prefix and marks included."""
    wanted = _TOKENS - MARKS
    phrasings = [text for content in _contents() for text in content.asked_as]
    return [text for text in phrasings if len(encoder.encode_queries([text]).tokens[0]) == wanted]


def _encoder(settings: Settings) -> CachedEncoder:
    return CachedEncoder(OnnxEncoder(settings.model_dir, threads=settings.encoder_threads), settings.vectors)


def _contents() -> list[ArticleContent]:
    return list(read_folder(CONTENT).articles.values())


def _made_up_vectors(
    encoder: CachedEncoder, contents: Sequence[ArticleContent], count: int
) -> tuple[FloatMatrix, FloatMatrix]:
    """Rows that lie as the passages of the articles do, each moved as far as those differ, and questions near some."""
    texts = [fold(piece.text) for content in contents for piece in passages(Document.of(0, content))]
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
        "import sys; from pathlib import Path; from scripts.commands import bench_index\n"
        f"print(bench_index.{function}(Path(sys.argv[1])))"
    )
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own code


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)
