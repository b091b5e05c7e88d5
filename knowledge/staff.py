"""Who works here: added, given roles, and shut out again by administrators.

Plain functions that take a session; the caller commits. `by` is none for whoever sits at the machine itself.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge import attempts, people
from knowledge.credentials import PASSWORD
from knowledge.errors import InvalidPerson, LastAdministrator, LoginTaken, NotAllowed, NotFound
from knowledge.models import UNSETTLED, AuditRow, Invitation, Person, PersonRole, Role, Rumour, RumourStatus, SignIn
from knowledge.people import LONGEST_NAME, Actor, hashed

INVITED_FOR = timedelta(hours=72)
"""How long a link for choosing a password is good."""
LONGEST_REGION = 40
_LOGIN = re.compile(r"[a-z0-9._-]{2,60}")
_Roles = Collection[tuple[Role, str]]


async def everyone(session: AsyncSession) -> Sequence[Person]:
    """All who work or worked here, with their roles: the active ones first, then by login."""
    found = await session.scalars(
        select(Person).options(selectinload(Person.roles)).order_by(Person.active.desc(), Person.login)
    )
    return found.all()


async def holders(session: AsyncSession, roles: Iterable[Role]) -> Sequence[Person]:
    """Active people who hold one of these roles somewhere, by name."""
    holding = select(PersonRole.person_id).where(PersonRole.role.in_(list(roles)))
    active = select(Person).where(Person.active, Person.id.in_(holding)).order_by(Person.name)
    return list(await session.scalars(active))


async def by_id(session: AsyncSession, person_id: int) -> Person:
    """A person with their roles.

    Raises: NotFound.
    """
    return await _found(session, person_id)


async def by_login(session: AsyncSession, login: str) -> Person:
    """A person with their roles.

    Raises: NotFound.
    """
    person_id = await session.scalar(select(Person.id).where(Person.login == login))
    if person_id is None:
        raise NotFound(f"There is nobody with the login {login!r}.")
    return await _found(session, person_id)


async def add(session: AsyncSession, by: Actor | None, login: str, name: str, roles: _Roles, at: datetime) -> Person:
    """Add a person, who can do nothing before they are invited. The caller commits.

    Raises: NotAllowed, InvalidPerson, LoginTaken.
    """
    _only_administrators(by)
    login = login.strip()
    if not _LOGIN.fullmatch(login):
        raise InvalidPerson("login")
    held = _checked(roles)
    person = Person(login=login, name=_named(name), created_at=at, roles=_rows(held))
    session.add(person)
    try:
        await session.flush()
    except IntegrityError:
        raise LoginTaken(login) from None
    people.record(session, "person.add", person.id, by.id if by else None, at, login=login, roles=_told(held))
    await session.flush()
    return person


async def change(
    session: AsyncSession, by: Actor | None, person_id: int, name: str, roles: _Roles, at: datetime
) -> None:
    """Give a person another name and other roles; what they may do changes with their next click. The caller commits.

    Raises: NotAllowed, NotFound, InvalidPerson, LastAdministrator.
    """
    _only_administrators(by)
    held = _checked(roles)
    others = await _other_administrators(session, person_id)
    person = await _found(session, person_id)
    if _is_administrator(person) and (Role.ADMINISTRATOR, "") not in held and not others:
        raise LastAdministrator
    person.name = _named(name)
    before = {(row.role, row.region) for row in person.roles}
    person.roles = [row for row in person.roles if (row.role, row.region) in held] + _rows(held - before)
    people.record(session, "person.change", person_id, by.id if by else None, at, name=person.name, roles=_told(held))
    await session.flush()


async def deactivate(session: AsyncSession, by: Actor | None, person_id: int, at: datetime) -> None:
    """Shut a person out, at once and everywhere. What they did stays theirs, and what they were working on is anybody's
    to take. The caller commits.

    Raises: NotAllowed, NotFound, LastAdministrator.
    """
    _only_administrators(by)
    others = await _other_administrators(session, person_id)
    person = await _found(session, person_id)
    if not person.active:
        return
    if _is_administrator(person) and not others:
        raise LastAdministrator
    person.active = False
    await _shut_out(session, person_id)
    await _release_all(session, person_id, by, at)
    people.record(session, "person.deactivate", person_id, by.id if by else None, at)
    await session.flush()


async def activate(session: AsyncSession, by: Actor | None, person_id: int, at: datetime) -> None:
    """Let a person in again, with the password and the phone they had. The caller commits.

    Raises: NotAllowed, NotFound.
    """
    _only_administrators(by)
    person = await _found(session, person_id)
    if person.active:
        return
    person.active = True
    people.record(session, "person.activate", person_id, by.id if by else None, at)
    await session.flush()


async def invite(session: AsyncSession, by: Actor | None, person_id: int, at: datetime) -> str:
    """The secret of a new link for choosing a password and setting up a phone. The caller commits.

    What was there before is gone: password, phone, older links, and every place the person is signed in.

    Raises: NotAllowed, NotFound, also when the person is not active.
    """
    _only_administrators(by)
    person = await _found(session, person_id)
    if not person.active:
        raise NotFound(f"{person.login!r} is not active; activate them first.", "inactive")
    person.password_hash = person.totp_secret = person.totp_step = None
    await _shut_out(session, person_id)
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(token_hash=hashed(token), person_id=person_id, purpose=PASSWORD, expires_at=at + INVITED_FOR)
    )
    people.record(session, "person.invite", person_id, by.id if by else None, at)
    await session.flush()
    return token


async def let_go(session: AsyncSession, now: datetime) -> None:
    """Forget sign-ins and links that are over, and failures of long ago. The caller commits."""
    await session.execute(delete(SignIn).where(SignIn.expires_at <= now))
    await session.execute(delete(Invitation).where(Invitation.expires_at <= now))
    await attempts.forget(session, now)


async def _shut_out(session: AsyncSession, person_id: int) -> None:
    await people.shut_out(session, person_id)
    await session.execute(delete(Invitation).where(Invitation.person_id == person_id))


def _only_administrators(by: Actor | None) -> None:
    if by is not None and not by.may((), ""):
        raise NotAllowed("Only administrators look after the people.")


async def _found(session: AsyncSession, person_id: int) -> Person:
    person = await session.scalar(select(Person).where(Person.id == person_id).options(selectinload(Person.roles)))
    if person is None:
        raise NotFound("There is no such person.")
    return person


async def _release_all(session: AsyncSession, person_id: int, by: Actor | None, at: datetime) -> None:
    theirs = select(Rumour).where(Rumour.assigned_to_id == person_id, Rumour.status.in_(UNSETTLED)).with_for_update()
    for rumour in await session.scalars(theirs):
        rumour.assigned_to_id = None
        if rumour.status is RumourStatus.CLAIMED:
            rumour.status = RumourStatus.OPEN
        rumour.version += 1
        session.add(
            AuditRow(
                action="rumour.release",
                subject="rumour",
                subject_id=rumour.id,
                details={"of": person_id},
                by_id=by.id if by else None,
                at=at,
            )
        )


def _is_administrator(person: Person) -> bool:
    return person.active and any((row.role, row.region) == (Role.ADMINISTRATOR, "") for row in person.roles)


async def _other_administrators(session: AsyncSession, person_id: int) -> int:
    """How many administrators there are besides this one who can sign in, none of whom can be shut out before the
    transaction ends: two who shut each other out at once would leave nobody."""
    administrators = (
        select(Person.id)
        .where(
            Person.active,
            Person.totp_step.is_not(None),  # whoever was invited and has not joined yet looks after nobody
            Person.roles.any(role=Role.ADMINISTRATOR, region=""),
        )
        .order_by(Person.id)
    )
    await session.execute(administrators.with_for_update())
    counted = await session.scalar(
        select(func.count()).select_from(administrators.where(Person.id != person_id).order_by(None).subquery())
    )
    return counted or 0


def _named(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidPerson("name")
    return name


def _checked(roles: _Roles) -> set[tuple[Role, str]]:
    """The roles, without those in a region where they hold everywhere."""
    held = {(role, region.strip()) for role, region in roles}
    if not held:
        raise InvalidPerson("roles")
    if any(len(region) > LONGEST_REGION for _, region in held):
        raise InvalidPerson("region")
    if any(role is Role.ADMINISTRATOR and region for role, region in held):
        raise InvalidPerson("administrator")
    return {(role, region) for role, region in held if not region or (role, "") not in held}


def _rows(roles: Collection[tuple[Role, str]]) -> list[PersonRole]:
    return [PersonRole(role=role, region=region) for role, region in sorted(roles)]


def _told(roles: Collection[tuple[Role, str]]) -> list[str]:
    return [f"{role}@{region}" if region else role.value for role, region in sorted(roles)]
