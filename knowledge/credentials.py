"""How somebody proves who they are: a password, and a code that their phone works out anew every half minute.

Plain functions that take a session; the caller commits. Those that count failures must be committed also when the
answer is no.
"""

from __future__ import annotations

import asyncio
import hmac
import unicodedata
from datetime import datetime
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import attempts, people
from knowledge.errors import InvitationGone, WeakPassword
from knowledge.models import Invitation, Person
from knowledge.people import Actor, hashed
from knowledge.protection import Vault

PASSWORD = "password"  # noqa: S105 - what an invitation is for
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_FEWEST_DIFFERENT = 4
_COMMON = frozenset(
    """1234567890 0123456789 12345678910 0987654321 9876543210 1234512345 1122334455 a123456789 aa123456789 abc1234567
    abcd123456 qq123456789 q123456789 asd123456789 qwertyuiop qwerty12345 qwerty123456 1q2w3e4r5t q1w2e3r4t5
    1qaz2wsx3edc 1qazxsw23edc zxcvbnm123 asdfghjkl123 password12 password123 password1234 passw0rd123 iloveyou123
    woaini1314 woaini520 woaini123456 5201314520 1314520520 administrator admin123456 admin12345 letmein123
    welcome123 changeme123""".split()  # noqa: SIM905 - a list of literals would fill the page
)
_STEP_SECONDS = 30
_hasher = PasswordHasher()


def check_strength(login: str, password: str) -> None:
    """Refuse a password that is guessed too soon.

    Raises: WeakPassword.
    """
    plain = _plain(password).casefold()
    problems = {
        "short": len(plain) < SHORTEST_PASSWORD,
        "long": len(plain) > LONGEST_PASSWORD,
        "login": plain == login,
        "common": plain in _COMMON or len(set(plain)) < _FEWEST_DIFFERENT,
    }
    for problem, found in problems.items():
        if found:
            raise WeakPassword(problem)


async def check_password(
    session: AsyncSession, vault: Vault, login: str, password: str, address: str, at: datetime
) -> int | None:
    """The id of the person with this login and password; none when either is wrong, or they may not sign in.

    It takes the same time whatever is wrong. A failure is counted. The caller commits.

    Raises: TooManyAttempts.
    """
    login = login.strip().lower()
    attempt = await attempts.count(session, vault, PASSWORD, login, address, at)
    person = await session.scalar(select(Person).where(Person.login == login))
    fits = await _fits(person, password)
    # Who has a password but never confirmed a code has not finished joining.
    if person is None or not fits or not person.active or person.totp_step is None:
        return None
    await attempt.passed(session)
    return person.id


async def check_code(
    session: AsyncSession, vault: Vault, person_id: int, code: str, address: str, at: datetime
) -> bool:
    """Whether the code is the one of this person's phone, and was not used before; then they have signed in.

    A failure is counted. The caller commits.

    Raises: TooManyAttempts.
    """
    person = await session.get(Person, person_id)
    attempt = await attempts.count(session, vault, "code", str(person_id), address, at)
    if person is None or not person.active or person.totp_step is None:
        return False
    if not await _use_code(session, vault, person, code, at):
        return False
    await attempt.passed(session)
    people.record(session, "person.sign-in", person_id, person_id, at)
    await session.flush()
    return True


async def change_password(
    session: AsyncSession, vault: Vault, by: Actor, old: str, code: str, new: str, address: str, at: datetime
) -> bool:
    """Choose another password, with the old one and a code; false when one of them is wrong. The caller commits.

    Raises: WeakPassword, TooManyAttempts.
    """
    check_strength(by.login, new)
    attempt = await attempts.count(session, vault, PASSWORD, by.login, address, at)
    person = await session.get_one(Person, by.id)
    if not await _fits(person, old) or not await _use_code(session, vault, person, code, at):
        return False
    await attempt.passed(session)
    person.password_hash = await asyncio.to_thread(_hasher.hash, _plain(new))
    people.record(session, "person.password", by.id, by.id, at)
    await session.flush()
    return True


async def invited(session: AsyncSession, token: str, at: datetime) -> Person:
    """Whose link for choosing a password this is.

    Raises: InvitationGone, when it was used, is too old, or never was.
    """
    person = await session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(
            Invitation.token_hash == hashed(token),
            Invitation.purpose == PASSWORD,
            Invitation.expires_at > at,
            Person.active,
        )
    )
    if person is None:
        raise InvitationGone
    return person


async def choose_password(session: AsyncSession, vault: Vault, token: str, password: str, at: datetime) -> None:
    """The first step of joining: a password, and a new key for the phone. The link stays good. The caller commits.

    Raises: InvitationGone, WeakPassword.
    """
    person = await invited(session, token, at)
    check_strength(person.login, password)
    person.password_hash = await asyncio.to_thread(_hasher.hash, _plain(password))
    person.totp_secret = vault.seal(pyotp.random_base32())
    person.totp_step = None
    people.record(session, "person.password", person.id, person.id, at)
    await session.flush()


async def phone_key(session: AsyncSession, vault: Vault, token: str, at: datetime) -> str | None:
    """The key that whoever joins puts into their phone; none before a password was chosen.

    Raises: InvitationGone.
    """
    person = await invited(session, token, at)
    return vault.open(person.totp_secret) if person.totp_secret else None


def phone_address(login: str, site: str, key: str) -> str:
    """The same key as an authenticator reads it from a QR code."""
    return pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=site)


async def join(session: AsyncSession, vault: Vault, token: str, code: str, at: datetime) -> int | None:
    """The last step of joining: a code shows that the phone has the key. The link is used up. The caller commits.

    The id of the person; none when the code is wrong.

    Raises: InvitationGone.
    """
    person = await invited(session, token, at)
    if not person.totp_secret or not await _use_code(session, vault, person, code, at):
        return None
    await session.execute(delete(Invitation).where(Invitation.person_id == person.id, Invitation.purpose == PASSWORD))
    people.record(session, "person.join", person.id, person.id, at)
    await session.flush()
    return person.id


async def _fits(person: Person | None, password: str) -> bool:
    """Whether the password is this person's; one whose cost is out of date is stored anew."""
    stored = person.password_hash if person else None
    again = await asyncio.to_thread(_verified, stored, _plain(password)[: LONGEST_PASSWORD + 1])
    if again and person:
        person.password_hash = again
    return again is not None


def _verified(stored: str | None, password: str) -> str | None:
    """The hash to keep when the password is the stored one. What is stored of nobody fits nothing, just as slowly."""
    try:
        _hasher.verify(stored or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return None
    if stored is None:
        return None
    return _hasher.hash(password) if _hasher.check_needs_rehash(stored) else stored


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")


async def _use_code(session: AsyncSession, vault: Vault, person: Person, code: str, at: datetime) -> bool:
    """Whether this is the code of now, of just before or just after; then neither it nor an older one works again."""
    if not person.totp_secret:
        return False
    code = "".join(_plain(code).split())
    totp = pyotp.TOTP(vault.open(person.totp_secret), interval=_STEP_SECONDS)
    now = int(at.timestamp()) // _STEP_SECONDS
    # Every step is worked out whichever fits, so that time tells nothing.
    fitting = [
        step for step in (now - 1, now, now + 1) if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    if not fitting:
        return False
    # In the database and not here: the same code sent twice at once must work once.
    used = await session.execute(
        update(Person)
        .where(Person.id == person.id, or_(Person.totp_step.is_(None), Person.totp_step < fitting[-1]))
        .values(totp_step=fitting[-1])
        .execution_options(synchronize_session=False)
    )
    await session.refresh(person, ["totp_step"])
    return bool(getattr(used, "rowcount", 0))


def _plain(text: str) -> str:
    """Typed with a Chinese input method or without, the same."""
    return unicodedata.normalize("NFKC", text)
