"""The people behind the bot: who is signed in, with a browser or a program, and what each may do.

Plain functions that take a session; the caller commits. Accounts are kept in `staff`, passwords in `credentials`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge.errors import InvalidPerson, NotFound
from knowledge.models import ApiToken, AuditRow, Person, Role, SignIn

SIGNED_IN_FOR = timedelta(hours=12)
"""How long a browser stays signed in."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is remembered when a browser or program was last at work."""
LONGEST_NAME = 60


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


async def seen(session: AsyncSession, token: str, at: datetime) -> None:
    """Remember that the browser with this token was just at work. The caller commits."""
    await session.execute(
        update(SignIn)
        .where(SignIn.token_hash == hashed(token), SignIn.seen_at < at - SEEN_EVERY)
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


async def sign_ins(session: AsyncSession, person_id: int, at: datetime) -> Sequence[SignIn]:
    """The browsers a person is signed in with, the newest first."""
    found = await session.scalars(
        select(SignIn).where(SignIn.person_id == person_id, SignIn.expires_at > at).order_by(SignIn.id.desc())
    )
    return found.all()


async def sign_out(session: AsyncSession, token: str, at: datetime) -> None:
    """Sign the browser that holds this token out. The caller commits."""
    person_id = await session.scalar(
        delete(SignIn).where(SignIn.token_hash == hashed(token)).returning(SignIn.person_id)
    )
    if person_id is not None:
        record(session, "person.sign-out", person_id, person_id, at)
        await session.flush()


async def sign_out_one(session: AsyncSession, by: Actor, sign_in_id: int, at: datetime) -> None:
    """Sign out one of one's own browsers. The caller commits.

    Raises: NotFound, also when it is another person's.
    """
    if not await _signed_out(session, by.id, SignIn.id == sign_in_id):
        raise NotFound("You are not signed in with this browser any more.")
    record(session, "person.sign-out", by.id, by.id, at, browsers=1)
    await session.flush()


async def sign_out_others(session: AsyncSession, by: Actor, token: str, at: datetime) -> int:
    """Sign out all of one's browsers but the one that holds this token; how many. The caller commits."""
    gone = await _signed_out(session, by.id, SignIn.token_hash != hashed(token))
    record(session, "person.sign-out", by.id, by.id, at, browsers=gone)
    await session.flush()
    return gone


async def shut_out(session: AsyncSession, person_id: int) -> None:
    """Sign a person out everywhere; take away the keys of their programs, and the chat they hear of work in.

    The caller records why, and commits.
    """
    await _signed_out(session, person_id)
    await session.execute(update(Person).where(Person.id == person_id).values(resident_id=None))
    await session.execute(delete(ApiToken).where(ApiToken.person_id == person_id))


async def _signed_out(session: AsyncSession, person_id: int, *which: ColumnElement[bool]) -> int:
    gone = await session.execute(delete(SignIn).where(SignIn.person_id == person_id, *which))
    return int(getattr(gone, "rowcount", 0))


async def new_api_token(session: AsyncSession, person_id: int, name: str, at: datetime) -> str:
    """A key with which a program works as this person; it is shown this once and stored as a hash. The caller commits.

    Raises: InvalidPerson, for a name that is empty or too long.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidPerson("token")
    token = f"qz_{secrets.token_urlsafe(32)}"
    session.add(ApiToken(person_id=person_id, name=name, token_hash=hashed(token), created_at=at))
    record(session, "token.create", person_id, person_id, at, name=name)
    await session.flush()
    return token


async def by_api_token(session: AsyncSession, token: str) -> Actor | None:
    """Whose program holds this token; none when it is unknown, taken away, or the person is not active."""
    person = await session.scalar(
        select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.token_hash == hashed(token), Person.active)
        .options(selectinload(Person.roles))
    )
    return Actor.of(person) if person else None


async def used_lately(session: AsyncSession, token: str, at: datetime) -> bool:
    """Whether it is remembered already, as exactly as need be, that the program with this token was just at work."""
    used = select(ApiToken.id).where(ApiToken.token_hash == hashed(token), ApiToken.used_at >= at - SEEN_EVERY)
    return await session.scalar(used) is not None


async def used(session: AsyncSession, token: str, at: datetime) -> None:
    """Remember that the program with this token was just at work. The caller commits."""
    await session.execute(
        update(ApiToken)
        .where(ApiToken.token_hash == hashed(token))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )


async def api_tokens(session: AsyncSession, person_id: int) -> Sequence[ApiToken]:
    """The keys of a person's programs, the newest first."""
    return (
        await session.scalars(select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id.desc()))
    ).all()


async def revoke_api_token(session: AsyncSession, by: Actor, token_id: int, at: datetime) -> None:
    """Take away one of one's own keys. The caller commits.

    Raises: NotFound, also when it is another person's.
    """
    name = await session.scalar(
        delete(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == by.id).returning(ApiToken.name)
    )
    if name is None:
        raise NotFound("There is no such key any more.")
    record(session, "token.revoke", by.id, by.id, at, name=name)
    await session.flush()


def record(
    session: AsyncSession, action: str, person_id: int, by_id: int | None, at: datetime, **details: object
) -> None:
    """Write down what was done to a person's account, and by whom; None is somebody at the machine itself."""
    session.add(
        AuditRow(at=at, by_id=by_id, action=action, subject="person", subject_id=person_id, details=dict(details))
    )
