"""An article as residents will see it: the message on Telegram, and the web page itself, in normal and large letters.

The page is drawn by the public pages' own templates and shown in a frame that runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.pages.address import Choices
from bot.channels.pages.view import ArticleView, Words
from bot.channels.web.wording import Language
from bot.console.articles import form
from bot.console.articles.form import Given
from bot.console.visit import Visit
from bot.conversation.answering import answer_choices
from bot.conversation.wording import Wording
from knowledge import reading
from knowledge.articles import ServedArticle
from knowledge.reading import ListedArticle, WholeArticle

_TEMPLATES = Path(__file__).parents[2] / "channels" / "pages" / "templates"


@dataclass(frozen=True, slots=True)
class Preview:
    """The same article three times."""

    message: str
    buttons: Sequence[Sequence[str]]
    page: str
    large: str


class Previewer:
    """Draws previews."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def of(self, visit: Visit, fields: Given) -> Preview:
        """The preview of what is written so far."""
        today = date.fromisoformat(visit.words.day(visit.now))
        others = await reading.listed(visit.session, today) if fields["related"] else []
        article = _whole(fields, today, visit.now, others)
        language = Language.SIMPLIFIED if visit.words.language is Language.ENGLISH else visit.words.language
        wording = Wording(language.value, self._timezone)
        reply = wording.reply(wording.answer(article.served), answer_choices(wording, article.served, 0))
        return Preview(
            message=reply.text,
            buttons=[[choice.label for choice in row] for row in reply.choices],
            page=self._page(visit, article, language, wording, large=False),
            large=self._page(visit, article, language, wording, large=True),
        )

    def _page(self, visit: Visit, article: WholeArticle, language: Language, wording: Wording, *, large: bool) -> str:
        words = Words(wording, self._timezone)
        values: dict[str, Any] = {
            "site": visit.shared["site"],
            "choices": Choices(language=language, large=large, language_asked=False),
            "language": language.value,
            "say": words.say,
            "assets": visit.shared["assets"],
            "path": f"/a/{article.served.slug}",
            "article": ArticleView.of(article, words),
            "canonical": "",
            "published": "",
            "modified": "",
            "structured": "",
        }
        return self._templates.get_template("article.html").render(**values)


def _whole(fields: Given, today: date, now: datetime, others: Sequence[ListedArticle]) -> WholeArticle:
    content = form.as_far_as_it_goes(fields, today)
    by_slug = {other.slug: other for other in others}
    return WholeArticle(
        served=ServedArticle.as_if_published(content, now),
        second_reading=form.second_reading_of(fields),
        published_at=now,
        related=[by_slug[slug] for slug in content.related if slug in by_slug],
    )
