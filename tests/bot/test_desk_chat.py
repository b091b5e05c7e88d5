"""The people at the desk in their own chat: linked, told, and at work with buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.messages import Reply
from bot.wiring import Parts
from index.variants import is_traditional
from knowledge import chats, editing, models
from knowledge.desk import verdicts, work
from knowledge.desk.steps import CANNED, Step
from knowledge.models import Article, AuditRow, Delivery, Harm, Notice, Person, PersonRole, Reason, Role, Rumour, Turn
from knowledge.people import Actor
from knowledge.protection import Vault
from tests.bot.resident import Resident, token, tokens
from tests.factories import article_content

CLAIM = "听说柳树村东头的老井昨晚让人投了毒，大家千万别喝井水"


def now() -> datetime:
    return datetime.now(UTC)


async def joined(parts: Parts, login: str, *roles: Role, region: str = "", chat: str = "") -> tuple[Actor, Resident]:
    """Somebody at the desk, with a linked chat of their own."""
    async with parts.database.transaction() as session:
        made = Person(login=login, name=f"{login}·某", roles=[PersonRole(role=role, region=region) for role in roles])
        session.add(made)
        await session.flush()
        actor = Actor.of(made)
        code = await chats.new_code(session, actor, now())
    phone = Resident(parts.conversation, address=chat or f"chat of {login}")
    assert (await phone.writes(f"/link {code}")).text.startswith(f"✅ 绑定好了，{login}·某\n")
    return actor, phone


async def asks(parts: Parts, *addresses: str) -> None:
    """These residents pass the claim on; it is R1."""
    for address in addresses:
        reply = await Resident(parts.conversation, address=address).writes(CLAIM, forwarded=True)
        assert reply.rumour == "R1"


async def rumour(parts: Parts, number: int = 1) -> Rumour:
    async with parts.database.reading() as session:
        return await session.get_one(Rumour, number)


async def told(parts: Parts) -> list[Reply]:
    """What is said by itself and waits to be sent, after a look at the clock."""
    await parts.alerter.look_at_the_clock(now())
    await parts.alerter.put_into_words(now())
    async with parts.database.reading() as session:
        rows = await session.scalars(select(Turn.reply).where(Turn.route == "alert").order_by(Turn.id))
        return [Reply.from_json(row) for row in rows if row]


async def drafted(parts: Parts, actor: Actor) -> int:
    """A draft for R1 that waits for a second person; its revision."""
    async with parts.database.transaction() as session:
        version = (await session.get_one(Rumour, 1)).version
        content = article_content(slug="old-well", claim="老井的水有毒。", short_answer="没有，化验合格。")
        draft = await verdicts.draft(session, 1, content, Step(actor, version, now()))
        await verdicts.submit(session, 1, Step(actor, version + 1, now()))
        return draft.number


async def test_what_is_hot_is_told_and_claimed_with_one_touch(quick_parts: Parts) -> None:
    writer, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, *"1234")
    assert await told(quick_parts) == []
    await asks(quick_parts, "5")
    (alert,) = await told(quick_parts)
    assert alert.text.splitlines()[:4] == [
        "📥 R1｜问起 5 次｜危害：未评",
        f"“{CLAIM}”",
        "热度高，还没有人处理。",
        "待认领｜还没有人负责",
    ]
    assert tokens(alert) == ["desk:claim:1:0", "desk:canned:1:0", "desk:harm:1:0"]
    assert (alert.route, alert.rumour) == ("alert", "R1")
    assert len(await told(quick_parts)) == 1, "told once"

    reply = await phone.presses("desk:claim:1:0")
    assert reply.text.splitlines()[:2] == ["✅ 归您处理了", "📥 R1｜问起 5 次｜危害：未评"]
    assert "处理中｜负责人：writer·某" in reply.text
    assert tokens(reply)[0] == "desk:release:1:1"
    assert (await rumour(quick_parts)).assigned_to_id == writer.id
    async with quick_parts.database.reading() as session:
        audit = (await session.scalars(select(AuditRow).where(AuditRow.subject == "rumour"))).one()
        assert (audit.action, audit.by_id) == ("rumour.claim", writer.id)

    assert (await phone.presses("desk:release:1:1")).text.startswith("✅ 放回队列了")


async def test_who_was_slower_sees_who_was_quicker_and_how_it_is_now(quick_parts: Parts) -> None:
    await joined(quick_parts, "quick", Role.DEBUNKER, chat="quick")
    _, slow = await joined(quick_parts, "slow", Role.DEBUNKER)
    await asks(quick_parts, "1")
    await Resident(quick_parts.conversation, address="quick").presses("desk:claim:1:0")
    reply = await slow.presses("desk:claim:1:0")
    assert reply.text.startswith("⚠️ 没有执行：R1 刚被 quick·某 改过，下面是现在的样子\n📥 R1")
    assert "负责人：quick·某" in reply.text
    assert tokens(reply)[0] == "desk:claim:1:1"
    assert (await rumour(quick_parts)).version == 1


async def test_harm_is_rated_and_what_is_no_claim_is_answered_at_once(quick_parts: Parts) -> None:
    _, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, "1", "2")
    menu = await phone.presses("desk:harm:1:0")
    assert tokens(menu) == ["desk:rate:1:0:1", "desk:rate:1:0:2", "desk:rate:1:0:3", "desk:show:1"]
    assert "危害：高" in (await phone.presses("desk:rate:1:0:3")).text
    assert (await rumour(quick_parts)).harm == Harm.HIGH

    menu = await phone.presses("desk:canned:1:1")
    assert [each.split(":")[-1] for each in tokens(menu)[:-1]] == list(CANNED)
    reply = await phone.presses("desk:mark:1:1:not_checkable")
    assert reply.text.startswith("✅ 已经回复问过的人")
    assert tokens(reply) == []
    async with quick_parts.database.reading() as session:
        assert list(await session.scalars(select(Notice.reason))) == [Reason.NOT_A_CLAIM] * 2


async def test_a_draft_is_read_whole_and_signed_off_by_somebody_else_only(quick_parts: Parts) -> None:
    writer, own = await joined(quick_parts, "writer", Role.DEBUNKER)
    _, reader = await joined(quick_parts, "reader", Role.EXPERT)
    await asks(quick_parts, "1")
    revision = await drafted(quick_parts, writer)
    (alert,) = await told(quick_parts)
    assert "草稿写好了，等另一个人会签。" in alert.text
    assert tokens(alert) == ["desk:draft:1"]

    draft = await reader.presses("desk:draft:1")
    assert draft.text.startswith(f"📝 R1 的草稿，第 {revision} 版\n")
    for part in ("❌ 假｜“老井的水有毒”", "没有，化验合格。", "为什么有人信", "https://www.who.int/example"):
        assert part in draft.text
    sign = token(draft, "desk") if len(tokens(draft)) == 1 else tokens(draft)[0]
    assert sign == f"desk:sign:1:2:{revision}"

    assert tokens(await own.presses("desk:draft:1")) == ["desk:show:1"]
    assert (await own.presses(sign)).text.startswith("⛔ 自己写的不能自己会签")
    assert (await reader.presses(sign)).text.startswith("✅ 会签好了")
    assert "会签的人：reader·某" in (await reader.presses("desk:draft:1")).text
    assert "草稿已经有人会签" in (await told(quick_parts))[-1].text
    async with quick_parts.database.reading() as session:
        article = (await session.scalars(select(Article).where(Article.slug == "old-well"))).one()
        assert [person.login for person in await editing.signers(session, article.id, revision)] == ["reader"]
    assert (await reader.presses(sign)).text.startswith("⚠️ 没有执行：R1 刚被 reader·某 改过")


async def test_roles_and_regions_hold_in_the_chat(quick_parts: Parts) -> None:
    _, expert = await joined(quick_parts, "expert", Role.EXPERT)
    _, editor = await joined(quick_parts, "editor", Role.EDITOR)
    _, local = await joined(quick_parts, "local", Role.DEBUNKER, region="柯城区")
    await asks(quick_parts, "1")
    for phone in (expert, editor):
        assert tokens(await phone.presses("desk:show:1")) == []
        for press in ("claim:1:0", "release:1:0", "mark:1:0:chat", "rate:1:0:1"):
            assert (await phone.presses(f"desk:{press}")).text.startswith("⛔ 您不能做这一步")
    async with quick_parts.database.transaction() as session:
        await session.execute(update(Rumour).values(region="衢江区"))
    for press in ("show:1", "claim:1:0", "draft:1", "canned:1:0"):
        assert (await local.presses(f"desk:{press}")).text.startswith("⛔ 您不能做这一步")
    assert (await rumour(quick_parts)).version == 0


async def test_a_role_taken_away_is_gone_with_the_next_press(quick_parts: Parts) -> None:
    actor, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, "1")
    async with quick_parts.database.transaction() as session:
        await session.execute(update(PersonRole).where(PersonRole.person_id == actor.id).values(role=Role.EXPERT))
    assert (await phone.presses("desk:claim:1:0")).text.startswith("⛔")
    async with quick_parts.database.transaction() as session:
        await session.execute(update(Person).where(Person.id == actor.id).values(active=False))
    assert (await phone.presses("desk:show:1")).text.startswith("🔒 这个功能是给工作人员用的")


async def test_residents_can_do_nothing_of_it(quick_parts: Parts) -> None:
    await asks(quick_parts, "1")
    resident = Resident(quick_parts.conversation, address="1")
    for said in ("/desk", "/unlink"):
        assert (await resident.writes(said)).text.startswith("🔒")
    for press in ("desk", "desk:show:1", "desk:claim:1:0", "desk:sign:1:0:1", "desk:mark:1:0:chat"):
        assert (await resident.presses(press)).text.startswith("🔒")
    assert (await rumour(quick_parts)).version == 0
    assert (await resident.writes("/link")).text.startswith("❓ 请带上绑定码")
    assert (await resident.writes("/link BCDFG-HJKLM")).text.startswith("❌ 绑定码不对")
    for _ in range(4):
        await resident.writes("/link BCDFG-HJKLM")
    assert (await resident.writes("/link BCDFG-HJKLM")).text.startswith("⏳ 输错太多次了\n请过 1 分钟")
    on_the_page = Resident(quick_parts.conversation, address="1", channel="web")
    assert (await on_the_page.writes("/link BCDFG-HJKLM")).text.startswith("❌ 这里收不到提醒")


@pytest.mark.parametrize(
    "press",
    [
        ":",
        ":claim",
        ":claim:x:0",
        ":claim:1",
        ":claim:1:-1",
        ":claim:1:９",
        ":claim:99:0",
        ":claim:99999999999:0",
        ":rate:1:0:9",
        ":nonsense:1",
        ":mark:1:0",
        ":mark:1:0:nonsense",
        ":sign:1:0:1",
    ],
)
async def test_a_button_that_was_never_made_leads_nowhere(quick_parts: Parts, press: str) -> None:
    _, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, "1")
    reply = await phone.presses(f"desk{press}")
    assert reply.route == "choice"
    assert reply.rumour is None
    assert (await rumour(quick_parts)).version == 0


async def test_the_list_shows_ones_own_and_what_is_hot(quick_parts: Parts) -> None:
    _, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    assert (await phone.writes("/desk")).text.startswith("📋 现在没有归您处理的线索")
    await asks(quick_parts, *"12345")
    listed = await phone.writes("/desk")
    assert listed.text.startswith("📋 归您处理的有 0 条，没人处理的热点有 1 条")
    assert listed.choices[0][0].label == "R1（5）听说柳树村东头的老井昨晚让人投了毒，大家千万别…"
    await phone.presses("desk:claim:1:0")
    assert (await phone.writes("/desk")).text.startswith("📋 归您处理的有 1 条，没人处理的热点有 0 条")
    assert (await phone.writes("/unlink")).text.startswith("✅ 解除绑定了")
    assert (await phone.writes("/desk")).text.startswith("🔒")


async def test_what_is_due_and_what_a_colleague_gives_is_told_with_the_reason(quick_parts: Parts) -> None:
    writer, phone = await joined(quick_parts, "writer", Role.DEBUNKER)
    reader, _ = await joined(quick_parts, "reader", Role.DEBUNKER)
    await asks(quick_parts, "1")
    async with quick_parts.database.transaction() as session:
        await work.assign(session, 1, writer.id, Step(reader, 0, now()))
        await session.execute(update(Rumour).values(answer_due=now() + timedelta(hours=5)))
    given, due = await told(quick_parts)
    assert "同事把这条交给您了。" in given.text
    assert "快到答复期限了。" in due.text
    assert "答复期限：" in due.text
    await phone.writes("/language zh-Hant")
    assert is_traditional((await phone.presses("desk:show:1")).text)
    await phone.writes("/language en")
    assert "In work | with writer·某" in (await phone.presses("desk:show:1")).text


async def test_each_question_to_an_expert_stands_on_its_alert(quick_parts: Parts) -> None:
    writer, _ = await joined(quick_parts, "writer", Role.DEBUNKER)
    expert, _ = await joined(quick_parts, "expert", Role.EXPERT)
    await asks(quick_parts, "1")
    async with quick_parts.database.transaction() as session:
        for question in ("井水发黄能喝吗？", "烧开就行吗？"):
            await work.ask_expert(session, 1, expert.id, question, Step(writer, 0, now()))
    first, second = await told(quick_parts)
    assert "“井水发黄能喝吗？”" in first.text
    assert "“烧开就行吗？”" in second.text


async def test_an_alert_is_no_message_of_a_resident_and_goes_out_by_the_outbox(quick_parts: Parts) -> None:
    await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, *"12345")
    await told(quick_parts)
    async with quick_parts.database.reading() as session:
        turn = (await session.scalars(select(Turn).where(Turn.route == "alert"))).one()
        assert (turn.channel, turn.delivery) == ("telegram", Delivery.PENDING)
    assert [item.address for item in await quick_parts.outbox.pending("telegram")][-1] == "chat of writer"


async def test_who_was_sealed_under_another_secret_holds_nobody_up(quick_parts: Parts) -> None:
    await joined(quick_parts, "lost", Role.DEBUNKER)
    await joined(quick_parts, "writer", Role.DEBUNKER)
    await asks(quick_parts, *"12345")
    await told(quick_parts)
    sealed = Vault("the secret of another installation").seal("chat of lost")
    async with quick_parts.database.transaction() as session:
        lost = quick_parts.vault.key_of("telegram", "chat of lost")
        await session.execute(update(models.Resident).where(models.Resident.key == lost).values(address=sealed))
    pending = await quick_parts.outbox.pending("telegram")
    assert "chat of lost" not in {item.address for item in pending}
    assert pending[-1].address == "chat of writer"
    assert await quick_parts.outbox.pending("telegram") == pending
    async with quick_parts.database.reading() as session:
        failed = (await session.scalars(select(Turn).where(Turn.delivery == Delivery.FAILED))).all()
        assert failed
        assert {turn.reply for turn in failed} == {None}
