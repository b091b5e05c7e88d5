"""Every sentence of the web page itself, in Simplified and Traditional Chinese and English.

Replies are worded by the conversation; these are only the page's own words. Traditional is derived from Simplified,
so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from index.variants import to_traditional

LANGUAGE_COOKIE = "qiuzhen_language"
"""Keeps the language somebody chose."""


class Language(StrEnum):
    """A language of the page, as BCP 47 tag."""

    SIMPLIFIED = "zh-Hans"
    TRADITIONAL = "zh-Hant"
    ENGLISH = "en"


class Reason(StrEnum):
    """Why a request got no answer."""

    FOREIGN = "foreign"
    BAD_BODY = "bad_body"
    WRONG_SHAPE = "wrong_shape"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    GONE = "gone"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Wording:
    """The page's words in one language; `{site}` and `{host}` are filled in by `words_of`."""

    title: str
    heading: str
    lead: str
    honest: str
    limits: str
    host: str
    host_of_region: str
    skip: str
    larger: str
    language_label: str
    emergency_label: str
    police: str
    fire: str
    ambulance: str
    articles: str
    examples_label: str
    examples: tuple[str, ...]
    conversation_label: str
    notices_label: str
    you: str
    sources: str
    article_page: str
    input_label: str
    forwarded: str
    send: str
    waiting: str
    resend: str
    edit: str
    offline: str
    unanswered: str
    expand: str
    fold: str
    new_tab: str
    clear: str
    privacy: str
    forget: str
    careful: str
    about_label: str
    refusals: Mapping[Reason, str]


SIMPLIFIED = Wording(
    title="{site} · 谣言、健康、防骗问一问",
    heading="谣言、健康、防骗，问一问",
    lead="我是{host}的公共信息助手。把您听到的说法、收到的消息发给我，我告诉您真假、该怎么做。",
    honest="只用核实过、有出处的文章回答。不知道，就直说不知道。",
    limits="我不是医生，也不是警察，不能代替看病和报警。",
    host="本地科协",
    host_of_region="{region}科协",
    skip="跳到提问框",
    larger="大字",
    language_label="语言",
    emergency_label="紧急情况，先打电话",
    police="报警",
    fire="火警",
    ambulance="急救",
    articles="看全部核实过的文章",
    examples_label="点一下，试着问问：",
    examples=(
        "喝高度白酒能杀死病毒吗？",
        "有人说我涉嫌洗钱，要我把钱转到安全账户",
        "油锅着火了，能倒水吗？",
        "老人突然嘴歪、说话不清，怎么办？",
    ),
    conversation_label="对话",
    notices_label="您之前问的有结果了",
    you="您问",
    sources="出处",
    article_page="看这篇文章的网页，可转给家人",
    input_label="写下问题，或粘贴收到的消息",
    forwarded="这是别人转发给我的",
    send="发送",
    waiting="正在查",
    resend="重发",
    edit="改一改",
    offline="网络断了，没有发出去。您的话还在，请点“重发”。",
    unanswered="等了很久没有收到回答。您的话还在，请点“重发”。",
    expand="看全文",
    fold="收起",
    new_tab="在新页面打开",
    clear="清空屏幕",
    privacy="隐私说明",
    forget="删除我的记录",
    careful="请不要发身份证号、银行卡号、密码和验证码。我们从不索要，也不会让您转账。",
    about_label="隐私与记录",
    refusals={
        Reason.FOREIGN: "请在本站的页面上提问。",
        Reason.BAD_BODY: "没看懂收到的内容，请刷新页面再试一次。",
        Reason.WRONG_SHAPE: "收到的内容不完整，请刷新页面再试一次。",
        Reason.EMPTY: "请先写下想问的话，再点“发送”。",
        Reason.TOO_LONG: "这段话太长了，一次收不下。请只留最要紧的一段，或分几次发。",
        Reason.TOO_MANY: "您发得有点快，请歇一会儿再发。着急的事，请直接打 110、119 或 120。",
        Reason.GONE: "这句话以前答过了，那次的回答没有保留。想再问一次，请再发一遍。",
        Reason.BROKEN: "抱歉，系统出了点问题，没有答上来。请过一会儿再发一次。着急的事，请直接打 110、119 或 120。",
    },
)

ENGLISH = Wording(
    title="{site} · Rumours, health and scams: just ask",
    heading="Rumours, health, scams: just ask",
    lead="I am the public information assistant of {host}. Send me what you heard or received; I will tell you "
    "whether it is true and what to do.",
    honest="I answer only from checked articles with sources, and I say so when I do not know.",
    limits="I am not a doctor and not the police, and cannot replace seeing a doctor or calling the police.",
    host="the local science association",
    host_of_region="the science association of {region}",
    skip="Skip to the question box",
    larger="Larger",
    language_label="Language",
    emergency_label="In an emergency, call first",
    police="Police",
    fire="Fire",
    ambulance="Ambulance",
    articles="Browse all checked articles",
    examples_label="Tap one to try:",
    examples=(
        "Does drinking strong liquor kill viruses?",
        "A caller says I am suspected of money laundering and must move my money to a safe account",
        "The oil in my pan is on fire. Can I pour water on it?",
        "An old person's face suddenly droops and speech is slurred. What should I do?",
    ),
    conversation_label="Conversation",
    notices_label="News of what you asked",
    you="You asked",
    sources="Sources",
    article_page="This article's page, to read or share",
    input_label="Your question, or a message you got",
    forwarded="Somebody forwarded this to me",
    send="Send",
    waiting="Looking it up",
    resend="Send again",
    edit="Edit",
    offline="The connection was lost and nothing was sent. Your words are still here: press “Send again”.",
    unanswered="No answer came for a long time. Your words are still here: press “Send again”.",
    expand="Show all",
    fold="Show less",
    new_tab="opens in a new page",
    clear="Clear the screen",
    privacy="Privacy",
    forget="Delete my records",
    careful="Please do not send identity or bank card numbers, passwords or codes. We never ask for them, and "
    "never ask you to transfer money.",
    about_label="Privacy and records",
    refusals={
        Reason.FOREIGN: "Please ask on this site's own page.",
        Reason.BAD_BODY: "We could not read that. Please reload the page and try again.",
        Reason.WRONG_SHAPE: "Something was missing. Please reload the page and try again.",
        Reason.EMPTY: "Please write your question first, then press “Send”.",
        Reason.TOO_LONG: "This is too long to take at once. Please keep the most important part, or send it in pieces.",
        Reason.TOO_MANY: "That was rather fast; please wait a moment. If it is urgent, call 110, 119 or 120.",
        Reason.GONE: "This was answered before, and the answer is not kept. To ask it again, send it once more.",
        Reason.BROKEN: "Sorry, something went wrong and there is no answer. Please send it again in a while. "
        "If it is urgent, call 110, 119 or 120.",
    },
)


def words_of(site_name: str, region: str) -> dict[Language, Wording]:
    """The page's words in every language, for one site.

    `region` names the place whose science association hosts the site, such as ``青河县``; empty for an unnamed one.
    """
    simplified = _filled(SIMPLIFIED, site_name, region)
    return {
        Language.SIMPLIFIED: simplified,
        Language.TRADITIONAL: _mapped(simplified, to_traditional),
        Language.ENGLISH: _filled(ENGLISH, site_name, region),
    }


def negotiate(stored: str | None, accept_language: str) -> Language:
    """The language to show: the one chosen before, else the browser's first that we have, else Simplified."""
    if stored in {language.value for language in Language}:
        return Language(stored)
    for tag in _by_preference(accept_language):
        if tag.startswith("zh"):
            parts = set(tag.split("-"))  # what it says of the script goes before the place
            traditional = "hans" not in parts and parts & {"hant", "tw", "hk", "mo"}
            return Language.TRADITIONAL if traditional else Language.SIMPLIFIED
        if tag.split("-")[0] == "en":
            return Language.ENGLISH
    return Language.SIMPLIFIED


def _by_preference(accept_language: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for item in accept_language.lower().split(","):
        tag, _, weight = item.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            weighted.append((quality, tag.strip()))
    # Sorting is stable, so equals stay in the browser's order.
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]


def _filled(wording: Wording, site_name: str, region: str) -> Wording:
    host = wording.host_of_region.replace("{region}", region) if region else wording.host
    return _mapped(wording, lambda sentence: sentence.replace("{site}", site_name).replace("{host}", host))


def _mapped(wording: Wording, change: Callable[[str], str]) -> Wording:
    """The same wording with `change` applied to every sentence."""
    changed: dict[str, object] = {}
    for field in fields(wording):
        value = getattr(wording, field.name)
        if isinstance(value, str):
            changed[field.name] = change(value)
        elif isinstance(value, tuple):
            changed[field.name] = tuple(change(item) for item in value)
        else:
            changed[field.name] = {key: change(item) for key, item in value.items()}
    return replace(wording, **changed)  # type: ignore[arg-type]  # the loop keeps each field's type
