"""A question tried on the articles there are, and on those there will be once a draft is published."""

from __future__ import annotations

import asyncio
from typing import Final

import numpy as np

from index.passages import Document, passages
from index.refresh import Refresher
from index.search import Outcome, Query, Searcher
from index.variants import fold
from index.vector_cache import CachedEncoder
from knowledge.article_content import ArticleContent
from knowledge.database import Database

_KEPT_SECONDS: Final = 600.0


class Rehearsal:
    """The index as it will be: a second one, built when first needed and let go of when not needed for a while.

    The one residents are answered from is never touched.
    """

    def __init__(self, database: Database, encoder: CachedEncoder) -> None:
        self._database = database
        self._encoder = encoder
        self._one_at_a_time = asyncio.Lock()
        self._copy: tuple[Searcher, Refresher] | None = None
        self._ending: asyncio.TimerHandle | None = None

    async def search(
        self, text: str, article_id: int, draft: ArticleContent, published: ArticleContent | None
    ) -> Outcome:
        """What a search would come to if the draft stood in the place of what is published."""
        async with self._one_at_a_time:
            searcher, refresher = self._kept()
            try:
                await refresher.refresh()
                return await asyncio.to_thread(_with_draft, searcher, text, article_id, draft, published)
            except BaseException:
                self._copy = None  # nobody knows what it holds now
                raise

    def _kept(self) -> tuple[Searcher, Refresher]:
        if self._ending:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._let_go)
        if self._copy is None:
            searcher = Searcher(self._encoder)
            self._copy = searcher, Refresher(self._database, searcher)
        return self._copy

    def _let_go(self) -> None:
        self._copy = None


def nearest_passage(searcher: Searcher, query: Query, content: ArticleContent) -> str:
    """The passage of an article that lies nearest to a question."""
    pieces = passages(Document.of(0, content))
    asked = [piece for piece in pieces if piece.is_asked]
    told = [piece for piece in pieces if not piece.is_asked]
    encoder, centre = searcher.encoder, searcher.centre
    vectors = np.concatenate(
        (
            centre.of_asked(encoder.encode_wordings([fold(piece.text) for piece in asked]).vectors),
            centre.of_told(encoder.encode_passages([fold(piece.text) for piece in told]).vectors),
        )
    )
    cosines = vectors @ centre.of_queries(query.vector.reshape(1, -1))[0]
    return [*asked, *told][int(np.argmax(cosines))].text


def _with_draft(
    searcher: Searcher, text: str, article_id: int, draft: ArticleContent, published: ArticleContent | None
) -> Outcome:
    searcher.replace({article_id: Document.of(article_id, draft)})
    outcome = searcher.search(text)
    searcher.replace({article_id: Document.of(article_id, published) if published else None})
    return outcome
