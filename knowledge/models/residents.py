"""Residents and what passed between them and the bot, as little of it as the work needs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, Json, UtcDateTime, now, stored_as


class Band(StrEnum):
    """How sure the bot was of its answer."""

    SURE = "sure"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class Delivery(StrEnum):
    """How far a reply got on its way to the resident."""

    NONE = "none"
    """The channel answers in the same breath, or there is nothing to say."""
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Resident(Base):
    """Somebody who wrote to the bot. Who it is, only the channel knows."""

    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of channel and address: finds the resident again, tells nobody who it is."""
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[bytes] = mapped_column(LargeBinary)
    """The address, encrypted; opened only to send what was asked for."""
    language: Mapped[str | None] = mapped_column(String(10))
    """BCP 47 tag the resident chose; none follows each message."""
    is_told: Mapped[bool] = mapped_column(default=True)
    """Whether to tell what became of what this resident asked; one button stops it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Turn(Base):
    """One message and what came of it; never its text."""

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_turns_delivery_channel", "delivery", "channel"),
        Index("ix_turns_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))
    """The channel's name for the message; unique, so that a message delivered twice is handled once."""
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="SET NULL"), index=True)
    route: Mapped[str] = mapped_column(String(20))
    band: Mapped[Band | None] = mapped_column(stored_as(Band))
    probability: Mapped[float | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
    language: Mapped[str] = mapped_column(String(10))
    forwarded: Mapped[bool]
    ms: Mapped[float]
    """Milliseconds from receiving the message to having decided the reply."""
    reply: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What is to be said, kept while it may still have to be sent (again)."""
    delivery: Mapped[Delivery] = mapped_column(stored_as(Delivery))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Feedback(Base):
    """What a resident thought of one reply."""

    __tablename__ = "feedback"

    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    helpful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
