"""The people behind the bot: who is signed in, and what each may do.

Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge.models import Person, Role, SignIn

SIGNED_IN_FOR = timedelta(hours=12)
"""How long a browser stays signed in."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, with what they may do."""

    id: int
    login: str
    name: str
    roles: frozenset[tuple[Role, str]]
    """Each role with the region it holds in; the empty region is everywhere."""

    @classmethod
    def of(cls, person: Person) -> Actor:
        """The actor a person is; its roles must be loaded."""
        return cls(person.id, person.login, person.name, frozenset((held.role, held.region) for held in person.roles))

    def may(self, roles: Iterable[Role], region: str | None = None) -> bool:
        """Whether one of these roles is held: everywhere or, given a region, there; None asks for any region at all.

        An administrator may do what every other role may.
        """
        wanted = {*roles, Role.ADMINISTRATOR}
        return any(role in wanted and (region is None or held in ("", region)) for role, held in self.roles)


def hashed(token: str) -> str:
    """What is stored of a secret token: 64 hexadecimal digits from which it cannot be worked out."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def sign_in(session: AsyncSession, person_id: int, at: datetime) -> str:
    """Sign a browser in and give the token its cookie holds. The caller has made sure who it is, and commits."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(person_id=person_id, token_hash=hashed(token), created_at=at, seen_at=at, expires_at=at + SIGNED_IN_FOR)
    )
    await session.flush()
    return token


async def signed_in(session: AsyncSession, token: str, at: datetime) -> Actor | None:
    """Whose browser holds this token; none when it is unknown, signed out, too old, or the person is not active.

    Roles are read anew each time, so a role taken away is gone with the next click.
    """
    person = await session.scalar(
        select(Person)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_hash == hashed(token), SignIn.expires_at > at, Person.active)
        .options(selectinload(Person.roles))
    )
    return Actor.of(person) if person else None
