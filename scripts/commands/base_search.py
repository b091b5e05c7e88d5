"""What only the search itself can say of a folder of articles: which questions find which, and which find none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bot.settings import Settings
from index.encoder import load_encoder
from index.evaluation import EvaluationError, measure
from index.passages import Document
from index.search import Outcome, Searcher
from index.vector_cache import CachedEncoder
from knowledge.article_content import ArticleContent
from knowledge.errors import FieldProblem
from knowledge.models import Band
from scripts.commands.common import Report, progress

_AT_ONCE = 64
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Base:
    """Articles and a searcher over them."""

    contents: Mapping[int, ArticleContent]
    """By the number the searcher knows them under."""
    documents: Mapping[int, Document]
    searcher: Searcher

    def first(self, outcome: Outcome) -> ArticleContent | None:
        """The best article, if any was found."""
        return self.contents[outcome.found[0].article_id] if outcome.found else None


@contextmanager
def base_of(settings: Settings, contents: Sequence[ArticleContent]) -> Iterator[Base]:
    """A searcher over these articles, with the model of the settings.

    Raises: ModelMissing, ModelDamaged.
    """
    by_number = dict(enumerate(contents, start=1))
    documents = {number: Document.of(number, content) for number, content in by_number.items()}
    encoder = load_encoder(settings.model_dir, threads=settings.encoder_threads)
    with closing(CachedEncoder(encoder, settings.vectors)) as cached:
        searcher = Searcher(cached)
        with progress("建索引 Indexing") as report:
            searcher.replace(documents, report)
        yield Base(by_number, documents, searcher)


def misplaced(base: Base) -> dict[str, list[FieldProblem]]:
    """Titles and phrasings that find another article first, by slug: two articles answer one question, or the phrasing
    belongs to the other."""
    asked = [(content, text) for content in base.contents.values() for text in (content.title, *content.asked_as)]
    found: dict[str, list[FieldProblem]] = defaultdict(list)
    with progress("提问 Asking") as report:
        for (content, text), outcome in zip(
            asked, _ask(base.searcher, [text for _, text in asked], report), strict=True
        ):
            first = base.first(outcome)
            if first and first.slug != content.slug:
                where = "title" if text == content.title else "asked_as"
                found[content.slug].append(FieldProblem(where, f"{text!r} finds {first.slug} first"))
    return found


def coverage(base: Base, texts: Sequence[str]) -> dict[str, Any]:
    """How many questions are answered surely, with a choice, or not at all, by the topic of the article found.

    Under "questions" each question with its band, probability and article.
    """
    with progress("提问 Asking") as report:
        outcomes = _ask(base.searcher, texts, report)
    topics: dict[str, Counter[str]] = defaultdict(Counter)
    rows = []
    for text, outcome in zip(texts, outcomes, strict=True):
        first = base.first(outcome)
        topics[first.topic if first else "none"][outcome.band] += 1
        slug = first.slug if first else None
        rows.append({"text": text, "band": outcome.band, "probability": round(outcome.probability, 3), "article": slug})
    counted = sum(topics.values(), Counter[str]())
    return {
        "n": len(texts),
        **{band: round(counted[band] / max(len(texts), 1), 4) for band in Band},
        "topics": {topic: {band: counts[band] for band in Band} for topic, counts in sorted(topics.items())},
        "questions": rows,
    }


def left_out(base: Base, every: int = 1) -> dict[str, Any]:
    """How often a phrasing finds its article while that article does not have it; of each article every n-th phrasing.

    Raises: EvaluationError when there is no phrasing to leave out.
    """
    asked = {number: content.asked_as[number % every :: every] for number, content in base.contents.items()}
    count = sum(map(len, asked.values()))
    if not count:
        raise EvaluationError("there is no article with a phrasing")
    ranked, misses = [], []
    with progress("提问 Asking") as report:
        for number, texts in asked.items():
            document, slug = base.documents[number], base.contents[number].slug
            for text in texts:
                others = tuple(phrasing for phrasing in document.phrasings if phrasing != text)
                base.searcher.replace({number: replace(document, phrasings=others)})
                outcome = base.searcher.search(text, limit=_DEPTH)
                ranked.append(([found.article_id for found in outcome.found], frozenset({number})))
                if (first := base.first(outcome)) and first.slug != slug:
                    misses.append({"text": text, "article": slug, "found": first.slug})
                report(len(ranked), count)
            # Once an article, not once a phrasing: the index keeps some of what was replaced.
            base.searcher.replace({number: document})
    ranking = measure(ranked)
    return {"n": count, **ranking.as_dict(), "misses": misses}


def _ask(searcher: Searcher, texts: Sequence[str], report: Report) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(texts), _AT_ONCE):
        outcomes += searcher.search_all(texts[start : start + _AT_ONCE])
        report(len(outcomes), len(texts))
    return outcomes
