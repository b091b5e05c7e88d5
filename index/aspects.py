"""What a question wants to know that an article may leave out: a price, a place, a number to call, a dose.

An article on rabies is about the question "how much does the vaccine cost" and does not answer it. So a question that
asks for such a thing is not answered surely by a text that never speaks of one.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Aspect(StrEnum):
    """Something in particular that is asked for."""

    PRICE = "price"
    PLACE = "place"
    PHONE = "phone"
    HOURS = "hours"
    DOSE = "dose"
    BRAND = "brand"
    REFUND = "refund"
    STAY = "stay"
    GRADE = "grade"
    CRIME = "crime"


_NUMERAL = r"\d一二两三四五六七八九十"
_ASKED = {
    Aspect.PRICE: re.compile(
        r"多少钱|几块钱|几毛|价格|什么价|贵不贵|贵吗|要?花多少(?![时天分小工功力精])|收费|费用|划算"
    ),
    Aspect.PLACE: re.compile(
        r"哪里(有|买|卖|办|领|打|能|可以)|去哪(?!儿?了)|哪家|哪个医院|哪些医院|(?<![险错好差别坏])在哪|地址(是|在|多少|发|给)|哪里?产"
    ),
    Aspect.PHONE: re.compile(r"电话(是|号码)?(多少|几)|电话号码|什么电话|哪个电话"),
    Aspect.HOURS: re.compile(
        r"(?<![哪这那有下])几点(?!了)|开不开门|开门(吗|时间|了没|没有)|上班吗|营业(?![执员部厅额])"
    ),
    Aspect.DOSE: re.compile(
        r"(?<![先再].)(?<![十了好过就有来])(几|多少)(片|粒|颗|毫克|克|毫升|滴|瓶盖|针)"
        r"|(?<![先再])[吃喝服用](多少|几)(?!钱|年|天|块|个|口|次就|小时|十)|放(多少|几(克|勺|片|粒))"
        r"|用量|(?<!低)剂量|兑(多少|几(斤|倍|克|勺|杯|瓢))|配比|比例|饭前.{0,4}饭后|饭后.{0,4}饭前|饭[前后][吃服喝]"
        r"|隔几个?小时|几个?小时[吃喝用]"
    ),
    Aspect.BRAND: re.compile(r"(?<!没有)(?<!没)(?<!没啥)牌子(?!都没有)|品牌|哪款|哪种好|哪个好|哪家好"),
    Aspect.REFUND: re.compile(r"报销|(?<!才)能报(吗|不|多少)|给报(?![警案名告失])|报多少|理赔|赔多少"),
    Aspect.STAY: re.compile(r"住院?几天|住多久|多久能(好|消|长|出院)|要(几|多少)个?(天|月)"),
    Aspect.GRADE: re.compile(r"几级"),
    Aspect.CRIME: re.compile(r"[投下]了?毒"),
}
_TOLD = {
    Aspect.PRICE: re.compile(rf"[{_NUMERAL}百千万几]多?元|块钱|价钱|价格|费用|收费|免费"),
    Aspect.PLACE: re.compile(r"门诊|医院|窗口|药店|派出所|社区|村里|官网|商店|超市|大厅|营业厅|中心|站"),
    Aspect.PHONE: re.compile(r"(?<![\d.])(?:1[12]\d|\d{5,})(?! ?[\d年元块克毫米人])|热线"),
    Aspect.HOURS: re.compile(r"开门|上班|营业|工作日|时间"),
    Aspect.DOSE: re.compile(
        rf"[{_NUMERAL}半](?<!一)(片|粒|颗|毫克|克|毫升|滴|针)|用量|剂量|比例|说明书|饭前|饭后|遵医嘱"
    ),
    Aspect.BRAND: re.compile(r"牌子|品牌|国药准字|标志"),
    Aspect.REFUND: re.compile(r"报销|医保|理赔|赔"),
    Aspect.STAY: re.compile(rf"[{_NUMERAL}几](周|个月)|[{_NUMERAL}几](?<!一)天"),
    Aspect.GRADE: re.compile(rf"[{_NUMERAL}]级"),
    Aspect.CRIME: re.compile(r"[投下]了?毒"),
}


def asked_for(folded: str) -> frozenset[Aspect]:
    """What a folded question asks for."""
    return frozenset(aspect for aspect, pattern in _ASKED.items() if pattern.search(folded))


def told_of(folded: str) -> frozenset[Aspect]:
    """What a folded text speaks of."""
    return frozenset(aspect for aspect, pattern in _TOLD.items() if pattern.search(folded))
