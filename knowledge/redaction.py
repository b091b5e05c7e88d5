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


# The order matters: longer and more telling forms first.
_RULES = (
    _rule(
        r"(?P<address>https?://[^\s?#<>\"'一-鿿，。；！？）】]{1,300})[?#](?!\[参数\])[^\s一-鿿，。；！？）】]{1,600}",
        _without_query,
    ),
    _rule(r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", "[邮箱]"),
    _rule(r"(?<![\w@])@[\w-]{2,32}", "[账号]"),
    _rule(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", _identity_or_number),
    _rule(
        r"(?P<label>验证码|校验码|动态码|动态密码|短信码)(?P<gap>[^\d\n]{0,8})(?<!\d)\d{4,8}(?!\d)",
        r"\g<label>\g<gap>[验证码]",
    ),
    _rule(r"(?P<label>密码)(?P<gap>(?:是|为|[:：])\s{0,3})[A-Za-z0-9!@#$%^&*._-]{4,32}", r"\g<label>\g<gap>[密码]"),
    _rule(
        r"(?P<label>微信号?|vx|wx|wechat|qq号?|加[vV薇])(?P<gap>\s{0,3}(?:是|为|[:：])?\s{0,3})[A-Za-z0-9_][A-Za-z0-9_-]{4,31}",
        r"\g<label>\g<gap>[账号]",
        ignore_case=True,
    ),
    _rule(r"(?<![\d.])(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)", "[手机号]"),
    _rule(r"(?<![\d.])\d{4}(?:[-\s]?\d{4}){2,3}(?:[-\s]?\d{1,3})?(?!\d)", _card_or_number),
    _rule(r"(?<!\d)\+\d[\d\s-]{6,18}\d(?!\d)", "[电话]"),
    _rule(r"(?<![\d.-])\(?0\d{2,3}\)?[-\s]?[2-8]\d{6,7}(?!\d)", "[电话]"),
    _rule(r"(?<![\d.])\d{11,30}(?!\d)", _card_or_number),
    _rule(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])",
        "[车牌]",
    ),
    _rule(r"(?:\d{1,5}[-#]?(?:号楼|号院|栋|幢|单元|座|弄|号)){1,3}\d{1,5}[-#]?(?:室|房|户)", "[门牌]"),
    _rule(r"(?:\d{1,4}(?:号楼|号院|栋|幢|单元|座|弄)){2,3}(?:\d{2,5})?", "[门牌]"),
    _rule(r"(?P<road>[一-鿿]{1,6}[路街巷弄道村组])\d{1,5}(?:-\d{1,4})?号", r"\g<road>[门牌]"),
    _rule(
        r"(?P<label>我叫|姓名(?:是|[:：])|联系人(?:是|[:：])|户名(?:是|[:：])|收款人(?:是|[:：]))\s{0,3}[一-鿿]{2,4}",
        r"\g<label>[姓名]",
    ),
)


def redact(text: str) -> str:
    """`text` without phone numbers, identity and card numbers, accounts, codes, plates, door numbers and given names.

    Redacting what is redacted already changes nothing.
    """
    clean = text.translate(_FULL_WIDTH)
    for rule in _RULES:
        clean = rule.pattern.sub(rule.replacement, clean)
    return clean


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
