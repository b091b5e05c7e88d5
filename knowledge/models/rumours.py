"""Rumours: clusters of messages that say or ask the same thing and that no article has settled yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, UtcDateTime, now, stored_as


class RumourKind(StrEnum):
    """Whether people pass it on as a claim or ask it as a question."""

    CLAIM = "claim"
    QUESTION = "question"


class RumourStatus(StrEnum):
    """Where a rumour is on the desk."""

    OPEN = "open"
    CLOSED = "closed"


class Rumour(Base):
    """A cluster of sightings of one claim or question."""

    __tablename__ = "rumours"
    __table_args__ = (Index("ix_rumours_status_sightings", "status", "sightings"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RumourKind] = mapped_column(stored_as(RumourKind))
    status: Mapped[RumourStatus] = mapped_column(stored_as(RumourStatus), default=RumourStatus.OPEN)
    text: Mapped[str] = mapped_column(Text)
    """The first sighting's redacted text, which stands for the cluster."""
    sightings: Mapped[int]
    """How often it was received; kept here so that the queue can be ordered by demand without counting."""
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def ref(self) -> str:
        """The short id people see, such as ``R17``."""
        return f"R{self.id}"


class Sighting(Base):
    """One time a claim or question was received, tied to what answered it or to the rumour it joined.

    Tied to neither while the resident has not said which of the offered articles was meant.
    """

    __tablename__ = "sightings"

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), unique=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="SET NULL"), index=True)
    rumour_id: Mapped[int | None] = mapped_column(ForeignKey("rumours.id", ondelete="SET NULL"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    """What was received, personal data removed."""
    kind: Mapped[RumourKind] = mapped_column(stored_as(RumourKind))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Follower(Base):
    """A resident who wants to be told what becomes of a rumour."""

    __tablename__ = "followers"

    rumour_id: Mapped[int] = mapped_column(ForeignKey("rumours.id", ondelete="CASCADE"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
