"""Whose chat is whose: codes, and who works in a chat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import chats, people, residents, staff
from knowledge.database import Database
from knowledge.errors import TooManyAttempts
from knowledge.models import AuditRow, Person, PersonRole, Role
from knowledge.people import Actor
from knowledge.redaction import redact
from tests import factories
from tests.factories import NOON, VAULT


async def person(session: AsyncSession, login: str = "writer") -> Actor:
    made = Person(login=login, name=login.title(), roles=[PersonRole(role=Role.DEBUNKER, region="")])
    session.add(made)
    await session.flush()
    return Actor.of(made)


async def link(session: AsyncSession, code: str, chat: int, minutes: float = 1) -> str | None:
    linked = await chats.link(session, VAULT, code, chat, NOON + timedelta(minutes=minutes))
    return linked.login if linked else None


async def test_a_code_links_the_chat_it_is_sent_from_once_however_it_is_written(database: Database) -> None:
    async with database.transaction() as session:
        writer, mine, other = (
            await person(session),
            await factories.resident(session, "1"),
            await factories.resident(session, "2"),
        )
        assert await chats.worker(session, mine) is None
        code = await chats.new_code(session, writer, NOON)
        assert redact(f"/link {code}") == f"/link {code}", "a code that is redacted links nothing"
        assert await link(session, f" {code.lower().replace('-', ' ')} ", mine) == "writer"
        assert await chats.worker(session, mine) == writer
        assert await chats.is_linked(session, writer.id)
        assert await link(session, code, other) is None
        actions = await session.scalars(select(AuditRow.action).where(AuditRow.subject == "person"))
        assert list(actions) == ["person.chat-link"]


async def test_a_code_is_void_after_a_quarter_of_an_hour_and_when_there_is_a_newer_one(database: Database) -> None:
    async with database.transaction() as session:
        writer, chat = await person(session), await factories.resident(session, "1")
        code = await chats.new_code(session, writer, NOON)
        assert await link(session, code, chat, 15) is None
        code = await chats.new_code(session, writer, NOON + timedelta(minutes=20))
        newer = await chats.new_code(session, writer, NOON + timedelta(minutes=20))
        assert await link(session, code, chat, 21) is None
        assert await link(session, newer, chat, 34.9) == "writer"


async def test_the_link_of_an_invitation_is_no_code_and_a_code_no_invitation(database: Database) -> None:
    async with database.transaction() as session:
        writer, chat = await person(session), await factories.resident(session, "1")
        token = await staff.invite(session, None, writer.id, NOON)
        assert await link(session, token, chat) is None


async def test_a_chat_is_one_persons_and_a_person_has_one_chat(database: Database) -> None:
    async with database.transaction() as session:
        first, second = await person(session, "first"), await person(session, "second")
        old, new = await factories.resident(session, "1"), await factories.resident(session, "2")
        await link(session, await chats.new_code(session, first, NOON), old)
        await link(session, await chats.new_code(session, first, NOON), new)
        assert await chats.worker(session, old) is None
        await link(session, await chats.new_code(session, second, NOON), new)
        assert await chats.worker(session, new) == second
        assert not await chats.is_linked(session, first.id)


async def test_who_is_shut_out_forgets_the_chat_or_unlinks_works_in_none(database: Database) -> None:
    async with database.transaction() as session:
        writer, chat = await person(session), await factories.resident(session, "1")

        async def linked() -> bool:
            return await chats.worker(session, chat) is not None

        async def link_again() -> None:
            assert await link(session, await chats.new_code(session, writer, NOON), chat)
            assert await linked()

        await link_again()
        await chats.unlink(session, writer, NOON)
        assert not await linked()
        await link_again()
        await people.shut_out(session, writer.id)
        assert not await linked()
        await link_again()
        await staff.deactivate(session, None, writer.id, NOON)
        assert not await linked()
        await staff.activate(session, None, writer.id, NOON)
        assert not await linked()
        await link_again()
        await residents.forget(session, chat)
        session.expire_all()
        assert not await chats.is_linked(session, writer.id)


async def test_guessing_codes_has_to_pause(database: Database) -> None:
    async with database.transaction() as session:
        chat = await factories.resident(session, "1")
        for _ in range(5):
            assert await link(session, "BCDFG-HJKLM", chat) is None
        with pytest.raises(TooManyAttempts):
            await link(session, "BCDFG-HJKLM", chat)
