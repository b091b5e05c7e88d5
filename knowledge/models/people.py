"""The people behind the bot and what each may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
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
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2; none until the person has chosen a password."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted; none until the person has set up the second step."""
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    """The last time step a code was accepted of: no code works twice."""
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="SET NULL"), unique=True)
    """The chat the person is told about work in, once linked."""

    roles: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan", back_populates="person")


class PersonRole(Base):
    """A role a person holds, everywhere or in one region."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(stored_as(Role), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    """Where the role holds; empty is everywhere."""

    person: Mapped[Person] = relationship(back_populates="roles")


class SignIn(Base):
    """A browser somebody is signed in with; deleting the row signs it out."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what the browser's cookie holds."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """A link with which somebody chooses a password, or links a chat, once."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    """``password`` or ``chat``."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Failures(Base):
    """How often signing in failed lately, for one login or one address; keyed by a hash."""

    __tablename__ = "failures"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A key with which a program of a person reads and writes as that person."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SavedView(Base):
    """Filters of the queue or the article list that a person wants again."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("person_id", "room", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(String(20))
    """``rumours`` or ``articles``."""
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400))
    """The query part of the page's address."""
