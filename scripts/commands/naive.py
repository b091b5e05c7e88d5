"""The baseline of `qiuzhen bench reply`: the same reply, as one would write it in an afternoon.

The same model and passages, route, wording and tables; but sentence-transformers at fp32, a flat FAISS index, a fixed
threshold, and the plain ORM with one commit on SQLite as it comes. None of the care, and none of the guarantees.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bot.conversation.language import SIMPLIFIED
from bot.conversation.routing import SEARCHED, route
from bot.conversation.wording import Wording
from index.passages import Document, passages
from index.variants import clean, fold
from index.vector_cache import CachedEncoder
from knowledge.article_content import ArticleContent
from knowledge.articles import ServedArticle, ServedSource
from knowledge.models import Article, ArticleSource, Band, Base, Delivery, Resident, RumourKind, Sighting, Status, Turn
from knowledge.models.base import now
from knowledge.redaction import redact

_THRESHOLD = 0.85


class NaiveBot:
    """Answers one message after the other. Its index, which nobody times, is filled from vectors already there."""

    def __init__(self, model: Path, contents: Sequence[ArticleContent], indexed: CachedEncoder, database: Path) -> None:
        self._encoder = SentenceTransformer(str(model), device="cpu").float()
        self._engine = create_engine(f"sqlite:///{database}")
        self._wording = Wording(SIMPLIFIED, "Asia/Shanghai")
        Base.metadata.create_all(self._engine)
        rows = [
            (number, fold(piece.text))
            for number, c in enumerate(contents, 1)
            for piece in passages(Document.of(number, c))
        ]
        self._owners = [number for number, _ in rows]
        vectors = indexed.encode_passages([text for _, text in rows]).vectors
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        with Session(self._engine) as session:
            session.add_all(_article(number, content) for number, content in enumerate(contents, 1))
            session.commit()

    def reply_to(self, message: str) -> str:
        """What to say, with everything about it logged."""
        received = datetime.now(UTC)
        text = redact(clean(message))
        routing = route(text)
        score, number = self._search(text) if routing.route in SEARCHED else (0.0, 0)
        band = Band.SURE if score >= _THRESHOLD else Band.UNKNOWN
        with Session(self._engine) as session:
            resident = session.scalar(select(Resident).where(Resident.key == "local"))
            if resident is None:
                resident = Resident(key="local", channel="terminal", address=b"local")
                session.add(resident)
                session.flush()
            resident.seen_at = received
            article = session.get(Article, number) if band is Band.SURE else None
            said = self._wording.answer(_served(article)) if article else self._wording.say("test-reply")
            turn = Turn(
                channel="terminal",
                key=uuid.uuid4().hex,
                resident_id=resident.id,
                route=routing.route.value,
                band=band,
                probability=score,
                article_id=article.id if article else None,
                language=SIMPLIFIED,
                forwarded=False,
                ms=0.0,
                reply={"text": said},
                delivery=Delivery.NONE,
                received_at=received,
            )
            session.add(turn)
            session.flush()
            session.add(
                Sighting(
                    turn_id=turn.id,
                    resident_id=resident.id,
                    article_id=turn.article_id,
                    text=text,
                    kind=RumourKind.QUESTION,
                    received_at=received,
                )
            )
            session.commit()
        return said

    def _search(self, text: str) -> tuple[float, int]:
        query = self._encoder.encode([f"query: {text}"], normalize_embeddings=True, show_progress_bar=False)
        scores, rows = self._index.search(query, 5)
        return float(scores[0][0]), self._owners[rows[0][0]]


def _served(article: Article) -> ServedArticle:
    own = {field.name: getattr(article, field.name) for field in fields(ServedArticle) if field.name != "sources"}
    sources = [ServedSource(source.title, source.publisher, source.url, source.date) for source in article.sources]
    return ServedArticle(**own, sources=sources)


def _article(number: int, content: ArticleContent) -> Article:
    plain = content.model_dump(exclude={"sources", "second_reading"})
    sources = [ArticleSource(position=place, **source.model_dump()) for place, source in enumerate(content.sources)]
    return Article(id=number, status=Status.PUBLISHED, change=number, updated_at=now(), sources=sources, **plain)
