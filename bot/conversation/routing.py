"""What kind of message this is, decided before anything is searched or queued.

Nearly a fifth of what a peer's volunteers answered were tests, greetings and adverts; and what is urgent must not wait
for a search. Written rules come first, and say which signals they saw; what was learned from examples finds what they
miss.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation import english, urgent_model
from bot.conversation.danger import Danger, heard_danger, is_own_cry, is_reported, urgent
from bot.conversation.echo import in_first_person, is_own, unheaded
from bot.conversation.scam import Harm, Suspicion, harm_done, heard_harm, suspect
from index.variants import has_han, to_simplified
from index.vectors import FloatVector


class Route(StrEnum):
    """What is done with a message."""

    URGENT = "urgent"
    SCAM = "scam"
    CLAIM = "claim"
    QUESTION = "question"
    GREETING = "greeting"
    TEST = "test"
    ADVERT = "advert"
    CHITCHAT = "chitchat"
    FEEDBACK = "feedback"
    ECHO = "echo"
    """The bot's own answer, sent back."""
    LINK = "link"
    """A bare link, which is never opened, or one of which is only asked."""
    BARE = "bare"
    """It only asks, and says nothing of what it asks about."""
    NUMBER = "number"
    """It only asks whose number or account that is, which is taken out of it: it could be anybody's."""
    CALL = "call"
    """A cry for help or an emergency number, and nothing else."""
    COMMAND = "command"
    CHOICE = "choice"
    """A button under an earlier reply."""
    UNSUPPORTED = "unsupported"
    FLOOD = "flood"
    FAILED = "failed"
    """Something broke on our side; the resident got an apology."""


SEARCHED = frozenset({Route.SCAM, Route.CLAIM, Route.QUESTION, Route.ADVERT})
"""The routes on which an article is looked for and the message is counted as a sighting."""


@dataclass(frozen=True, slots=True)
class Routing:
    """A route and why. Who was swindled may be in danger as well."""

    route: Route
    danger: Danger | None = None
    harm: Harm | None = None
    suspicion: Suspicion | None = None
    is_doubtful: bool = False
    """Whether what gets a card may be a question after all, so that what answers it is offered under the card."""

    @property
    def cards(self) -> tuple[Danger | Harm, ...]:
        """What to show first-aid cards for, the more pressing first."""
        found = (self.danger, self.harm) if self.route is Route.URGENT else (self.harm, self.danger)
        return tuple(card for card in found if card)


_GREETING = re.compile(
    r"((你|您|大家|各位|老师|同志)+好(啊|呀|吗|哦)?)+|(早上|上午|中午|下午|晚上)好(啊|呀|哦)?|早(安|啊|呀)?|晚安|在(吗|不在|么|不)|有人(吗|在吗)|嗨+|哈喽|喂+|"
    r"hi+|hello|hey|(你|您)好.{0,4}(机器人|求真|小助手)",
    re.IGNORECASE,
)
_TEST = re.compile(
    r"(测试|试试|试一下|试一试|试用|testing|test|ping)(一下|消息|[\d\s]|成功|中)*|[\d\W_]+|(?P<key>[a-z啊呃额])(?P=key){2,}",
    re.IGNORECASE,
)
_FEEDBACK = re.compile(
    r"(谢谢|感谢|多谢|谢了|辛苦)(你|您|了|啦|大家|老师)*|(很|非常|挺|真)?(有用|有帮助|好用|没用|不好用|差劲)|"
    r"(说|答|讲|回答)得?(很|挺|真)?(好|对|错|不对|不好)(了|啦)?|答非所问|(你|您)?(说|答)错了|不是我问的|"
    r"thanks?|thank you|好的(谢谢)?|知道了|明白了|收到|ok|嗯+|哦+|点赞|厉害|真棒",
    re.IGNORECASE,
)
_CHITCHAT = re.compile(
    r"(你|您)(是|叫)(谁|什么|啥)(名字)?|你是(机器人|人|真人|AI)(吗)?|"
    r"(给我)?(讲|说)个?(笑话|故事)|(今天|明天)?天气(怎么样|如何|好吗)?|(你|您)?吃(过)?(饭)?了(吗|没|么)|"
    r"(你|您)(会|能)(干|做)(什么|啥|嘛)|再见|拜拜|哈哈+|呵呵+|嘿嘿+|我(爱|喜欢)你|几点了|(我)?(好)?无聊(啊)?|你多大(了)?|唱(首|个)歌.{0,4}",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"(代开|代办).{0,6}(发票|证)|办证|楼盘|首付|招聘|诚聘|特价|清仓|优惠(价|券|活动)|促销|限时折扣|新品上市|开业(大吉|酬宾)|欢迎(选购|来电|光临)|"
    r"(详询|咨询|联系)(电话|热线|微信)?[:：]?|退订回|回t退订|满\d+减\d+",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:快|快点|赶紧|马上|帮我)?[打拨]?(?:1(?:10|19|20|22))+|救+(?:命|我|他|她|人|俺)*[啊呀]*|快?来人+[啊呀]*|快来[啊呀]*|急{2,}[啊呀]*|"
    r"[疼痛]{2,}(?:死了?)?[啊呀]*|[火快]{3,}[啊呀]*|help( me| him| her| us)?|sos|emergency",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|www\.)(?:\[[^\]\s]{1,6}\]|[!-~])+", re.IGNORECASE)
"""Ends where Chinese follows, but for what `redact` puts in it."""
_NUMBER = re.compile(r"\[(?:手机号|电话|号码|账号|银行卡号|身份证号)\]")
"""What `redact` puts where a number was."""
_OF_IT = re.compile(
    r"号码?|网[站址页]|链接|电话|手机|账[号户]|卡|微信|短信|(?:刚才|刚刚|今天|昨天|老|总)?(?:来电|打(?:过)?来|给我打)|骚扰|推销|谁|哪里|哪|接|回拨|可以"
)
"""What else people say who only ask about a number or a link."""
_FOLLOWING = re.compile(r"那么?[^，。,.；;怎咋吗能会吃了要说喝]{0,8}呢")
"""Goes on from a question asked before, and names but a thing."""
_QUESTION = re.compile(
    r"[?？]|吗|么$|嘛$|呢$|是不是|能不能|会不会|可不可以|要不要|有没有|行不行|好不好|对不对|真的假的|是真的(假的|不|还是)|靠谱|可信|"
    r"什么|怎么|怎样|咋|如何|为什么|为啥|多少|几(天|次|个|岁|年|点)|哪|谁|请问|求问|\b(is|are|can|does|do|what|how|why|should|will)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"听.{0,6}(说|讲)|据说|网传|网[民友]称|近日|转发|转告|转给.{0,4}[家亲朋人]|扩散|紧急通知|紧急提醒|最新通知|刚刚通知|震惊|重磅|曝光|央视.{0,6}(曝光|报道)|专家(提醒|说|称)|医生(提醒|说)|千万(别|不要)|"
    r"赶紧(告诉|转)|为了家人|请.{0,4}(转发|扩散|告诉)|速看|不看后悔|有人说|都说|群里说|据.{0,8}(消息|报道)"
)
_ASKING = re.compile(
    r"求(?:证|真|助|解|问)?|核实|辟谣|查证|鉴定|请问|请教|请|麻烦|帮(?:我|忙|看)?|大家|老师(?!是[骗假])|给我|[看查问](?!不)(?:[看查问]|一下|下)?|一下|到底"
    r"|[这那](?:个|条|张|种|是)?|图片?|照片|截图|视频|语音|录音|文件|消息|信息|新闻|说法|内容|东西|[上里]面?"
    r"|是(?:不是|否|真|假)?|不是|有没有|真(?:的|实)?|假的?|还是|对|属实|谣言|骗(?:子|人|局)|诈骗|的|可(?:信|靠|以)|靠谱|能不能|能|相?信"
    r"|什么意思|啥意思|怎么回事|咋回事|怎么办|咋办|(?:什么|啥)(?!是)|说的?|您|你|我|吗|么|嘛|吧|呢|啊|呀|不|了"
    r"|\b(?:please|pls|check|is|are|this|that|it|these|true|real|fake|legit|scam|a|an|the|or|not|what(?! is an?\b)|can"
    r"|you|i|trust|help|picture|photo|message|mean|does)\b",
    re.IGNORECASE,
)
"""What people write to ask about a picture, or about what somebody else has sent."""
_SMALL_TALK = {
    Route.CALL: _CALL,
    Route.GREETING: _GREETING,
    Route.FEEDBACK: _FEEDBACK,
    Route.CHITCHAT: _CHITCHAT,
    Route.TEST: _TEST,
}
_CERTAIN = 0.8
"""From this chance of some card on hardly anybody only asks; measured in docs/decisions/routing.md."""
_TOLD = re.compile(r"我(?![行司们国])|俺|咱|对方|自称|说是|[话信]来?[里上]?说")
"""How people tell what happened to them, which bills and warnings to everybody do not."""
_LONG_QUESTION, _LONG = 40, 60
"""Longer than most questions, and than any that people type: pasted text."""


def route(
    text: str, *, forwarded: bool = False, vector: FloatVector | None = None, answered: str | None = None
) -> Routing:
    """The route of a cleaned, redacted text, Simplified or Traditional.

    vector: of the text as a question [dimension]. Without it, emergencies are found by the written rules alone, and
    scams and adverts by words alone.

    answered: what follows a headline of the bot's own, where the text begins with one.
    """
    text = to_simplified(text)
    if is_own(text):
        return Routing(Route.ECHO)
    text = unheaded(text)
    told = text if answered is None else in_first_person(answered)
    danger = urgent(told, forwarded=forwarded)
    harm = None
    if not forwarded:
        danger, harm = danger or english.danger_told(told), harm_done(told) or english.harm_told(told)
    is_doubtful = False
    if vector is not None and answered is None and (not forwarded or is_own_cry(text)):
        chances = urgent_model.read(text, vector)
        danger, harm = heard_danger(chances, danger, told), heard_harm(chances, harm, told)
        is_doubtful = sum(chances.values()) < _CERTAIN
    # Nobody invents that the resident wants to die.
    if danger and not (harm and danger is not Danger.SELF_HARM and is_reported(told, danger)):
        return Routing(Route.URGENT, danger, harm, is_doubtful=is_doubtful)
    suspicion = suspect(text, vector)
    if harm:
        return Routing(Route.SCAM, danger, harm, suspicion, is_doubtful)
    if small := _small_talk(text, forwarded=forwarded):
        return Routing(small)
    asks = not forwarded and asks_something(text)
    searched = _unwanted(text, suspicion, asks=asks) or _claim_or_question(text, forwarded=forwarded)
    return Routing(searched, suspicion=suspicion)


def asks_something(text: str) -> bool:
    """Whether a text is worded as a question."""
    return bool(_QUESTION.search(to_simplified(text)))


def only_asks(text: str) -> bool:
    """Whether a text only asks about something beside it, and says nothing of what that is."""
    return not any(character.isalnum() for character in _ASKING.sub("", to_simplified(text)))


def _small_talk(text: str, *, forwarded: bool) -> Route | None:
    for found, pattern in ((Route.LINK, _LINK), (Route.NUMBER, _NUMBER)):
        if pattern.search(text) and only_asks(_OF_IT.sub("", pattern.sub("", text))):
            return found
    bare = text.strip(" \t，。！!~～.,、？?…😊👍🙏")
    if not forwarded and len(bare) <= 16:
        for found, pattern in _SMALL_TALK.items():
            if pattern.fullmatch(bare):
                return found
    if not any(character.isalpha() for character in bare):
        return Route.TEST
    return Route.BARE if only_asks(bare) or _FOLLOWING.fullmatch(bare) else None


def _unwanted(text: str, suspicion: Suspicion, *, asks: bool) -> Route | None:
    """Whether it is a scam or an advert. Who tells of one does not word it as one, and who asks is not taken at the
    wording, unless it is long and sure: fraudsters ask as well."""
    if suspicion.is_enough and (_TOLD.search(text) or not suspicion.hardly_reads_like_one):
        return Route.SCAM
    if _is_advert(text):
        return Route.ADVERT
    if asks:
        return Route.SCAM if suspicion.surely_reads_like_one and len(text) > _LONG_QUESTION else None
    if suspicion.reads_like_one:
        return Route.SCAM
    return Route.ADVERT if suspicion.reads_like_an_advert else None


def _is_advert(text: str) -> bool:
    return len(_ADVERT.findall(text)) >= 2 and not _QUESTION.search(text)


def _claim_or_question(text: str, *, forwarded: bool) -> Route:
    if forwarded or (has_han(text) and len(text) > _LONG):
        return Route.CLAIM
    if _QUESTION.search(text):
        return Route.QUESTION
    return Route.CLAIM if _CLAIM.search(text) else Route.QUESTION
