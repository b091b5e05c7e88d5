"""Articles: the only text residents are ever shown, with where each comes from and how it came to be."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.models.base import Base, Json, UtcDateTime, now, stored_as


class Kind(StrEnum):
    """What sort of article it is."""

    EXPLAINER = "explainer"
    DEBUNK = "debunk"
    GUIDE = "guide"
    SCAM_ALERT = "scam_alert"


class Verdict(StrEnum):
    """What a debunk or scam alert concludes about its claim."""

    TRUE = "true"
    FALSE = "false"
    MISLEADING = "misleading"
    UNPROVEN = "unproven"
    SCAM = "scam"


class Topic(StrEnum):
    """The subject an article is filed under; also its folder in `knowledge/content`."""

    HEALTH = "health"
    DISASTER = "disaster"
    FRAUD = "fraud"
    DIGITAL = "digital"


class Status(StrEnum):
    """Where an article is in its life. Only a published one is ever served."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Article(Base):
    """One article as it stands now; its past stands in `ArticleRevision`."""

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_status_review_by", "status", "review_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[Kind] = mapped_column(stored_as(Kind))
    topic: Mapped[Topic] = mapped_column(stored_as(Topic))
    title: Mapped[str] = mapped_column(String(120))
    claim: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[Verdict | None] = mapped_column(stored_as(Verdict))
    short_answer: Mapped[str] = mapped_column(String(120))
    what_to_do: Mapped[list[str]] = mapped_column(Json)
    when_to_call: Mapped[str | None] = mapped_column(String(200))
    asked_as: Mapped[list[str]] = mapped_column(Json)
    body: Mapped[str] = mapped_column(Text)
    audience: Mapped[list[str]] = mapped_column(Json)
    regions: Mapped[list[str]] = mapped_column(Json)
    season: Mapped[list[int]] = mapped_column(Json)
    related: Mapped[list[str]] = mapped_column(Json, default=list)
    single_source: Mapped[bool] = mapped_column(default=False)
    second_reading: Mapped[dict[str, Any] | None] = mapped_column(Json)
    review_by: Mapped[datetime.date]
    status: Mapped[Status] = mapped_column(stored_as(Status))
    change: Mapped[int] = mapped_column(BigInteger, index=True)
    """Number of the last change; grows over all articles, so that the index can ask what is new since one."""
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=now)

    sources: Mapped[list[ArticleSource]] = relationship(
        order_by="ArticleSource.position", cascade="all, delete-orphan", back_populates="article"
    )
    revisions: Mapped[list[ArticleRevision]] = relationship(
        order_by="ArticleRevision.number", cascade="all, delete-orphan", back_populates="article"
    )


class ArticleSource(Base):
    """One source of one article."""

    __tablename__ = "article_sources"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    publisher: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(600))
    date: Mapped[str | None] = mapped_column(String(10))
    """Publication date as far as it is known: YYYY, YYYY-MM or YYYY-MM-DD."""
    accessed: Mapped[datetime.date]

    article: Mapped[Article] = relationship(back_populates="sources")


class ArticleRevision(Base):
    """An article as it stood after one change."""

    __tablename__ = "article_revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[Status] = mapped_column(stored_as(Status))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=now)

    article: Mapped[Article] = relationship(back_populates="revisions")


class SignOff(Base):
    """A person's word that a revision of an article may be published."""

    __tablename__ = "sign_offs"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=now)


class Counter(Base):
    """A number that only grows; its row is the lock that keeps changes in order."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
