"""The people behind the bot: who is signed in, with a browser or a program, and what each may do.

Plain functions that take a session; the caller commits. Accounts are kept in `staff`, passwords in `credentials`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge.database import upsert
from knowledge.errors import (
    LastAdministrator,
    LoginTaken,
    NotAllowed,
    NotFound,
    TooManyAttempts,
    WeakPassword,
    WrongSignIn,
)
from knowledge.models import ApiToken, AuditRow, Failures, Invitation, Person, PersonRole, Role, SignIn
from knowledge.models.base import table_of
from knowledge.protection import Vault

SIGNED_IN_FOR = timedelta(hours=12)
"""How long a browser stays signed in."""
INVITED_FOR = timedelta(hours=72)
SHORTEST_PASSWORD = 10
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
TOTP_SECONDS = 30
_COMMON = ("1234567890", "0123456789", "qwertyuiop", "password", "11111111", "qiuzhen", "88888888", "66666666")
_FREE_FAILURES = 5
"""Wrong passwords or codes for one login before it has to wait."""
_FREE_FAILURES_OF_ADDRESS = 30
_LONGEST_WAIT = timedelta(minutes=15)
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")
"""Checked for a login that is not there, so that nobody can tell by the time it takes."""


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
    """Sign a person out everywhere and take away the keys of their programs. The caller records why, and commits."""
    await _signed_out(session, person_id)
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


async def by_api_token(session: AsyncSession, token: str, at: datetime) -> Actor | None:
    """Whose program holds this token; none when it is unknown, taken away, or the person is not active.

    Remembers that it was used, so the session must be a transaction. The caller commits.
    """
    stored = hashed(token)
    person = await session.scalar(
        select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.token_hash == stored, Person.active)
        .options(selectinload(Person.roles))
    )
    if person is None:
        return None
    await session.execute(
        update(ApiToken)
        .where(ApiToken.token_hash == stored, (ApiToken.used_at.is_(None)) | (ApiToken.used_at < at - SEEN_EVERY))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return Actor.of(person)


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


# Signing in


async def check_password(session: AsyncSession, login: str, password: str, address: str, at: datetime) -> Person:
    """Whoever has this login and password. Failures are counted by login and by the address they come from, and the
    caller commits, also when it raises.

    The first password hash takes tens of milliseconds on purpose.

    Raises: TooManyAttempts, before anything is looked at; WrongSignIn.
    """
    keys = _failure_keys(login, address)
    await _refuse_when_too_many(session, keys, at)
    person = await session.scalar(select(Person).where(Person.login == login, Person.active))
    if not _verified(person.password_hash if person else None, password) or person is None or not person.totp_secret:
        await _count_failure(session, keys, at)
        raise WrongSignIn
    if _HASHER.check_needs_rehash(person.password_hash or ""):
        person.password_hash = _HASHER.hash(password)
    return person


async def check_code(
    session: AsyncSession, vault: Vault, person_id: int, code: str, address: str, at: datetime
) -> Person:
    """The person, when this is the code of their telephone at this moment and was not used before. As `check_password`.

    Raises: TooManyAttempts, WrongSignIn.
    """
    person = await session.scalar(
        select(Person)
        .where(Person.id == person_id, Person.active)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    keys = _failure_keys(person.login if person else "", address)
    await _refuse_when_too_many(session, keys, at)
    step = _step_of(vault, person, code, at) if person else None
    if person is None or step is None:
        await _count_failure(session, keys, at)
        raise WrongSignIn
    person.totp_step = step
    await session.execute(delete(Failures).where(Failures.key == keys[0][0]))
    return person


async def sign_out(session: AsyncSession, token: str) -> None:
    """The browser that holds this token is signed out. The caller commits."""
    await session.execute(delete(SignIn).where(SignIn.token_hash == hashed(token)))


async def sign_ins(session: AsyncSession, person_id: int, at: datetime) -> Sequence[SignIn]:
    """The browsers somebody is signed in with, newest first."""
    rows = await session.scalars(
        select(SignIn).where(SignIn.person_id == person_id, SignIn.expires_at > at).order_by(SignIn.id.desc())
    )
    return list(rows)


async def sign_out_others(session: AsyncSession, person_id: int, token: str) -> None:
    """Only the browser that holds this token stays signed in. The caller commits."""
    await session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.token_hash != hashed(token)))


def _step_of(vault: Vault, person: Person, code: str, at: datetime) -> int | None:
    """The time step in which this code holds: now, just before or just after, and later than any used before."""
    if not person.totp_secret or not re.fullmatch(r"[0-9]{6}", code):
        return None
    totp = pyotp.TOTP(vault.open(person.totp_secret))
    now = int(at.timestamp()) // TOTP_SECONDS
    for step in (now, now - 1, now + 1):
        if step > (person.totp_step or 0) and pyotp.utils.strings_equal(totp.at(step * TOTP_SECONDS), code):
            return step
    return None


def _verified(password_hash: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def _failure_keys(login: str, address: str) -> tuple[tuple[str, int], ...]:
    """What failures are counted under, with how many are free."""
    return (
        (hashed(f"login\0{login}"), _FREE_FAILURES),
        (hashed(f"address\0{address}"), _FREE_FAILURES_OF_ADDRESS),
    )


async def _refuse_when_too_many(session: AsyncSession, keys: Sequence[tuple[str, int]], at: datetime) -> None:
    for key, free in keys:
        failures = await session.get(Failures, key, populate_existing=True)
        if failures is None or failures.count < free:
            continue
        wait = min(timedelta(minutes=2 ** min(failures.count - free, 10)), _LONGEST_WAIT)
        if at < failures.since + wait:
            raise TooManyAttempts(max(1, round((failures.since + wait - at).total_seconds() / 60)))


_COUNT_FAILURE = upsert(
    lambda insert: insert(table_of(Failures)).on_conflict_do_update(
        index_elements=["key"],
        set_={"count": table_of(Failures).c.count + 1, "since": insert(table_of(Failures)).excluded.since},
    )
)


async def _count_failure(session: AsyncSession, keys: Sequence[tuple[str, int]], at: datetime) -> None:
    for key, _ in keys:
        await session.execute(_COUNT_FAILURE(session), {"key": key, "count": 1, "since": at})


async def forget_failures(session: AsyncSession, at: datetime) -> None:
    """Let go of what failed long ago, and of sign-ins and invitations that are over. The caller commits."""
    await session.execute(delete(Failures).where(Failures.since < at - timedelta(hours=1)))
    await session.execute(delete(SignIn).where(SignIn.expires_at < at))
    await session.execute(delete(Invitation).where(Invitation.expires_at < at))


# Joining


async def add(
    session: AsyncSession, login: str, name: str, roles: Iterable[tuple[Role, str]], *, by: Actor | None, at: datetime
) -> str:
    """Add somebody, and give the token of the link with which they choose a password. The caller commits.

    Raises: NotAllowed, LoginTaken; NotFound, when the login is none or there is no role.
    """
    _only_administrators(by)
    held = set(roles)
    if not LOGIN.fullmatch(login) or not name.strip() or not held:
        raise NotFound("A login (a-z, 0-9, dot, dash, 2 to 60 characters), a name and at least one role are needed.")
    if await session.scalar(select(Person.id).where(Person.login == login)):
        raise LoginTaken(login)
    person = Person(
        login=login,
        name=name.strip()[:60],
        created_at=at,
        roles=[PersonRole(role=role, region=region.strip()[:40]) for role, region in sorted(held)],
    )
    session.add(person)
    await session.flush()
    _audit(session, person.id, "person.add", by, at, roles=_plain(held))
    return await _invite(session, person.id, at)


async def invite(session: AsyncSession, person_id: int, *, by: Actor | None, at: datetime) -> str:
    """A new link for somebody who lost password or telephone: the old ones hold no more. The caller commits.

    Raises: NotAllowed, NotFound.
    """
    _only_administrators(by)
    person = await get(session, person_id)
    person.password_hash = person.totp_secret = person.totp_step = None
    await _sign_out_everywhere(session, person_id)
    _audit(session, person_id, "person.invite", by, at)
    return await _invite(session, person_id, at)


async def invited(session: AsyncSession, token: str, at: datetime) -> Person:
    """Whose link this is.

    Raises: NotFound, when it is unknown, used, or too old.
    """
    person = await session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(
            Invitation.token_hash == hashed(token),
            Invitation.purpose == "password",
            Invitation.expires_at > at,
            Person.active,
        )
    )
    if person is None:
        raise NotFound("This link was used already or is too old. Ask an administrator for a new one.")
    return person


async def choose_password(session: AsyncSession, vault: Vault, token: str, password: str, at: datetime) -> str:
    """Set the password of whoever holds the link, and give the key for their telephone. The caller commits.

    The link holds until `confirm` was told a code.

    Raises: NotFound, WeakPassword.
    """
    person = await invited(session, token, at)
    _refuse_weak(person.login, password)
    person.password_hash = _HASHER.hash(password)
    secret = pyotp.random_base32()
    person.totp_secret, person.totp_step = vault.seal(secret), None
    await session.flush()
    return secret


async def confirm(session: AsyncSession, vault: Vault, token: str, code: str, at: datetime) -> Person:
    """The telephone shows the right codes: the link is used up. The caller commits.

    Raises: NotFound; WrongSignIn, when the code is not right.
    """
    person = await invited(session, token, at)
    step = _step_of(vault, person, code, at)
    if step is None:
        raise WrongSignIn
    person.totp_step = step
    await session.execute(delete(Invitation).where(Invitation.token_hash == hashed(token)))
    _audit(session, person.id, "person.join", None, at)
    return person


def key_address(site: str, login: str, secret: str) -> str:
    """What the square code for the telephone says."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=site)


async def change_password(session: AsyncSession, actor: Actor, old: str, new: str, at: datetime) -> None:
    """Choose another password; other browsers are signed out by the caller. The caller commits.

    Raises: WrongSignIn, when the old one is not right; WeakPassword.
    """
    person = await get(session, actor.id)
    if not _verified(person.password_hash, old):
        raise WrongSignIn
    _refuse_weak(person.login, new)
    person.password_hash = _HASHER.hash(new)
    _audit(session, actor.id, "person.password", actor, at)


def _refuse_weak(login: str, password: str) -> None:
    plain = password.lower()
    common = any(plain == word or (plain.startswith(word) and len(plain) < len(word) + 4) for word in _COMMON)
    if len(password) < SHORTEST_PASSWORD or login in plain or common or len(set(plain)) < 4:
        raise WeakPassword(SHORTEST_PASSWORD)


async def _invite(session: AsyncSession, person_id: int, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await session.execute(delete(Invitation).where(Invitation.person_id == person_id))
    session.add(
        Invitation(token_hash=hashed(token), person_id=person_id, purpose="password", expires_at=at + INVITED_FOR)
    )
    await session.flush()
    return token


# Administering


async def get(session: AsyncSession, person_id: int) -> Person:
    """Somebody, with roles.

    Raises: NotFound.
    """
    person = await session.scalar(select(Person).where(Person.id == person_id).options(selectinload(Person.roles)))
    if person is None:
        raise NotFound("There is no such person.")
    return person


async def by_login(session: AsyncSession, login: str) -> Person:
    """Somebody by login, with roles.

    Raises: NotFound.
    """
    person = await session.scalar(select(Person).where(Person.login == login).options(selectinload(Person.roles)))
    if person is None:
        raise NotFound(f"There is nobody with the login {login!r}.")
    return person


async def everybody(session: AsyncSession) -> Sequence[Person]:
    """Everybody who works here or did, by login, with roles."""
    rows = await session.scalars(
        select(Person).options(selectinload(Person.roles)).order_by(Person.active.desc(), Person.login)
    )
    return list(rows)


async def holders(session: AsyncSession, roles: Iterable[Role]) -> Sequence[Person]:
    """Active people who hold one of these roles, by name."""
    rows = await session.scalars(
        select(Person)
        .where(Person.active, Person.id.in_(select(PersonRole.person_id).where(PersonRole.role.in_(list(roles)))))
        .order_by(Person.name)
    )
    return list(rows)


async def set_roles(
    session: AsyncSession, person_id: int, roles: Iterable[tuple[Role, str]], *, by: Actor | None, at: datetime
) -> None:
    """Let somebody do just this from now on. The caller commits.

    Raises: NotAllowed, NotFound, LastAdministrator.
    """
    _only_administrators(by)
    person = await get(session, person_id)
    held = {(role, region.strip()[:40]) for role, region in roles}
    if (Role.ADMINISTRATOR, "") not in held:
        await _refuse_last_administrator(session, person_id)
    person.roles = [PersonRole(role=role, region=region) for role, region in sorted(held)]
    await session.flush()
    _audit(session, person_id, "person.roles", by, at, roles=_plain(held))


async def set_active(session: AsyncSession, person_id: int, active: bool, *, by: Actor | None, at: datetime) -> None:
    """Let somebody in again, or out at once and everywhere. The caller commits.

    Raises: NotAllowed, NotFound, LastAdministrator.
    """
    _only_administrators(by)
    person = await get(session, person_id)
    if not active:
        await _refuse_last_administrator(session, person_id)
        await _sign_out_everywhere(session, person_id)
    person.active = active
    _audit(session, person_id, "person.activate" if active else "person.deactivate", by, at)
    await session.flush()


def _only_administrators(by: Actor | None) -> None:
    """The command line acts for nobody in particular: whoever runs it holds the database."""
    if by is not None and not by.may({Role.ADMINISTRATOR}):
        raise NotAllowed("Only administrators may do this.")


async def _refuse_last_administrator(session: AsyncSession, person_id: int) -> None:
    others = await session.scalar(
        select(func.count())
        .select_from(PersonRole)
        .join(Person)
        .where(PersonRole.role == Role.ADMINISTRATOR, PersonRole.region == "", Person.active, Person.id != person_id)
    )
    theirs = await session.scalar(
        select(PersonRole.role).where(PersonRole.person_id == person_id, PersonRole.role == Role.ADMINISTRATOR)
    )
    if theirs and not others:
        raise LastAdministrator


async def _sign_out_everywhere(session: AsyncSession, person_id: int) -> None:
    await session.execute(delete(SignIn).where(SignIn.person_id == person_id))
    await session.execute(delete(ApiToken).where(ApiToken.person_id == person_id))


def _plain(roles: Iterable[tuple[Role, str]]) -> list[str]:
    return [f"{role}@{region}" if region else str(role) for role, region in sorted(roles)]


def _audit(
    session: AsyncSession, person_id: int, action: str, by: Actor | None, at: datetime, **details: object
) -> None:
    session.add(
        AuditRow(
            action=action,
            subject="person",
            subject_id=person_id,
            details=details,
            by_id=by.id if by else None,
            at=at,
        )
    )


# Programs


async def new_api_token(session: AsyncSession, person_id: int, name: str, at: datetime) -> str:
    """A token with which a program acts as this person; shown once. The caller commits."""
    token = f"qz_{secrets.token_urlsafe(32)}"
    session.add(ApiToken(person_id=person_id, name=name.strip()[:60] or "API", token_hash=hashed(token), created_at=at))
    await session.flush()
    return token


async def by_api_token(session: AsyncSession, token: str, at: datetime) -> Actor | None:
    """As whom a program with this token acts; none when it is unknown, revoked, or the person is not active."""
    person = await session.scalar(
        select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.token_hash == hashed(token), Person.active)
        .options(selectinload(Person.roles))
    )
    return Actor.of(person) if person else None


async def api_tokens(session: AsyncSession, person_id: int) -> Sequence[ApiToken]:
    """The tokens of somebody's programs, newest first."""
    rows = await session.scalars(select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id.desc()))
    return list(rows)


async def revoke_api_token(session: AsyncSession, actor: Actor, token_id: int) -> None:
    """Take one of one's own tokens back. The caller commits."""
    await session.execute(delete(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == actor.id))
