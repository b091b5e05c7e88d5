"""What to do meanwhile, where the bot has no answer: whom to call, to see a doctor today, not to pay, or to leave.

Who only asks gets no first-aid card; but behind many a question stands something that cannot wait for an answer.
"""

from __future__ import annotations

import re

from bot.conversation import urgent_model
from bot.conversation.danger import touches_danger
from bot.conversation.english import named_danger
from bot.conversation.scam import suspect
from index.variants import to_simplified
from index.vectors import FloatVector

_ALARMING = 0.15
"""From this chance of some card on the numbers to call are named; one in eight of the questions people type."""
_SUSPICIOUS = 2
"""From this score of the signals of a scam on it is said not to pay."""
_RED_FLAGS = re.compile(
    r"黑便|便血|血便|尿血|血尿|咳血|(?:大便|屎|拉(?!黑)).{0,8}(?:黑|柏油|沥青)|拉黑[屎便]|(?:尿|屎|便|痰)[里中]?.{0,2}(?:带|有|见)血|绝经.{0,8}(?:血|见红)|"
    r"胎动|(?:肚|怀|胎).{0,4}[娃孩宝].{0,8}(?:不动|没动|动得少)|见红|(?:化疗|放疗|白细胞低).{0,12}烧|烧.{0,12}(?:化疗|白细胞低)|"
    r"(?:突然|昨天还|今天|一下子|发烧|烧得).{0,16}(?:糊涂|迷糊|颠三倒四|不认人|认不得人|乱答|胡话)|"
    r"黄疸|(?:脸|眼|眼白|皮肤|浑身).{0,3}发黄|(?:酱油|浓茶|可乐).{0,4}尿|尿.{0,8}(?:酱油|浓茶|可乐)|尿不出|没[解拉屙]小便|右下腹|"
    r"(?:药|针|疫苗|别嘌[醇呤]).{0,14}(?:红疹|起疹|疹子|嘴烂|脸肿)|胰岛素.{0,10}(?:多|重了|两遍|两次|一倍|忘)|打[多重错]了?胰岛素|忘了?吃饭.{0,8}(?:抖|汗|晕)|"
    r"降糖药.{0,10}(?:多|两遍|两次|一倍|错|误)|(?:(?:误|错|多)吃|吃[错多重]).{0,8}降糖药|血糖.{0,6}(?:[2-9]\d|1[6-9])(?!\d)|血糖.{0,8}(?:HI|爆表|测不出)|秋水仙碱|百草枯|重影|"
    r"(?:紫|红)(?:点|斑).{0,8}[压按].{0,3}不(?:退|掉)",
    re.IGNORECASE,
)
"""Symptoms that want a doctor today, whatever is asked about them."""
_LEAVE = re.compile(
    r"撤离|撤走|快撤|转移(?:群众|人员|安置|到)|(?:请|立即|马上|紧急|赶快)转移|疏散|往高处|溃坝|垮坝|决堤|溃堤|管涌|泄洪|开闸|山洪|泥石流|滑坡|海啸"
)


def advice(text: str, vector: FloatVector) -> str:
    """The message of the locale files that says whom to ask about a cleaned text, with its vector as a question."""
    simplified = to_simplified(text)
    if _RED_FLAGS.search(simplified):
        return "advice-doctor"
    return "advice-danger" if names_danger(text, vector) else "advice-general"


def names_danger(text: str, vector: FloatVector) -> bool:
    """Whether the numbers to call should be named."""
    if touches_danger(text) or named_danger(text):
        return True
    return sum(urgent_model.read(to_simplified(text), vector).values()) >= _ALARMING


def smells_of_scam(text: str) -> bool:
    """Whether it should be said not to pay, though nothing is called a scam."""
    return suspect(to_simplified(text)).score >= _SUSPICIOUS


def tells_to_leave(text: str) -> bool:
    """Whether a message warns of what nobody can wait for: "do not follow it yet" may cost the lives of those below."""
    return bool(_LEAVE.search(to_simplified(text)))
