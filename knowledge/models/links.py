"""Whether the pages that articles rest on can still be opened."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base, UtcDateTime, stored_as


class LinkState(StrEnum):
    """What is known of the address of a source."""

    WORKS = "works"
    DEAD = "dead"
    """Its server says that the page is gone."""
    UNREACHABLE = "unreachable"
    """No server answered, or none that could prove to be the right one."""
    UNCLEAR = "unclear"
    """An answer that says nothing of the page: no access for programs, or a server in trouble."""


class SourceLink(Base):
    """What the last look at the address of a source found. An address nobody has looked at has no row."""

    __tablename__ = "source_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(600), unique=True)
    state: Mapped[LinkState] = mapped_column(stored_as(LinkState))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was first found in this state."""
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None]
    """Of the answer, where there was one."""
    problem: Mapped[str | None] = mapped_column(String(20))
    """Why there was no answer: a value of `knowledge.links.Problem`."""
    moved_to: Mapped[str | None] = mapped_column(String(600))
    """Where the address leads to, if elsewhere."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    by_hand: Mapped[bool]
    """Whether the last look was a person's, not the machine's."""
