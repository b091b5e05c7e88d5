"""Rumours: clusters of messages that say or ask the same thing and that no article has settled yet."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, UtcDateTime, now, stored_as


class RumourKind(StrEnum):
    """Whether people pass it on as a claim or ask it as a question."""

    CLAIM = "claim"
    QUESTION = "question"


class RumourStatus(StrEnum):
    """Where a rumour is on the desk."""

    OPEN = "open"
    """Nobody works on it."""
    CLAIMED = "claimed"
    """Somebody works on it."""
    REVIEW = "review"
    """Its draft waits for a second person."""
    ANSWERED = "answered"
    """An article settles it."""
    NOT_A_CLAIM = "not_a_claim"
    """There is nothing to check; whoever asked gets a canned reply."""
    MERGED = "merged"
    """It is the same as another rumour, which holds its sightings now."""


UNSETTLED = (RumourStatus.OPEN, RumourStatus.CLAIMED, RumourStatus.REVIEW)
"""What is still on the desk, and what a new sighting may join."""


class Harm(IntEnum):
    """How much harm a rumour does to those who believe it."""

    UNRATED = 0
    LOW = 1
    """Annoying or silly."""
    MEDIUM = 2
    """Costs money, or delays care."""
    HIGH = 3
    """May cost life, health, savings, or set people against each other."""


class NoteKind(StrEnum):
    """What a note on a rumour is."""

    NOTE = "note"
    QUESTION = "question"
    """To an expert."""
    ANSWER = "answer"
    """Of an expert."""


_ON_DESK, _SETTLED = sql("settled_at IS NULL"), sql("settled_at IS NOT NULL")


class Rumour(Base):
    """A cluster of sightings of one claim or question."""

    __tablename__ = "rumours"
    # One for each order of the queue, over the few rumours that are on the desk: a page is read off an index, unsorted.
    __table_args__ = (
        *(
            Index(f"ix_rumours_queue_{columns[0]}", *columns, "id", sqlite_where=_ON_DESK, postgresql_where=_ON_DESK)
            for columns in (("sightings",), ("trend",), ("harm", "sightings"), ("first_seen",), ("answer_due",))
        ),
        Index("ix_rumours_settled", "settled_at", "id", sqlite_where=_SETTLED, postgresql_where=_SETTLED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RumourKind] = mapped_column(stored_as(RumourKind))
    status: Mapped[RumourStatus] = mapped_column(stored_as(RumourStatus), default=RumourStatus.OPEN)
    text: Mapped[str] = mapped_column(Text)
    """The first sighting's redacted text, which stands for the cluster."""
    sightings: Mapped[int]
    """How often it was received; kept here so that the queue can be ordered by demand without counting."""
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    trend: Mapped[float] = mapped_column(default=0.0)
    """How hot it is, by `knowledge.trend`: comparable at any moment without being computed anew."""
    harm: Mapped[int] = mapped_column(SmallInteger, default=Harm.UNRATED)
    region: Mapped[str] = mapped_column(String(40), default="")
    """Where it goes round, as far as a debunker knows; empty is everywhere."""
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    acknowledge_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody must have claimed it."""
    answer_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When there must be an answer, or "still unsure" goes out."""
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"), index=True)
    """The article that settles it, or the draft of one."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("rumours.id", ondelete="SET NULL"))
    canned: Mapped[str | None] = mapped_column(String(40))
    """The canned reply of what is not a claim."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None exactly while it is `UNSETTLED`."""
    version: Mapped[int] = mapped_column(default=0)
    """Grows with every change by a person, so that a form filled from an older state is noticed."""

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


class RumourNote(Base):
    """What the desk writes down about a rumour."""

    __tablename__ = "rumour_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    rumour_id: Mapped[int] = mapped_column(ForeignKey("rumours.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NoteKind] = mapped_column(stored_as(NoteKind))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """The expert a question is put to."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Original(Base):
    """What was received before personal data were removed, encrypted and kept for a short while only.

    There is one only where something was removed; each look at it leaves an audit row with its reason.
    """

    __tablename__ = "originals"

    sighting_id: Mapped[int] = mapped_column(ForeignKey("sightings.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
