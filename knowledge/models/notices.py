"""What residents are told about what they asked, after the fact."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, UtcDateTime, now, stored_as


class Reason(StrEnum):
    """Why a resident hears of a rumour."""

    VERDICT = "verdict"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    STILL_UNSURE = "still_unsure"
    NOT_A_CLAIM = "not_a_claim"


class Notice(Base):
    """One thing one resident is told about one rumour.

    It becomes a turn, whose delivery says how it fares; unique, so that nothing is told twice.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("resident_id", "rumour_id", "reason", "change"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    rumour_id: Mapped[int] = mapped_column(ForeignKey("rumours.id", ondelete="CASCADE"), index=True)
    reason: Mapped[Reason] = mapped_column(stored_as(Reason))
    change: Mapped[int]
    """What was told: id of the article's revision, or which canned reply; 0 where neither is told."""
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"), unique=True)
    """The turn that carries it; none while it waits to be put into words."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a turn was made for it: one more each time sending failed and is tried again."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
