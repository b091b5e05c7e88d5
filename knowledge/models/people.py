"""The people behind the bot and what each may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge.models.base import Base, UtcDateTime, now, stored_as


class Role(StrEnum):
    """What a person may do."""

    EDITOR = "editor"
    DEBUNKER = "debunker"
    EXPERT = "expert"
    ADMINISTRATOR = "administrator"


class Person(Base):
    """Somebody who works on the knowledge base or the rumour desk."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    roles: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan", back_populates="person")


class PersonRole(Base):
    """A role a person holds, everywhere or in one region."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(stored_as(Role), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    """Where the role holds; empty is everywhere."""

    person: Mapped[Person] = relationship(back_populates="roles")
