"""What the people at the desk are told in their own chat about the work that waits for them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, UtcDateTime, now, stored_as


class AlertReason(StrEnum):
    """Why somebody at the desk hears of a rumour."""

    HOT = "hot"
    """Many ask about it, and nobody works on it."""
    ASSIGNED = "assigned"
    """A colleague gave it to them."""
    DUE = "due"
    """Their answer is due soon."""
    QUESTION = "question"
    """An expert is asked something."""
    REVIEW = "review"
    """Its draft waits for a second person, which they may be."""
    SIGNED = "signed"
    """Their draft was signed off."""


class Alert(Base):
    """One thing one person is told about one rumour.

    As a `Notice` it becomes a turn, whose delivery says how it fares; unique, so that nothing is told twice.
    """

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("person_id", "rumour_id", "reason", "change"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    rumour_id: Mapped[int] = mapped_column(ForeignKey("rumours.id", ondelete="CASCADE"), index=True)
    reason: Mapped[AlertReason] = mapped_column(stored_as(AlertReason))
    change: Mapped[int]
    """What is new, so that it is told again when it happens again: version of the rumour, revision of the draft,
    number of the question, hour since 1970 it is due; 0 is told once."""
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"), unique=True)
    """The turn that carries it; none while it waits to be put into words."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a turn was made for it: one more each time sending failed and is tried again."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
