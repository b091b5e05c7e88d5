"""People: accounts, joining, signing in, guessing, programs' keys, and what is written down of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import attempts, credentials, people, staff
from knowledge.database import Database
from knowledge.errors import (
    InvalidPerson,
    InvitationGone,
    LastAdministrator,
    LoginTaken,
    NotAllowed,
    NotFound,
    TooManyAttempts,
    WeakPassword,
)
from knowledge.models import AuditRow, Failures, Person, Role
from knowledge.people import Actor
from tests.factories import NOON, VAULT

PASSWORD = "correct horse battery"
ADDRESS = "203.0.113.7"
EDITOR = [(Role.EDITOR, "")]
BOSS = [(Role.ADMINISTRATOR, "")]


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


async def added(database: Database, login: str, roles: list[tuple[Role, str]] = EDITOR) -> Actor:
    """Somebody who was added and has not joined yet."""
    async with database.transaction() as session:
        person = await staff.add(session, None, login, f"{login}·某", roles, NOON)
        return Actor.of(person)


async def joined(database: Database, login: str = "li.na", roles: list[tuple[Role, str]] = EDITOR) -> tuple[Actor, str]:
    """Somebody who has chosen a password and set up a phone an hour ago; with the phone's key."""
    actor = await added(database, login, roles)
    async with database.transaction() as session:
        token = await staff.invite(session, None, actor.id, minutes(-60))
        await credentials.choose_password(session, VAULT, token, PASSWORD, minutes(-60))
        key = await credentials.phone_key(session, VAULT, token, minutes(-60))
        assert key is not None
        assert await credentials.join(session, VAULT, token, code_of(key, minutes(-60)), minutes(-60)) == actor.id
    return actor, key


def code_of(key: str, at: datetime) -> str:
    return pyotp.TOTP(key).at(at)


def wrong_code(key: str, at: datetime) -> str:
    right = {code_of(key, at + timedelta(seconds=30 * step)) for step in (-1, 0, 1)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in right)


async def try_password(
    database: Database, login: str, password: str, at: datetime = NOON, address: str = ADDRESS
) -> int | None:
    async with database.transaction() as session:
        return await credentials.check_password(session, VAULT, login, password, address, at)


async def try_code(database: Database, actor: Actor, code: str, at: datetime = NOON, address: str = ADDRESS) -> bool:
    async with database.transaction() as session:
        return await credentials.check_code(session, VAULT, actor.id, code, address, at)


async def written_down(database: Database) -> list[tuple[str, int, int | None]]:
    async with database.reading() as session:
        rows = await session.scalars(select(AuditRow).where(AuditRow.subject == "person").order_by(AuditRow.id))
        return [(row.action, row.subject_id, row.by_id) for row in rows]


class TestAccounts:
    async def test_a_person_is_added_with_roles_and_it_is_written_down(self, database: Database) -> None:
        boss = await added(database, "boss", BOSS)
        async with database.transaction() as session:
            made = await staff.add(session, boss, "wang-1", " 王某 ", [(Role.DEBUNKER, "衢州市"), *EDITOR], NOON)
        async with database.reading() as session:
            person = await staff.by_login(session, "wang-1")
            assert [(row.role, row.region) for row in sorted(person.roles, key=lambda row: row.role)] == [
                (Role.DEBUNKER, "衢州市"),
                (Role.EDITOR, ""),
            ]
            assert (person.name, person.active) == ("王某", True)
            assert [each.login for each in await staff.everyone(session)] == ["boss", "wang-1"]
        assert (await written_down(database))[-1] == ("person.add", made.id, boss.id)

    @pytest.mark.parametrize("login", ["x", "Li", "li na", "李娜", "a" * 61, "a\n"])
    async def test_a_login_has_a_simple_form(self, database: Database, login: str) -> None:
        async with database.transaction() as session:
            with pytest.raises(InvalidPerson):
                await staff.add(session, None, login, "某", EDITOR, NOON)

    @pytest.mark.parametrize(
        ("name", "roles", "field"),
        [
            ("  ", EDITOR, "name"),
            ("某" * 61, EDITOR, "name"),
            ("某", [], "roles"),
            ("某", [(Role.EDITOR, "区" * 41)], "region"),
            ("某", [(Role.ADMINISTRATOR, "衢州市")], "administrator"),
        ],
    )
    async def test_what_cannot_be_said_of_a_person_is_refused(
        self, database: Database, name: str, roles: list[tuple[Role, str]], field: str
    ) -> None:
        async with database.transaction() as session:
            with pytest.raises(InvalidPerson) as refused:
                await staff.add(session, None, "li.na", name, roles, NOON)
        assert refused.value.field == field

    async def test_a_login_is_taken_once(self, database: Database) -> None:
        await added(database, "li.na")
        with pytest.raises(LoginTaken):
            await added(database, "li.na")

    async def test_a_role_held_everywhere_says_it_all(self, database: Database) -> None:
        actor = await added(database, "li.na", [(Role.EDITOR, "衢州市"), (Role.EDITOR, "")])
        assert actor.roles == {(Role.EDITOR, "")}

    async def test_roles_are_changed(self, database: Database) -> None:
        actor = await added(database, "li.na", [(Role.EDITOR, "衢州市"), (Role.EXPERT, "")])
        async with database.transaction() as session:
            wanted = [(Role.EDITOR, "衢州市"), (Role.DEBUNKER, "丽水市")]
            await staff.change(session, None, actor.id, "李娜", wanted, NOON)
        async with database.reading() as session:
            person = await staff.by_id(session, actor.id)
            assert Actor.of(person).roles == set(wanted)
            assert person.name == "李娜"

    async def test_only_administrators_look_after_people(self, database: Database) -> None:
        editor, other = await added(database, "editor"), await added(database, "other")
        regional = Actor(editor.id, "editor", "某", frozenset({(Role.ADMINISTRATOR, "衢州市")}))
        works: list[Callable[[AsyncSession, Actor], Awaitable[object]]] = [
            lambda session, by: staff.add(session, by, "new", "某", EDITOR, NOON),
            lambda session, by: staff.change(session, by, other.id, "某", BOSS, NOON),
            lambda session, by: staff.deactivate(session, by, other.id, NOON),
            lambda session, by: staff.activate(session, by, other.id, NOON),
            lambda session, by: staff.invite(session, by, other.id, NOON),
        ]
        for by in (editor, regional):
            for work in works:
                async with database.transaction() as session:
                    with pytest.raises(NotAllowed):
                        await work(session, by)

    async def test_who_is_not_there_is_not_found(self, database: Database) -> None:
        async with database.transaction() as session:
            for work in (
                staff.by_login(session, "nobody"),
                staff.change(session, None, 77, "某", EDITOR, NOON),
                staff.deactivate(session, None, 77, NOON),
                staff.invite(session, None, 77, NOON),
            ):
                with pytest.raises(NotFound):
                    await work

    async def test_the_last_administrator_stays_one(self, database: Database) -> None:
        boss, other = [(await joined(database, login, BOSS))[0] for login in ("boss", "other")]
        async with database.transaction() as session:
            await staff.deactivate(session, boss, other.id, NOON)
        async with database.transaction() as session:
            with pytest.raises(LastAdministrator):
                await staff.deactivate(session, boss, boss.id, NOON)
        async with database.transaction() as session:
            with pytest.raises(LastAdministrator):
                await staff.change(session, boss, boss.id, "某", EDITOR, NOON)
        async with database.transaction() as session:
            await staff.activate(session, boss, other.id, NOON)
            await staff.change(session, boss, boss.id, "某", EDITOR, NOON)

    async def test_who_has_not_joined_yet_is_no_other_administrator(self, database: Database) -> None:
        boss, _ = await joined(database, "boss", BOSS)
        invited = await added(database, "invited", BOSS)
        works: list[Callable[[AsyncSession], Awaitable[object]]] = [
            lambda session: staff.deactivate(session, boss, boss.id, NOON),
            lambda session: staff.change(session, boss, boss.id, "某", EDITOR, NOON),
        ]
        for work in works:
            async with database.transaction() as session:
                with pytest.raises(LastAdministrator):
                    await work(session)
        async with database.transaction() as session:
            await staff.deactivate(session, boss, invited.id, NOON)

    async def test_two_who_shut_each_other_out_at_once_leave_one(self, database: Database) -> None:
        pair = [(await joined(database, login, BOSS))[0] for login in ("one", "two")]

        async def shut_out(by: Actor, whom: Actor) -> None:
            async with database.transaction() as session:
                await staff.deactivate(session, by, whom.id, NOON)

        done = await asyncio.gather(shut_out(*pair), shut_out(*reversed(pair)), return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["LastAdministrator", "NoneType"]

    async def test_who_is_shut_out_is_out_at_once(self, database: Database) -> None:
        actor, _ = await joined(database)
        async with database.transaction() as session:
            browser = await people.sign_in(session, actor.id, NOON)
            program = await people.new_api_token(session, actor.id, "导出", NOON)
        async with database.transaction() as session:
            await staff.deactivate(session, None, actor.id, NOON)
        async with database.transaction() as session:
            assert await people.signed_in(session, browser, NOON) is None
            assert await people.by_api_token(session, program) is None
        assert await try_password(database, "li.na", PASSWORD) is None
        async with database.transaction() as session:
            await staff.activate(session, None, actor.id, NOON)
        async with database.transaction() as session:  # back, but not in the places of before
            assert await people.signed_in(session, browser, NOON) is None
            assert await people.by_api_token(session, program) is None
        assert await try_password(database, "li.na", PASSWORD) == actor.id
        assert [action for action, *_ in await written_down(database)][-2:] == ["person.deactivate", "person.activate"]


class TestJoining:
    async def test_a_link_works_until_somebody_has_joined(self, database: Database) -> None:
        actor = await added(database, "li.na")
        async with database.transaction() as session:
            token = await staff.invite(session, None, actor.id, NOON)
            assert await credentials.phone_key(session, VAULT, token, NOON) is None
            await credentials.choose_password(session, VAULT, token, PASSWORD, NOON)
            key = await credentials.phone_key(session, VAULT, token, NOON)
            assert key is not None
            assert await credentials.join(session, VAULT, token, wrong_code(key, NOON), NOON) is None
        assert await try_password(database, "li.na", PASSWORD) is None, "nobody comes in without a phone"
        async with database.transaction() as session:
            assert await credentials.join(session, VAULT, token, code_of(key, NOON), NOON) == actor.id
        async with database.transaction() as session:
            for work in (
                credentials.invited(session, token, NOON),
                credentials.choose_password(session, VAULT, token, "another password", NOON),
            ):
                with pytest.raises(InvitationGone):
                    await work
        assert [action for action, *_ in await written_down(database)] == [
            "person.add",
            "person.invite",
            "person.password",
            "person.join",
        ]

    async def test_a_link_ends_after_three_days_with_a_newer_one_and_with_the_account(self, database: Database) -> None:
        actor = await added(database, "li.na")
        async with database.transaction() as session:
            old = await staff.invite(session, None, actor.id, NOON)
            assert await credentials.invited(session, old, NOON + timedelta(hours=71))
            with pytest.raises(InvitationGone):
                await credentials.invited(session, old, NOON + timedelta(hours=72))
            new = await staff.invite(session, None, actor.id, NOON)
            with pytest.raises(InvitationGone):
                await credentials.invited(session, old, NOON)
            await staff.deactivate(session, None, actor.id, NOON)
            with pytest.raises(InvitationGone):
                await credentials.invited(session, new, NOON)
            with pytest.raises(NotFound):
                await staff.invite(session, None, actor.id, NOON)

    async def test_a_new_link_takes_away_password_phone_and_sign_ins(self, database: Database) -> None:
        actor, key = await joined(database)
        async with database.transaction() as session:
            browser = await people.sign_in(session, actor.id, NOON)
            await staff.invite(session, None, actor.id, NOON)
        async with database.transaction() as session:
            assert await people.signed_in(session, browser, NOON) is None
        assert await try_password(database, "li.na", PASSWORD) is None
        assert await try_code(database, actor, code_of(key, NOON)) is False

    @pytest.mark.parametrize(
        ("password", "problem"),
        [
            ("short", "short"),
            ("x1" * 101, "long"),
            ("li.na-from-hr", "login"),
            ("LI.NA-from-hr", "login"),
            ("1234567890", "common"),
            ("Password123", "common"),
            ("１２３４５６７８９０", "common"),
            ("ababababababab", "common"),
        ],
    )
    def test_a_password_that_is_guessed_too_soon_is_refused(self, password: str, problem: str) -> None:
        with pytest.raises(WeakPassword) as refused:
            credentials.check_strength("li.na-from-hr", password)
        assert refused.value.problem == problem

    def test_a_sentence_of_ten_characters_is_good_enough(self) -> None:
        credentials.check_strength("li.na", "春江潮水连海平海上明月")

    async def test_nothing_of_a_secret_is_readable_in_the_database(self, database: Database) -> None:
        actor, key = await joined(database)
        async with database.reading() as session:
            person = await session.get_one(Person, actor.id)
            assert (person.password_hash or "").startswith("$argon2id$")
            assert key.encode() not in (person.totp_secret or b"")

    def test_the_phone_reads_the_key_with_the_name_of_the_site(self) -> None:
        read = pyotp.parse_uri(credentials.phone_address("li.na", "求真", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
        assert (read.secret, read.issuer, read.name) == ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "求真", "li.na")


class TestSigningIn:
    async def test_password_and_code_let_in(self, database: Database) -> None:
        actor, key = await joined(database)
        assert await try_password(database, " Li.Na ", PASSWORD) == actor.id
        assert await try_code(database, actor, code_of(key, NOON))
        assert (await written_down(database))[-1] == ("person.sign-in", actor.id, actor.id)

    async def test_a_wrong_password_an_unknown_login_and_an_empty_one_do_not(self, database: Database) -> None:
        await joined(database)
        await added(database, "not.joined")
        for login, password in (
            ("li.na", PASSWORD.upper()),
            ("nobody", PASSWORD),
            ("nobody", "the password of nobody"),
            ("not.joined", ""),
            ("not.joined", "the password of nobody"),
            ("", ""),
        ):
            assert await try_password(database, login, password) is None

    async def test_full_width_letters_of_an_input_method_are_the_same(self, database: Database) -> None:
        actor, key = await joined(database)
        assert await try_password(database, "li.na", "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　ｂａｔｔｅｒｙ") == actor.id
        code = code_of(key, NOON)
        spaced = f"{code[:3]} {code[3:]}".translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        assert await try_code(database, actor, spaced)

    async def test_a_code_never_works_twice_nor_an_older_one_after_it(self, database: Database) -> None:
        actor, key = await joined(database)
        code, before = code_of(key, NOON), code_of(key, NOON - timedelta(seconds=30))
        assert await try_code(database, actor, code)
        assert not await try_code(database, actor, code)
        assert not await try_code(database, actor, before)

    async def test_of_the_same_code_sent_twice_at_once_one_works(self, database: Database) -> None:
        actor, key = await joined(database)
        code = code_of(key, NOON)
        done = await asyncio.gather(*(try_code(database, actor, code, address=f"198.51.100.{n}") for n in range(4)))
        assert sorted(done) == [False, False, False, True]

    @pytest.mark.parametrize(("seconds", "works"), [(-60, False), (-30, True), (30, True), (60, False)])
    async def test_a_phone_may_go_half_a_minute_wrong(self, database: Database, seconds: int, works: bool) -> None:
        actor, key = await joined(database)
        assert await try_code(database, actor, code_of(key, NOON + timedelta(seconds=seconds))) is works

    async def test_a_password_of_lower_cost_is_stored_anew(self, database: Database) -> None:
        actor, _ = await joined(database)
        cheap = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        async with database.transaction() as session:
            (await session.get_one(Person, actor.id)).password_hash = cheap
        assert await try_password(database, "li.na", PASSWORD) == actor.id
        async with database.reading() as session:
            stored = (await session.get_one(Person, actor.id)).password_hash
        assert stored is not None
        assert stored != cheap
        assert not PasswordHasher().check_needs_rehash(stored)
        assert await try_password(database, "li.na", PASSWORD) == actor.id

    async def test_another_password_needs_the_old_one_and_a_code(self, database: Database) -> None:
        actor, key = await joined(database)

        async def change(old: str, code: str, new: str, at: datetime = NOON) -> bool:
            async with database.transaction() as session:
                return await credentials.change_password(session, VAULT, actor, old, code, new, ADDRESS, at)

        assert not await change("wrong password", code_of(key, NOON), "another password")
        assert not await change(PASSWORD, wrong_code(key, NOON), "another password")
        with pytest.raises(WeakPassword):
            await change(PASSWORD, code_of(key, NOON), "short")
        assert await change(PASSWORD, code_of(key, NOON), "another password")
        assert await try_password(database, "li.na", "another password") == actor.id
        assert await try_password(database, "li.na", PASSWORD) is None


async def fail(
    database: Database, login: str = "li.na", at: datetime = NOON, address: str = ADDRESS, *, passes: bool = False
) -> None:
    """An attempt without the slow work of looking at a password."""
    async with database.transaction() as session:
        attempt = await attempts.count(session, VAULT, "password", login, address, at)
        if passes:
            await attempt.passed(session)


class TestGuessing:
    async def test_after_five_failures_of_a_login_the_pauses_grow(self, database: Database) -> None:
        for _ in range(5):
            await fail(database)
        now = 0.0
        for pause in (1, 2, 4, 8, 15, 15):
            with pytest.raises(TooManyAttempts) as refused:
                await fail(database, at=minutes(now + pause - 0.1))
            assert refused.value.minutes == 1
            now += pause
            await fail(database, at=minutes(now))
        with pytest.raises(TooManyAttempts) as refused:
            await fail(database, at=minutes(now))
        assert refused.value.minutes == 15
        await fail(database, at=minutes(now + 15), passes=True)
        for _ in range(5):  # it begins anew
            await fail(database, at=minutes(now + 15))
        await fail(database, at=minutes(now + 15 + 24 * 60))

    @pytest.mark.parametrize("login", ["li.na", "nobody"])
    async def test_passwords_are_counted_whether_the_login_is_somebodys_or_not(
        self, database: Database, login: str
    ) -> None:
        await joined(database)
        for _ in range(5):
            assert await try_password(database, login, "wrong password") is None
        with pytest.raises(TooManyAttempts):
            await try_password(database, login, PASSWORD)

    async def test_codes_are_counted_even_by_who_knows_the_password(self, database: Database) -> None:
        actor, key = await joined(database)
        for _ in range(5):
            await fail(database, passes=True)
            assert not await try_code(database, actor, wrong_code(key, NOON))
        with pytest.raises(TooManyAttempts):
            await try_code(database, actor, code_of(key, NOON))
        assert await try_code(database, actor, code_of(key, minutes(1)), minutes(1))

    async def test_one_address_has_thirty_failures_for_all_logins(self, database: Database) -> None:
        for number in range(30):
            await fail(database, f"guess-{number}")
        with pytest.raises(TooManyAttempts) as refused:
            await fail(database)
        assert refused.value.minutes == 15
        await fail(database, address="203.0.113.8")
        await fail(database, at=minutes(15))

    async def test_what_is_refused_leaves_no_row_for_a_login_it_made_up(self, database: Database) -> None:
        for number in range(40):
            with suppress(TooManyAttempts):
                await fail(database, f"guess-{number}")
        async with database.reading() as session:
            assert len(list(await session.scalars(select(Failures)))) == 31  # thirty logins, and the address

    async def test_to_sign_in_oneself_does_not_allow_more_guesses_for_others(self, database: Database) -> None:
        for number in range(30):
            await fail(database, passes=True)
            await fail(database, f"guess-{number}")
        with pytest.raises(TooManyAttempts):
            await fail(database)

    async def test_of_many_guesses_at_once_five_are_looked_at(self, database: Database) -> None:
        guesses = (fail(database, address=f"198.51.100.{n}") for n in range(8))
        done = await asyncio.gather(*guesses, return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["NoneType"] * 5 + ["TooManyAttempts"] * 3

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("unix", "unix"),
        ],
    )
    def test_addresses_of_one_household_are_one(self, address: str, network: str) -> None:
        assert attempts.network_of(address) == network

    async def test_who_failed_from_where_cannot_be_read_and_is_forgotten(self, database: Database) -> None:
        await try_password(database, "li.na", "wrong password")
        async with database.transaction() as session:
            rows = list(await session.scalars(select(Failures)))
            assert [(row.count, len(row.key)) for row in rows] == [(1, 64), (1, 64)]
            assert people.hashed("li.na") not in {row.key for row in rows}
            await attempts.forget(session, minutes(24 * 60 - 1))
            assert len(list(await session.scalars(select(Failures)))) == 2
            await attempts.forget(session, minutes(24 * 60))
            assert not list(await session.scalars(select(Failures)))


class TestBrowsersAndPrograms:
    async def test_one_browser_or_all_others_are_signed_out(self, database: Database) -> None:
        actor, other = await added(database, "li.na"), await added(database, "other")
        async with database.transaction() as session:
            here, phone, office = [await people.sign_in(session, actor.id, NOON) for _ in range(3)]
            theirs = await people.sign_in(session, other.id, NOON)
            newest = (await people.sign_ins(session, actor.id, NOON))[0]
            with pytest.raises(NotFound):
                await people.sign_out_one(session, other, newest.id, NOON)
            await people.sign_out_one(session, actor, newest.id, NOON)
            assert await people.signed_in(session, office, NOON) is None
            assert await people.signed_in(session, phone, NOON)
            assert await people.sign_out_others(session, actor, here, NOON) == 1
            assert await people.signed_in(session, phone, NOON) is None
            assert await people.signed_in(session, here, NOON)
            assert await people.signed_in(session, theirs, NOON)
            await people.sign_out(session, here, NOON)
            assert await people.sign_ins(session, actor.id, NOON) == []
        assert [row for row in await written_down(database) if row[0] == "person.sign-out"] == [
            ("person.sign-out", actor.id, actor.id)
        ] * 3

    async def test_sign_ins_that_are_over_are_not_listed(self, database: Database) -> None:
        actor = await added(database, "li.na")
        async with database.transaction() as session:
            await people.sign_in(session, actor.id, NOON)
            assert len(await people.sign_ins(session, actor.id, minutes(12 * 60 - 1))) == 1
            assert not await people.sign_ins(session, actor.id, minutes(12 * 60))

    async def test_when_a_browser_was_last_at_work_is_known_to_five_minutes(self, database: Database) -> None:
        actor = await added(database, "li.na")
        async with database.transaction() as session:
            token = await people.sign_in(session, actor.id, NOON)
        for at, known in ((4, 0), (6, 6), (8, 6)):
            async with database.transaction() as session:
                await people.seen(session, token, minutes(at))
            async with database.reading() as session:
                assert (await people.sign_ins(session, actor.id, NOON))[0].seen_at == minutes(known)

    async def test_a_program_works_as_its_person_until_the_key_is_taken_away(self, database: Database) -> None:
        actor, other = await added(database, "li.na"), await added(database, "other")
        async with database.transaction() as session:
            token = await people.new_api_token(session, actor.id, " 导出 ", NOON)
        async with database.transaction() as session:
            assert await people.by_api_token(session, token) == actor
            assert await people.by_api_token(session, f"{token}x") is None
            assert not await people.used_lately(session, token, minutes(7))
            await people.used(session, token, minutes(7))
            assert await people.used_lately(session, token, minutes(12))
            assert not await people.used_lately(session, token, minutes(13))
        async with database.transaction() as session:
            (key,) = await people.api_tokens(session, actor.id)
            assert (key.name, key.used_at) == ("导出", minutes(7))
            assert token not in key.token_hash
            with pytest.raises(NotFound):
                await people.revoke_api_token(session, other, key.id, NOON)
            await people.revoke_api_token(session, actor, key.id, NOON)
            assert await people.by_api_token(session, token) is None
        assert [action for action, *_ in await written_down(database)][-2:] == ["token.create", "token.revoke"]

    @pytest.mark.parametrize("name", ["", "   ", "名" * 61])
    async def test_a_key_has_a_name(self, database: Database, name: str) -> None:
        actor = await added(database, "li.na")
        async with database.transaction() as session:
            with pytest.raises(InvalidPerson):
                await people.new_api_token(session, actor.id, name, NOON)
