"""An article and a list entry as their templates draw them: every text said in the reader's language already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels.pages.markdown import Block, Line, blocks_of, line_of
from bot.channels.web.presentation import is_web_link, tone_of
from bot.conversation.wording import Wording, about
from knowledge.articles import ServedSource
from knowledge.models import Kind
from knowledge.reading import ListedArticle, WholeArticle


class Words:
    """Fixed sentences and article texts for one reader."""

    def __init__(self, wording: Wording, timezone: str) -> None:
        self._wording = wording
        self._zone = ZoneInfo(timezone)

    def say(self, name: str, **values: str | int) -> str:
        """The fixed sentence `name` in the reader's language and characters."""
        return self.text(self._wording.say(name, **values))

    def text(self, text: str) -> str:
        """An article's own words in the reader's characters."""
        return self._wording.shown(text)

    def mark(self, article: ListedArticle | WholeArticle) -> str:
        """Verdict mark and word, as the chat says them."""
        judged = article.served if isinstance(article, WholeArticle) else article
        return self.text(self._wording.mark(judged.kind, judged.verdict))

    def day(self, moment: datetime) -> str:
        """A day as it is written on the page."""
        return moment.astimezone(self._zone).date().isoformat()


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in a list."""

    slug: str
    title: str
    mark: str
    tone: str

    @classmethod
    def of(cls, article: ListedArticle, words: Words) -> Entry:
        """The entry for this article."""
        mark = words.mark(article)
        return cls(article.slug, words.text(article.title), mark, tone_of(mark))


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What stands on an article's page."""

    slug: str
    topic: str
    title: str
    about: str
    """What the mark judges."""
    mark: str
    tone: str
    hook: str | None
    """What a scammer says."""
    short_answer: str
    answer: Line
    stop: Line | None
    """What to stop doing at once; only against scams."""
    steps: Sequence[Line]
    call: Line | None
    blocks: Sequence[Block]
    sources: Sequence[ServedSource]
    """Their addresses are empty where they may not be links."""
    notes: Sequence[str]
    """Dates, region, and how well it rests on its sources."""
    related: Sequence[Entry]

    @classmethod
    def of(cls, article: WholeArticle, words: Words) -> ArticleView:
        """The view of an article for one reader."""
        served = article.served
        mark = words.mark(article)
        scam = served.kind is Kind.SCAM_ALERT
        return cls(
            slug=served.slug,
            topic=served.topic.value,
            title=words.text(served.title),
            about=words.text(about(served)),
            mark=mark,
            tone=tone_of(mark),
            hook=words.text(served.claim) if scam and served.claim else None,
            short_answer=words.text(served.short_answer),
            answer=line_of(words.text(served.short_answer)),
            stop=line_of(words.say("scam-stop")) if scam else None,
            steps=[line_of(words.text(step)) for step in served.what_to_do],
            call=line_of(words.say("when-to-call", text=served.when_to_call)) if served.when_to_call else None,
            blocks=blocks_of(words.text(served.body)),
            sources=[_linkable(source) for source in served.sources],
            notes=_notes(article, words),
            related=[Entry.of(other, words) for other in article.related],
        )


def _linkable(source: ServedSource) -> ServedSource:
    url = source.url if is_web_link(source.url) else ""
    return ServedSource(source.title, source.publisher, url, source.date)


def _notes(article: WholeArticle, words: Words) -> list[str]:
    notes = [
        words.say("page-updated", date=words.day(article.served.updated_at)),
        words.say("page-review-by", date=article.served.review_by.isoformat()),
    ]
    if article.second_reading:
        notes.append(words.say("page-second-reading", date=article.second_reading.isoformat()))
    if article.served.regions:
        notes.append(words.say("page-regions", regions="、".join(article.served.regions)))
    if article.served.single_source:
        notes.append(words.say("page-one-source"))
    return notes
