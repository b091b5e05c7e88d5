"""Buttons and commands, on a real database with the starter articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.conversation.answering import Answering
from bot.conversation.conversation import Conversation
from bot.conversation.dialogue import REASONS
from bot.conversation.flood import FloodGuard
from bot.conversation.language import SIMPLIFIED
from bot.conversation.wording import Wording
from bot.messages import Choice
from bot.wiring import Parts
from index.decision import Bands
from knowledge import articles
from knowledge.models import Article, Feedback, Follower, Original, Rumour, RumourStatus, Sighting, Turn
from knowledge.models import Resident as ResidentRow
from tests.bot.resident import Resident, token, tokens
from tests.factories import saved_article

LIQUOR = "喝高度白酒能杀死病毒吗"
STALE = "这个按钮用不了了。请把问题再发一遍。"
WELL = "听说柳树村东头的老井昨晚让人投了毒，大家千万别喝井水"


async def sightings_of(parts: Parts) -> Sequence[Sighting]:
    async with parts.database.reading() as session:
        return list(await session.scalars(select(Sighting).order_by(Sighting.id)))


async def count_of(parts: Parts, table: type[object]) -> int:
    async with parts.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def slug_of(parts: Parts, article_id: int | None) -> str:
    async with parts.database.reading() as session:
        article = await session.get(Article, article_id)
        assert article is not None
        return article.slug


@pytest.fixture
def unsure(parts: Parts) -> Parts:
    """A bot that finds everything ambiguous, so that it offers a menu."""
    parts.searcher.bands = Bands(sure=1.1, ambiguous=0.0)
    return parts


# Menus


async def test_menu_offers_articles_and_a_way_out(unsure: Parts) -> None:
    reply = await Resident(unsure.conversation).writes("喝醋有用吗")

    assert (reply.band, reply.article) == ("ambiguous", None)
    assert reply.text.splitlines()[0] == "您问的是下面哪一条？请点一下。"
    assert [name.split(":")[0] for name in tokens(reply)] == ["pick", "pick", "pick", "none"]
    [sighting] = await sightings_of(unsure)
    assert (sighting.article_id, sighting.rumour_id) == (None, None)


async def test_menu_for_a_danger_names_the_numbers_to_call(unsure: Parts) -> None:
    reply = await Resident(unsure.conversation).writes("油锅着火可以倒水吗")

    assert "120" in reply.text
    assert "119" in reply.text


async def test_picked_article_is_shown_and_tied_to_the_message(unsure: Parts) -> None:
    resident = Resident(unsure.conversation)
    menu = await resident.writes("喝醋有用吗")
    picked = tokens(menu)[1]
    reply = await resident.presses(picked)

    assert reply.text.startswith(("❌", "✅", "⚠️", "❓", "🚨", "📖", "🧭"))
    [sighting] = await sightings_of(unsure)
    assert picked == f"pick:{menu.turn}:{sighting.article_id}"
    assert await slug_of(unsure, sighting.article_id) == reply.article
    assert token(reply, "not") == f"not:{menu.turn}"
    assert tokens(await resident.presses(token(menu, "none"))) == ["hush:1"]
    assert "not" not in [name.split(":")[0] for name in tokens(await resident.presses(picked))]


async def test_picked_article_is_rated_where_it_was_shown(unsure: Parts) -> None:
    resident = Resident(unsure.conversation)
    shown = await resident.presses(tokens(await resident.writes("喝醋有用吗"))[0])
    await resident.presses(token(shown, "down"))

    async with unsure.database.reading() as session:
        rated = select(Turn.article_id).join(Feedback, Feedback.turn_id == Turn.id)
        assert await slug_of(unsure, await session.scalar(rated)) == shown.article


async def test_article_read_beside_an_open_rumour_changes_nothing_about_it(parts: Parts) -> None:
    parts.searcher.bands = Bands(sure=1.1)
    resident = Resident(parts.conversation)
    logged = await resident.writes("听说喝高度白酒能杀死体内的病毒", forwarded=True)
    shown = await resident.presses(next(each for each in tokens(logged) if each.startswith("read:")))

    assert (logged.rumour, shown.article) == ("R1", "baijiu-virus")
    assert [name.split(":")[0] for name in tokens(shown)] == ["full", "src", "up", "down"]
    assert (await resident.presses(token(shown, "up"))).text.startswith("谢谢您")
    [sighting] = await sightings_of(parts)
    assert (sighting.article_id, sighting.rumour_id) == (None, 1)


async def test_none_of_the_menu_logs_the_message_after_all(unsure: Parts) -> None:
    resident = Resident(unsure.conversation)
    menu = await resident.writes("喝醋有用吗")
    reply = await resident.presses(token(menu, "none"))

    assert reply.rumour == "R1"
    assert "不敢乱说。已记下，编号 R1" in reply.text
    assert tokens(reply) == ["hush:1"]
    [sighting] = await sightings_of(unsure)
    assert (sighting.rumour_id, sighting.article_id, sighting.text, sighting.turn_id) == (
        1,
        None,
        "喝醋有用吗",
        menu.turn,
    )


async def test_menu_turned_down_twice_is_counted_once(unsure: Parts) -> None:
    resident = Resident(unsure.conversation)
    menu = await resident.writes("喝醋有用吗")
    await resident.presses(token(menu, "none"))

    assert (await resident.presses(token(menu, "none"))).text == STALE
    async with unsure.database.reading() as session:
        assert await session.scalar(select(Rumour.sightings)) == 1


async def test_claim_is_never_answered_with_a_menu(unsure: Parts) -> None:
    reply = await Resident(unsure.conversation).writes(WELL, forwarded=True)

    assert reply.rumour == "R1"
    assert "hush:1" in tokens(reply)
    assert not [name for name in tokens(reply) if name.startswith("pick:")]


# Not what I asked


async def test_not_what_i_asked_takes_the_answer_back_and_logs(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    reply = await resident.presses(token(answer, "not"))

    assert reply.rumour == "R1"
    [sighting] = await sightings_of(parts)
    assert (sighting.article_id, sighting.rumour_id, sighting.text) == (None, 1, LIQUOR)
    async with parts.database.reading() as session:
        [feedback] = await session.scalars(select(Feedback))
    assert (feedback.turn_id, feedback.helpful, feedback.reason) == (answer.turn, False, "other")
    assert (await resident.presses(token(answer, "not"))).text == STALE


async def test_not_what_i_asked_keeps_the_reason_given_before(quick_parts: Parts) -> None:
    quick_parts.searcher.bands = Bands(sure=0.0, ambiguous=0.0)
    resident = Resident(quick_parts.conversation)
    answer = await resident.writes(LIQUOR)
    await resident.presses(f"why:{answer.turn}:wrong")
    await resident.presses(token(answer, "not"))

    async with quick_parts.database.reading() as session:
        [feedback] = await session.scalars(select(Feedback))
    assert (feedback.turn_id, feedback.helpful, feedback.reason) == (answer.turn, False, "wrong")


async def test_not_what_i_asked_leaves_a_scam_a_scam(quick_parts: Parts) -> None:
    quick_parts.searcher.bands = Bands(sure=0.0, ambiguous=0.0)
    resident = Resident(quick_parts.conversation)
    answer = await resident.writes("公安局打电话说我涉嫌洗钱，让我把钱转到安全账户")
    reply = await resident.presses(token(answer, "not"))

    assert (answer.route, reply.rumour) == ("scam", "R1")
    assert reply.text.startswith("🚨 很像诈骗")
    assert tokens(reply)[:2] == ["aid:money-sent", "aid:code-given"]


@pytest.mark.parametrize("name", ["not", "none"])
async def test_picked_article_turned_down_is_logged_and_rated_where_it_was_shown(quick_parts: Parts, name: str) -> None:
    quick_parts.searcher.bands = Bands(sure=1.1, ambiguous=0.0)
    resident = Resident(quick_parts.conversation)
    menu = await resident.writes("喝醋有用吗")
    shown = await resident.presses(tokens(menu)[0])
    reply = await resident.presses(token(menu if name == "none" else shown, name))

    assert reply.rumour == "R1"
    [sighting] = await sightings_of(quick_parts)
    assert (sighting.article_id, sighting.rumour_id) == (None, 1)
    async with quick_parts.database.reading() as session:
        [feedback] = await session.scalars(select(Feedback))
    assert (feedback.turn_id, feedback.helpful, feedback.reason) == (shown.turn, False, "other")


# Tell me


async def is_told(parts: Parts) -> bool | None:
    async with parts.database.reading() as session:
        return await session.scalar(select(ResidentRow.is_told))


async def test_whoever_asks_is_told_until_a_button_stops_it(resident: Resident, parts: Parts) -> None:
    logged = await resident.writes(WELL, forwarded=True)
    assert "有结论会在这里告诉您" in logged.text
    assert await is_told(parts)
    hushed = await resident.presses(token(logged, "hush"))
    assert hushed.text.startswith("好，有了结论也不再告诉您")
    assert not await is_told(parts)
    logged = await resident.writes("柳树村的小学要停课一个月", forwarded=True)
    assert "告诉您" not in logged.text
    assert tokens(logged) == ["tell:2"]
    assert tokens(hushed) == ["tell:1"]


async def test_tell_me_starts_it_again_and_follows_the_rumour_once(resident: Resident, parts: Parts) -> None:
    hushed = await resident.presses(token(await resident.writes(WELL, forwarded=True), "hush"))
    first = await resident.presses(token(hushed, "tell"))
    second = await resident.presses(token(hushed, "tell"))

    assert first.text == second.text == "好。R1 有了结论，我在这里告诉您。"
    assert await count_of(parts, Follower) == 1
    assert await is_told(parts)
    await resident.presses("hush")
    assert await count_of(parts, Follower) == 0


async def test_nothing_is_promised_of_a_settled_rumour_and_a_merged_one_stands_for_the_other(
    resident: Resident, parts: Parts
) -> None:
    await resident.writes(WELL, forwarded=True)
    await resident.writes("柳树村的小学要停课一个月", forwarded=True)
    async with parts.database.transaction() as session:
        await session.execute(update(Rumour).where(Rumour.id == 1).values(status=RumourStatus.MERGED, merged_into_id=2))
    assert "有了结论" in (await resident.presses("tell:1")).text
    async with parts.database.transaction() as session:
        assert list(await session.scalars(select(Follower.rumour_id))) == [2]
        await session.execute(update(Rumour).where(Rumour.id == 2).values(status=RumourStatus.ANSWERED))
    assert (await resident.presses("tell:2")).text == "好。您问过的有了结论，我在这里告诉您。"


async def test_what_was_settled_while_nothing_was_told_is_shown_at_once(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    hushed = await resident.presses(token(await resident.writes(WELL, forwarded=True), "hush"))
    [answered, _] = await sightings_of(parts)
    async with parts.database.transaction() as session:
        await session.execute(update(Rumour).values(status=RumourStatus.ANSWERED, article_id=answered.article_id))
    shown = await resident.presses(token(hushed, "tell"))

    assert (shown.text, shown.article, shown.rumour) == (answer.text, "baijiu-virus", "R1")
    assert await is_told(parts)
    async with parts.database.transaction() as session:
        await session.execute(update(Rumour).values(status=RumourStatus.NOT_A_CLAIM, article_id=None, canned="private"))
    shown = await resident.presses(token(hushed, "tell"))
    assert shown.text.splitlines()[1] == "您之前问过 R1。涉及个人的事，我们不查，也不公开。"


# Ratings


async def test_helpful_is_kept(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    reply = await resident.presses(token(answer, "up"))

    assert reply.text.startswith("谢谢您")
    async with parts.database.reading() as session:
        [feedback] = await session.scalars(select(Feedback))
    assert (feedback.turn_id, feedback.helpful, feedback.reason) == (answer.turn, True, None)


@pytest.mark.parametrize("reason", REASONS)
async def test_unhelpful_asks_why_and_the_last_word_counts(resident: Resident, parts: Parts, reason: str) -> None:
    answer = await resident.writes(LIQUOR)
    await resident.presses(token(answer, "up"))
    asked = await resident.presses(token(answer, "down"))
    assert tokens(asked) == [*(f"why:{answer.turn}:{each}" for each in REASONS[:-1]), f"not:{answer.turn}"]
    reply = await resident.presses(f"why:{answer.turn}:{reason}")

    assert reply.text == "记下了，会请编辑改。"
    async with parts.database.reading() as session:
        [feedback] = await session.scalars(select(Feedback))
    assert (feedback.helpful, feedback.reason) == (False, reason)


async def test_what_was_not_asked_is_logged_from_the_reasons_too(quick_parts: Parts) -> None:
    quick_parts.searcher.bands = Bands(sure=0.0, ambiguous=0.0)
    resident = Resident(quick_parts.conversation)
    answer = await resident.writes(LIQUOR)
    asked = await resident.presses(token(answer, "down"))
    assert asked.choices[-1][-1] == answer.choices[-1][-1]
    assert (await resident.presses(token(asked, "not"))).rumour == "R1"
    async with quick_parts.database.reading() as session:
        assert await session.scalar(select(Feedback.reason)) == "other"
    asked = await resident.presses(token(answer, "down"))
    assert asked.choices[-1][-1] == Choice(f"why:{answer.turn}:other", "别的")


# Reading on


async def test_full_text_and_sources_of_an_answer(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    full = await resident.presses(token(answer, "full"))
    sources = await resident.presses(token(answer, "src"))

    async with parts.database.reading() as session:
        article = await articles.get(session, "baijiu-virus")
    for line in filter(None, article.body.splitlines()):
        assert line.lstrip("#- ").replace("**", "") in full.text
    assert not {"#", "**"} & set(full.text.split())
    for source in article.sources:
        assert source.url in sources.text
        assert f"《{source.title}》" in sources.text
    assert len(sources.sources) == len(article.sources)
    assert "只找到一个权威来源" not in sources.text


async def test_sources_say_where_there_is_only_one_and_where_it_holds(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    async with quick_parts.database.transaction() as session:
        alone = await saved_article(session, single_source=True, regions=["浙江省", "上海市"])
    sources = await resident.presses(f"src:{alone.id}")

    assert "\n适用地区：浙江省、上海市\n只找到一个权威来源。\n" in sources.text


async def test_withdrawn_article_cannot_be_read_from_old_buttons(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    async with parts.database.transaction() as session:
        await articles.retire(session, "baijiu-virus")

    for name in ("full", "src"):
        reply = await resident.presses(token(answer, name))
        assert reply.text == "这一条已经撤下或正在更新，暂时不能看。您可以把问题再问一遍。"
        assert (reply.article, reply.sources) == (None, ())


# First aid for money


@pytest.mark.parametrize("harm", ["money-sent", "code-given", "screen-shared", "app-installed"])
async def test_harm_button_gives_first_aid(resident: Resident, harm: str) -> None:
    scam = await resident.writes("公安局打电话说我涉嫌洗钱，让我把钱转到安全账户")
    assert f"aid:{harm}" in tokens(scam)
    reply = await resident.presses(f"aid:{harm}")

    assert "110" in reply.text
    assert len(reply.text.splitlines()) >= 3


# Buttons of others, and buttons nobody made


async def test_others_cannot_use_the_buttons_of_a_message(resident: Resident, parts: Parts) -> None:
    answer = await resident.writes(LIQUOR)
    stranger = Resident(parts.conversation, address="815")

    for name in ("up", "down", "not"):
        assert (await stranger.presses(token(answer, name))).text == STALE
    assert (await stranger.presses(f"why:{answer.turn}:old")).text == STALE
    assert await count_of(parts, Feedback) == await count_of(parts, Rumour) == 0
    [sighting] = await sightings_of(parts)
    assert await slug_of(parts, sighting.article_id) == "baijiu-virus"


async def test_others_cannot_pick_from_a_menu_for_its_owner(unsure: Parts) -> None:
    menu = await Resident(unsure.conversation).writes("喝醋有用吗")
    await Resident(unsure.conversation, address="815").presses(tokens(menu)[0])

    [sighting] = await sightings_of(unsure)
    assert sighting.article_id is None


_FORGED = (
    "",
    ":",
    "nonsense",
    "full",
    "full:",
    "full:x",
    "full:-1",
    "full:0",
    "full:99999999999999999999",
    "up:１２３４５",
    "up:1e3",
    "pick:1",
    "pick:1:1:1:1",
    "tell:999",
    "tell:1;DROP TABLE rumours",
    "none:999",
    "not:",
    "why:1:because",
    "why:1",
    "aid:everything",
    "aid",
    "lang:fr",
    "lang:",
    "ask:example-9",
    "ask:",
    "\ud800",
    "full:\ud800",
    "{ $x }",
    "x" * 64,
)


@pytest.mark.parametrize("forged", _FORGED)
async def test_forged_button_is_refused_and_changes_nothing(quick_parts: Parts, forged: str) -> None:
    reply = await Resident(quick_parts.conversation).presses(forged)

    if forged.startswith("pick:1:1"):
        assert reply.article is not None  # an article anybody may read, tied to nothing
    else:
        assert reply.text == STALE
    assert [await count_of(quick_parts, table) for table in (Turn, Sighting, Feedback, Follower, Rumour)] == [
        1,
        0,
        0,
        0,
        0,
    ]


# Commands


async def test_start_says_who_it_is_and_offers_examples_that_work(resident: Resident) -> None:
    start = await resident.writes("/start")
    assert start.text.startswith("👋 您好，我是求真")
    assert "我不是医生，也不是警察" in start.text
    replies = [await resident.presses(each) for each in tokens(start)]

    assert [reply.article for reply in replies] == ["baijiu-virus", "safe-account", "oil-pan-fire-water"]
    assert [reply.route for reply in replies] == ["question", "scam", "question"]


@pytest.mark.parametrize(("spoken", "language"), [("請問隔夜菜能吃嗎", "zh-Hant"), ("is garlic good", "en")])
async def test_touched_example_is_answered_in_the_language_of_before(
    quick_parts: Parts, spoken: str, language: str
) -> None:
    resident = Resident(quick_parts.conversation)
    await resident.writes(spoken)
    assert (await resident.presses("ask:example-1")).language == language
    assert (await resident.writes("/help")).language == language


@pytest.mark.parametrize("command", ["/start", "/help", "/privacy", "/mine", "/forget", "/language"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_every_command_answers_in_every_language(quick_parts: Parts, command: str, language: str) -> None:
    resident = Resident(quick_parts.conversation)
    await resident.writes(f"/language {language}")
    reply = await resident.writes(command)

    first = {
        "/start": {"zh-Hans": "您好，我是求真", "zh-Hant": "您好，我是求真", "en": "I am Qiuzhen"},
        "/help": {"zh-Hans": "怎么用求真", "zh-Hant": "怎麼用求真", "en": "How to use Qiuzhen"},
        "/privacy": {"zh-Hans": "您的隐私", "zh-Hant": "您的隱私", "en": "Your privacy"},
        "/mine": {"zh-Hans": "存着您的这些", "zh-Hant": "存著您的這些", "en": "What is kept of you"},
        "/forget": {"zh-Hans": "要删掉您的记录吗", "zh-Hant": "要刪掉您的記錄嗎", "en": "Delete what is kept"},
        "/language": {"zh-Hans": "用哪种文字？", "zh-Hant": "用哪種文字？", "en": "Which language?"},
    }[command][language]
    assert first in reply.text.splitlines()[0]
    assert (reply.language, reply.route) == (language, "command")


async def test_unknown_command_points_to_help(quick_parts: Parts) -> None:
    assert (await Resident(quick_parts.conversation).writes("/abc def")).text == "没有这个命令。发 /help 看怎么用。"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("帮助", "/help"),
        ("这个咋用啊？", "/help"),
        ("／help", "/help"),
        ("隐私", "/privacy"),
        ("刪除我的記錄", "/forget"),
        ("把我删了", "/forget"),
        ("存了我什么信息", "/mine"),
        ("别再通知我", "/stop"),
        ("TD", "/stop"),
        ("我要人工", "/human"),
        ("客服", "/human"),
        ("为什么呢", "/more"),
        ("谁说的？", "/more"),
        ("help", None),
        ("忘了我吧", None),
        ("停电", None),
        ("删除微信好友", None),
        ("人工降雨", None),
        ("客服说我的账户有问题", None),
    ],
)
async def test_command_is_understood_in_words(quick_parts: Parts, words: str, command: str | None) -> None:
    resident = Resident(quick_parts.conversation)
    asked = await resident.writes(words)
    assert (asked.route == "command") is bool(command)
    if command:
        assert asked.text.splitlines()[0] == (await resident.writes(command)).text.splitlines()[0]


async def test_short_question_after_a_card_goes_on_with_the_emergency(resident: Resident) -> None:
    question = "那现在可以给他喂点水喝吗"
    said = Wording(SIMPLIFIED, "UTC").say("after-card")
    assert (await resident.writes(question)).text != said
    assert (await resident.writes("我爸突然嘴歪了，话也说不清，半边身子动不了")).route == "urgent"
    after = await resident.writes(question)
    assert (after.text, after.rumour) == (said, None)
    assert (await resident.writes("喝高度白酒能杀死病毒吗")).band == "sure"
    assert (await resident.writes("青龙水库出现管涌，下游全部撤离")).text != said


async def test_command_in_capitals_works(quick_parts: Parts) -> None:
    assert (await Resident(quick_parts.conversation).writes("/HELP")).text.startswith("怎么用求真")


async def test_command_is_in_no_language_and_follows_what_was_spoken_before(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    assert (await resident.writes("/start")).language == "zh-Hans"
    await resident.writes("請問隔夜菜能吃嗎")
    assert (await resident.writes("/help")).language == "zh-Hant"
    await resident.writes("is garlic good for the flu")
    assert (await resident.writes("/help")).language == "en"


async def test_chosen_language_holds_until_automatic_again(resident: Resident) -> None:
    menu = await resident.writes("/language")
    assert tokens(menu) == ["lang:zh-Hans", "lang:zh-Hant", "lang:en", "lang:auto"]
    assert (await resident.presses("lang:zh-Hant")).text == "好，以後用繁體中文。"
    assert (await resident.writes(LIQUOR)).language == "zh-Hant"
    english = await resident.presses("lang:en")
    assert (english.language, english.text) == ("en", "All right, English from now on.")
    in_english = await resident.writes(LIQUOR)
    assert "❌ False｜“喝高度白酒可以杀死体内的病毒，预防感染”" in in_english.text
    await resident.presses("lang:auto")
    assert (await resident.writes(LIQUOR)).language == "zh-Hans"


async def test_language_nobody_knows_gets_the_menu(quick_parts: Parts) -> None:
    reply = await Resident(quick_parts.conversation).writes("/language français")
    assert tokens(reply) == ["lang:zh-Hans", "lang:zh-Hant", "lang:en", "lang:auto"]


async def test_mine_lists_what_is_kept(resident: Resident) -> None:
    await resident.writes(WELL, forwarded=True)
    reply = await resident.writes("/mine")

    assert "往来 1 次" in reply.text
    assert "有了结论：会告诉您" in reply.text
    assert "等结果的：R1" in reply.text
    assert f"\n　{WELL}\n· 带有个人信息的原话，另外加密存 30 天。\n" in reply.text
    assert tokens(reply) == ["hush"]
    hushed = await resident.presses("hush")
    assert tokens(hushed) == ["tell"]
    reply = await resident.writes("/mine")
    assert "有了结论：不告诉您" in reply.text
    assert "等结果的：无" in reply.text
    assert tokens(reply) == ["tell"]


async def test_mine_of_a_busy_resident_still_fits_a_message(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    for number in range(30):
        await resident.writes(f"{number}号消息：" + f"村里第{number}件没听过的事情要大家注意" * 80, forwarded=True)
    reply = await resident.writes("/mine")

    assert len(reply.text.encode("utf-16-le")) // 2 < 4096


NUMBER = "村干部说把钱打给13812345678就能领补贴"


async def originals_of(parts: Parts) -> list[tuple[str, datetime]]:
    async with parts.database.reading() as session:
        rows = await session.scalars(select(Original).order_by(Original.sighting_id))
        return [(parts.vault.open(row.sealed), row.kept_until) for row in rows]


async def test_what_was_removed_from_a_rumour_is_kept_sealed_for_a_while(quick_parts: Parts) -> None:
    resident = Resident(quick_parts.conversation)
    message = resident.message(NUMBER, forwarded=True)
    await quick_parts.conversation.reply_to(message)
    await resident.writes("我妈煤气中毒晕倒了，电话13812345678")
    await resident.writes("村里的井１２号以后要封", forwarded=True)

    assert await originals_of(quick_parts) == [(NUMBER, message.received_at + timedelta(days=30))]
    assert "加密存 30 天" in (await resident.writes("/privacy")).text
    await resident.presses("forget:yes")
    assert await originals_of(quick_parts) == []


async def test_no_original_is_kept_where_the_setting_says_none(quick_parts: Parts) -> None:
    parts = quick_parts
    conversation = Conversation(
        database=parts.database,
        vault=parts.vault,
        search=parts.search,
        answering=Answering(parts.clusters),
        desk=parts.desk,
        flood=FloodGuard(1000),
        timezone="UTC",
        keep_originals_days=0,
    )
    resident = Resident(conversation)
    await resident.writes(NUMBER, forwarded=True)
    assert await originals_of(parts) == []
    assert "\n· 去掉之前的原话不存。" in (await resident.writes("/privacy")).text


async def test_forget_leaves_nothing_that_leads_to_the_resident(resident: Resident, parts: Parts) -> None:
    logged = await resident.writes(WELL, forwarded=True)
    await resident.presses(f"tell:{(logged.rumour or '')[1:]}")
    await resident.presses(token(await resident.writes(LIQUOR), "up"))
    kept = await resident.presses("forget:no")
    assert kept.text == "好，没有删。"
    asked = await resident.writes("/forget")
    assert tokens(asked) == ["forget:yes", "forget:no"]
    done = await resident.presses("forget:yes", key="the press")

    assert done.text.startswith("删好了")
    assert [await count_of(parts, table) for table in (ResidentRow, Follower, Feedback)] == [0, 0, 0]
    async with parts.database.reading() as session:
        assert set(await session.scalars(select(Turn.resident_id))) == {None}
        assert set(await session.scalars(select(Sighting.resident_id))) == {None}
        assert [(r.text, r.sightings) for r in await session.scalars(select(Rumour))] == [(WELL, 1)]


async def test_forget_delivered_again_does_not_bring_the_resident_back(resident: Resident, parts: Parts) -> None:
    await resident.writes(LIQUOR)
    first = await resident.presses("forget:yes", key="the press")
    again = await resident.presses("forget:yes", key="the press")

    assert (again.text, again.repeated) == (first.text, True)
    assert await count_of(parts, ResidentRow) == 0


async def test_old_buttons_of_a_forgotten_resident_are_refused(resident: Resident) -> None:
    answer = await resident.writes(LIQUOR)
    await resident.presses("forget:yes")

    assert (await resident.presses(token(answer, "not"))).text == STALE
    assert (await resident.presses(token(answer, "up"))).text == STALE
