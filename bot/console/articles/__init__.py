"""The editors' room: articles written, read by a second person, published, kept fresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.console.articles import links, lists
from bot.console.articles.files import FilePages
from bot.console.articles.trying import TryPages
from bot.console.articles.writing import WritingPages
from bot.console.visit import Page
from index.worker import SearchWorker
from knowledge.database import Database

__all__ = ["ArticlePages"]


class ArticlePages:
    """Every page of the room."""

    def __init__(self, database: Database, search: SearchWorker, timezone: str, published: Callable[[], None]) -> None:
        """`published` is called once residents' search should look for changes."""
        self._writing = WritingPages(timezone, published)
        self._trying = TryPages(database, search)
        self._files = FilePages(database)

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it."""
        return [*lists.pages(), *links.pages(), *self._writing.pages(), *self._trying.pages(), *self._files.pages()]
