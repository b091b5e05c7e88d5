"""The chats in which people at the desk hear of their work, and work on it: linked with a code from the console.

Plain functions that take a session; the caller commits.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from knowledge import attempts, people
from knowledge.models import Invitation, Person
from knowledge.people import Actor, hashed
from knowledge.protection import Vault

CODE_GOOD_FOR = timedelta(minutes=15)
_CHAT = "chat"
# No vowels, so that no word comes about; no digits, so that no code is taken for somebody's number and redacted.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 10


async def new_code(session: AsyncSession, by: Actor, at: datetime) -> str:
    """A code that links the chat it is sent from to this person, once and soon; an older one is void."""
    await session.execute(delete(Invitation).where(Invitation.person_id == by.id, Invitation.purpose == _CHAT))
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    session.add(Invitation(token_hash=hashed(code), person_id=by.id, purpose=_CHAT, expires_at=at + CODE_GOOD_FOR))
    await session.flush()
    return f"{code[:5]}-{code[5:]}"


async def link(session: AsyncSession, vault: Vault, code: str, resident_id: int, at: datetime) -> Person | None:
    """Whose chat this is from now on; none when the code is wrong, used or too old.

    A chat is one person's and a person has one chat: what was linked before is not any more. A failure is counted, so
    the caller commits also then.

    Raises: TooManyAttempts.
    """
    attempt = await attempts.count(session, vault, _CHAT, str(resident_id), f"chat {resident_id}", at)
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    person_id = await session.scalar(
        delete(Invitation)
        .where(Invitation.token_hash == hashed(plain), Invitation.purpose == _CHAT, Invitation.expires_at > at)
        .returning(Invitation.person_id)
    )
    person = await session.get(Person, person_id) if person_id is not None else None
    if person is None or not person.active:
        return None
    await attempt.passed(session)
    await session.execute(update(Person).where(Person.resident_id == resident_id).values(resident_id=None))
    person.resident_id = resident_id
    people.record(session, "person.chat-link", person.id, person.id, at)
    await session.flush()
    return person


async def unlink(session: AsyncSession, by: Actor, at: datetime) -> None:
    """Tell this person nothing in a chat any more, and take no work from it."""
    await session.execute(update(Person).where(Person.id == by.id).values(resident_id=None))
    people.record(session, "person.chat-unlink", by.id, by.id, at)
    await session.flush()


async def is_linked(session: AsyncSession, person_id: int) -> bool:
    """Whether a person has a chat."""
    return await session.scalar(select(Person.resident_id).where(Person.id == person_id)) is not None


async def worker(session: AsyncSession, resident_id: int) -> Actor | None:
    """Who works in this chat; none when it is nobody's, or they are not active.

    Roles are read anew each time, as for a browser.
    """
    person = await session.scalar(
        select(Person).where(Person.resident_id == resident_id, Person.active).options(selectinload(Person.roles))
    )
    return Actor.of(person) if person else None
