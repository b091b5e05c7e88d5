"""Personal data taken out of a message before anybody else, or any table, sees it.

Each rule replaces what it finds by a word in brackets that says what stood there, so that a debunker can still read
the message. Numbers that belong to no person stay: emergency and service numbers, amounts, dates, quantities.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL_WIDTH |= {ord("＠"): ord("@"), ord("＋"): ord("+"), ord("－"): ord("-")}


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]


def _rule(pattern: str, replacement: str | Callable[[re.Match[str]], str], *, ignore_case: bool = False) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE if ignore_case else 0), replacement)


def _without_query(found: re.Match[str]) -> str:
    return f"{found['address']}?[参数]"


def _identity_or_number(found: re.Match[str]) -> str:
    return "[身份证号]" if _is_identity_number(found.group()) else "[号码]"


def _card_or_number(found: re.Match[str]) -> str:
    return "[银行卡号]" if _passes_luhn(re.sub(r"\D", "", found.group())) else "[号码]"


# Not one of the five-digit numbers that belong to everybody and that advice names: 12356, 96110, 95588, 10086.
_NO_SERVICE = r"(?!(?:1[012]|9[56])\d{3}(?!\d))"
# Not followed by what makes a number an amount, a date or a share.
_NO_UNIT = r"(?![年月日号號点點分元块塊万萬亿億个個人名次%％℃])"
_HAN = "[一-鿿]"
# A name begins with a common family name: "我叫救护车", "我叫不醒她" and "收款人是骗子" must stay readable.
_NAME = (
    "(?!孙[子女儿]|孫[子女兒])(?=[王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭"
    "蔡潘田董袁于余叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鍾姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻薛尹段雷黎史龙龍"
    "陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武莫孔向汤湯常温溫康施文牛樊葛邢安齐齊伍庄莊卓欧歐司诸諸])" + _HAN + "{2,3}"
)

# The order matters: longer and more telling forms first.
_RULES = (
    _rule(
        r"(?P<address>https?://[^\s?#<>\"'一-鿿，。；！？）】]{1,600})[?#](?!\[参数\])[^\s一-鿿，。；！？）】]+",
        _without_query,
        ignore_case=True,
    ),
    _rule(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", "[邮箱]"),
    _rule(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", _identity_or_number),
    _rule(
        r"(?P<label>(?:验证|驗證|校验|校驗|动态|動態|短信)[码碼]|动态密码|動態密碼)(?!\])(?P<gap>(?:[^\d\n\[]|\[(?=\d)){0,8})(?<!\d)"
        rf"{_NO_SERVICE}\d{{4,8}}(?!\d){_NO_UNIT}",
        r"\g<label>\g<gap>[验证码]",
    ),
    _rule(
        r"(?P<label>密[码碼](?!\]))(?P<gap>\s{0,3}(?:是|为|為|[:：])\s{0,3})[A-Za-z0-9!@#$%^&*._-]{4,}",
        r"\g<label>\g<gap>[密码]",
    ),
    _rule(
        rf"(?P<label>密[码碼](?!\]))(?P<gap>\s{{0,3}}){_NO_SERVICE}\d{{4,32}}(?!\d){_NO_UNIT}",
        r"\g<label>\g<gap>[密码]",
    ),
    _rule(
        r"(?P<label>微信[号號]?|vx|wx|wechat|qq[号號]?|加[v薇])(?P<gap>\s{0,3}(?:是|为|為|[:：])\s{0,3})"
        r"[A-Za-z0-9_][A-Za-z0-9_-]{4,31}",
        r"\g<label>\g<gap>[账号]",
        ignore_case=True,
    ),
    # Without a sign between, a word is only an account if it holds a digit: "WeChat message" is none.
    _rule(
        r"(?P<label>微信[号號]?|vx|wx|wechat|qq[号號]?|加[v薇])(?P<gap>\s{0,3})(?=[A-Za-z_-]{0,31}\d)"
        rf"{_NO_SERVICE}(?!\d{{1,10}}{_NO_UNIT.replace('(?!', '(?=')})[A-Za-z0-9_][A-Za-z0-9_-]{{4,31}}",
        r"\g<label>\g<gap>[账号]",
        ignore_case=True,
    ),
    _rule(
        r"(?<![\d.])(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}[-\s]?\d{4}|\d[-\s]\d{4}[-\s]\d{3}|[-\s]\d{3}[-\s]\d{5})(?!\d)",
        "[手机号]",
    ),
    # Three years in a row have the shape of a card; so has a number with an area code.
    _rule(
        r"(?<![\d.])(?!0[1-9]|(?:(?:19|20)\d{2}[-\s]){2})\d{4}(?:[-\s]?\d{4}){2,3}(?:[-\s]?\d{1,3})?(?!\d)",
        _card_or_number,
    ),
    _rule(r"(?<!\d)\+\d[\d\s-]{6,18}\d(?!\d)", "[电话]"),
    _rule(r"(?<![\d.-])[(（]?0\d{2,3}[)）]?[-\s]?[2-8]\d{2,3}[-\s]?\d{4}(?!\d)", "[电话]"),
    _rule(r"(?<![\d.])\d{11,}(?!\d)", _card_or_number),
    _rule(
        r"[京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊][A-HJ-NP-Z][·•\s]?"
        r"[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])",
        "[车牌]",
    ),
    _rule(r"(?:\d{1,5}[-#]?(?:[号號][楼樓院]|[栋棟幢座弄号號]|单元|單元)){1,3}\d{1,5}[-#]?[室房户戶]", "[门牌]"),
    _rule(r"(?:\d{1,4}(?:[号號][楼樓院]|[栋棟幢座弄]|单元|單元)){2,3}(?:\d{2,5})?", "[门牌]"),
    # "不知道110号码" names no street.
    _rule(
        r"(?P<road>[一-鿿]{0,5}(?:[路街巷弄村组組]|(?<!知)道))\d{1,5}(?:-\d{1,4})?[号號](?![码碼线線])",
        r"\g<road>[门牌]",
    ),
    _rule(
        rf"(?P<label>(?:姓名|联系人|聯繫人|聯絡人|户名|戶名|收款人)\s{{0,3}}[:：]\s{{0,3}}){_HAN}{{2,4}}",
        r"\g<label>[姓名]",
    ),
    _rule(
        rf"(?P<label>我叫|(?:姓名|联系人|聯繫人|聯絡人|户名|戶名|收款人)[是叫为為])\s{{0,3}}{_NAME}",
        r"\g<label>[姓名]",
    ),
    # A Chinese name after @ ends at a space; without one it is the sentence itself. Last, because what stands before
    # the @ may be a number.
    _rule(r"(?<![\w@])(?:@(?!所有人|全体|全體|all\b)(?:[\w-]{2,16}(?=\s|$)|[A-Za-z0-9_-]{2,32}))+", "[账号]"),
)


def plain(text: str) -> str:
    """`text` in the half-width digits and letters in which it is redacted; from what equals it nothing is removed."""
    return text.translate(_FULL_WIDTH)


def redact(text: str) -> str:
    """`text` without phone numbers, identity and card numbers, accounts, codes, plates, door numbers and given names.

    Redacting what is redacted already changes nothing.
    """
    clean = _redact_once(plain(text))
    # What one rule takes away may uncover something for another. It ends: each time there are fewer letters and digits.
    while (again := _redact_once(clean)) != clean:
        clean = again
    return clean


def _redact_once(text: str) -> str:
    for rule in _RULES:
        text = rule.pattern.sub(rule.replacement, text)
    return text


def _is_identity_number(number: str) -> bool:
    """Check digit of GB 11643-1999 (ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _passes_luhn(digits: str) -> bool:
    """Check digit of ISO/IEC 7812, which bank cards carry."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
