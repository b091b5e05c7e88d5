"""What the API gives and takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from knowledge.articles import ServedArticle
from knowledge.desk.detail import Detail
from knowledge.models import Band, Kind, RumourKind, RumourStatus, Topic, Verdict
from knowledge.models import Rumour as RumourRow
from knowledge.reading import ListedArticle, WholeArticle


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Source(BaseModel):
    """Where an article comes from."""

    title: str
    publisher: str
    url: str
    date: str | None = Field(description="YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known.")


class Entry(BaseModel):
    """An article in a list."""

    slug: str
    url: str
    kind: Kind
    topic: Topic
    title: str
    verdict: Verdict | None
    updated_at: datetime

    @classmethod
    def of(cls, article: ListedArticle, base: str) -> Entry:
        """The entry of an article whose pages lie under `base`."""
        return cls(
            slug=article.slug,
            url=f"{base}/a/{article.slug}",
            kind=article.kind,
            topic=article.topic,
            title=article.title,
            verdict=article.verdict,
            updated_at=article.updated_at,
        )


class Articles(BaseModel):
    """Some articles, by slug."""

    articles: list[Entry]
    total: int = Field(description="How many there are on all pages.")
    next: str | None = Field(description="The `cursor` of the next page; none on the last one.")


class Found(Entry):
    """An article that answers."""

    short_answer: str
    what_to_do: list[str]
    when_to_call: str | None
    review_by: date

    @classmethod
    def of(cls, article: ServedArticle, base: str) -> Found:  # type: ignore[override]  # it holds more of the article
        """What is told of an article that answers."""
        return cls(
            slug=article.slug,
            url=f"{base}/a/{article.slug}",
            kind=article.kind,
            topic=article.topic,
            title=article.title,
            verdict=article.verdict,
            updated_at=article.updated_at,
            short_answer=article.short_answer,
            what_to_do=list(article.what_to_do),
            when_to_call=article.when_to_call,
            review_by=article.review_by,
        )


class Answer(BaseModel):
    """What a search came to."""

    band: Band
    probability: float = Field(description="Calibrated chance that the best article there is answers.")
    articles: list[Found] = Field(description="One when sure, up to three when ambiguous, none when unknown.")


class Article(Found):
    """A whole article."""

    claim: str | None
    body: str
    regions: list[str]
    single_source: bool
    second_reading: date | None
    published_at: datetime
    sources: list[Source]

    @classmethod
    def whole(cls, article: WholeArticle, base: str) -> Article:
        """All that residents may read of an article."""
        served = article.served
        return cls(
            **Found.of(served, base).model_dump(),
            claim=served.claim,
            body=served.body,
            regions=list(served.regions),
            single_source=served.single_source,
            second_reading=article.second_reading,
            published_at=article.published_at,
            sources=[Source(title=s.title, publisher=s.publisher, url=s.url, date=s.date) for s in served.sources],
        )


class Rumour(BaseModel):
    """A rumour on the desk."""

    id: int
    kind: RumourKind
    status: RumourStatus
    text: str = Field(description="Redacted.")
    sightings: int
    harm: int
    region: str
    first_seen: datetime
    last_seen: datetime
    answer_due: datetime | None
    version: int

    @classmethod
    def of(cls, rumour: RumourRow) -> Rumour:
        """What is told of a rumour."""
        return cls(**{name: getattr(rumour, name) for name in Rumour.model_fields})


class Rumours(BaseModel):
    """A page of the queue."""

    rumours: list[Rumour]
    page: int
    has_more: bool


class Wording(BaseModel):
    """One way a rumour is told."""

    text: str
    count: int


class Note(BaseModel):
    """Something the desk wrote down."""

    kind: str
    text: str
    by: str | None
    at: datetime


class RumourDetail(Rumour):
    """A rumour with its wordings and notes."""

    wordings: list[Wording]
    notes: list[Note]

    @classmethod
    def whole(cls, found: Detail) -> RumourDetail:
        """All that is told of a rumour."""
        return cls(
            **Rumour.of(found.rumour).model_dump(),
            wordings=[Wording(text=text, count=count) for text, count in found.variants],
            notes=[
                Note(kind=one.note.kind.value, text=one.note.text, by=one.by, at=one.note.at) for one in found.notes
            ],
        )


def _storable(text: object) -> object:
    """Without NUL, which PostgreSQL does not take, and without what a note loses at its ends."""
    return text.replace("\0", "").strip() if isinstance(text, str) else text


class NewNote(BaseModel):
    """A note to write."""

    text: Annotated[str, BeforeValidator(_storable)] = Field(min_length=1, max_length=4000, pattern=r"\S")


class Done(BaseModel):
    """That it was done."""

    done: bool


class OpenRumour(BaseModel):
    """A rumour of the open data."""

    id: str = Field(description="A keyed hash: stable, but nobody can count or look up by it.")
    kind: RumourKind
    text: str
    sightings: int
    first_seen: date
    last_seen: date
    verdict: Verdict | None
    article: str | None
