"""What a text says that can be contradicted: numbers, dates and times, places, injuries, and what it denies.

Two notices in the same words about another day, sum or village are two claims, however alike they look; so are that the
old street will be pulled down and that it will not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from index.places import places_in, places_of_a_kind

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}
_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_DIGIT = "〇零一二三四五六七八九"
_UNIT = "十百千万亿"
# None begins inside another, which would take time with the square of a long one; and 几十 is no number, 二两 a weight.
_NUMBER = re.compile(
    rf"(?<![\d{_DIGIT}两{_UNIT}几数])(?:"
    rf"{_DECIMAL}(?:[{_UNIT}]+(?:(?:{_DECIMAL}|[{_DIGIT}两])[{_UNIT}]+)*(?:[1-9{_DIGIT}](?![\d.,年月日号天点时岁个人]))?)?"
    rf"|(?:[{_DIGIT}{_UNIT}]|(?<![{_DIGIT}十])两)+)"
)
"""12, 2.5万, 1万5, 1万5千, 三万五."""
_LONGEST_NUMBER = 16
"""Characters; what is longer says how much of nothing."""
_NO_VALUE = re.compile(
    rf"[百千万亿]|[{_DIGIT}]{{2}}$|.*(?<![{_DIGIT}])(?:一二|两三|二三|三四|三五|四五|五六|六七|七八|八九)(?![{_DIGIT}])"
)
"""Begins with a unit, as 千万不要 and 万一; is two digits, as the herb 三七; or says two for one between them:
六七十岁, 两三天."""
_LAST_DIGIT = re.compile(rf"[百千万亿][1-9{_DIGIT[2:]}]$")
"""三万五 is 35,000."""
_FORMAL = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟零万亿]{2,}")
"""As on receipts; alone 陆 and 伍 are parts of words."""
_PLAIN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_MORE_THAN = re.compile(rf"(?<=[\d{_DIGIT}{_UNIT}])[多来余](?=[百千万亿])")
"""三百多万 is of millions."""
_FRACTION = re.compile(
    rf"(?<![\d{_DIGIT}{_UNIT}])(\d{{1,3}}|[{_DIGIT}{_UNIT}]{{1,8}})"
    rf"(?:点([{_DIGIT}]{{1,4}})(?=[万亿克公斤千毫厘米升吨倍级折成度元块%])|度([1-9{_DIGIT[2:]}])(?![\d{_DIGIT}{_UNIT}年月日天个]))"
)
"""零点五克, 三十八度五, 39度2; 三点五十 is a time."""
_AFTERNOON = re.compile(rf"(?:下午|午后|傍晚|晚上?)({_NUMBER.pattern})(?:[点:]|时(?!间))")
_BODY = "(?:[手脚腿脸头脖腰膝踝腕皮眼嘴唇背胸肚]|胳膊|胯|关节|指)"
_BITING = "(?:[狗猫蛇蜂猴兔蜱蚊蚁蝎]|蜈蚣)"
_BITES = "子?[^不爱]{0,2}(?:[咬蜇蛰叮]|抓(?![紧住]))"
_INJURIES = {
    "burn": re.compile(
        r"烫(?:伤|着|到(?![什几多哪])|红|起|脱|掉皮)|灼伤|[被遭让叫挨].{0,4}烫了"
        rf"|(?<![发退高低])烧(?:伤|起泡|[到着了]{_BODY})|{_BODY}.{{0,4}}(?<![发退高低])烧了"
    ),
    "sprain": re.compile(rf"崴|[扭拉]伤|扭[了到着]{_BODY}|{_BODY}.{{0,3}}扭[了到着]"),
    "fracture": re.compile(r"骨折|骨裂|断了?骨|骨头断"),
    "bite": re.compile(
        rf"[被叫让给遭挨][^的]{{0,4}}(?:{_BITING}|[鼠虫]){_BITES}(?![坏断烂]|过?的(?!人))"
        rf"|{_BITING}{_BITES}(?:伤|[了到过](?!的))|[鼠虫]{_BITES}(?:伤|[了到](?:[我你他她人孩娃]|{_BODY}))"
    ),
}
"""Of somebody: 烧着了 is a fire, and 老鼠咬坏 is said of a wire."""
_DENIED = re.compile(
    r"(?:不|没有|没|未|(?<![区特分辨识鉴性级])别|勿|无)(?:要|能|会|可以|可|得|该|应该|应|许|准|再|用|必|是|去)*([一-鿿]{2})"
)
"""What is done or so, two characters of it, after a word that denies; 不要, 不能 and 别 deny the same."""
_ASKS = re.compile(r"[?？]|吗|呢|什么|怎|咋|如何|为何|多久|多少|哪|是否|([一-鿿]{1,2})(?:不|没)\1")
"""Who asks denies nothing: 不能喝吗 is the same question as 能喝吗."""
_VAGUE = frozenset({0.0, 1.0})
"""Numbers inside ordinary words: 一起, 一下."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers of a text, as values, the places and kinds of injury it names, and what it denies."""

    numbers: frozenset[float]
    places: frozenset[str]
    """Of which the kind is named as well."""
    named: frozenset[str]
    """These, and those that are known by their name alone."""
    injuries: frozenset[str]
    denied: frozenset[str]
    """What stands after a word that denies, two characters each."""
    said: frozenset[str]
    """Every two neighbouring Chinese characters that are not denied."""

    @staticmethod
    def of(folded: str) -> Facts:
        """The facts of a folded text."""
        stated = "" if _ASKS.search(folded) else folded
        return Facts(
            numbers=frozenset(_numbers(folded)) - _VAGUE,
            places=places_of_a_kind(folded),
            named=places_in(folded),
            injuries=frozenset(name for name, pattern in _INJURIES.items() if pattern.search(folded)),
            denied=frozenset(_DENIED.findall(stated)),
            said=_pairs_of(_DENIED.sub(" ", stated)),
        )

    def contradict(self, other: Facts) -> bool:
        """Whether both name numbers, or both name places, and have not one in common; or one only says what the other
        only denies."""
        return (
            _disjoint(self.numbers, other.numbers)
            or _disjoint(self.places, other.places)
            or self._denies(other)
            or other._denies(self)
        )

    def differ(self, other: Facts) -> bool:
        """Whether each names a number that the other does not, or each such a place, or they contradict each other: in
        two notices in the same words one day may be another while the hours are the same."""
        return _differ(self.numbers, other.numbers) or _differ(self.named, other.named) or self.contradict(other)

    def _denies(self, other: Facts) -> bool:
        return bool((self.denied - self.said) & (other.said - other.denied))


def _numbers(folded: str) -> Iterator[float]:
    """Its numbers by value; 下午三点 is 3 and 15."""
    formal = _FORMAL.sub(lambda found: found.group().translate(_PLAIN), folded)
    text = _FRACTION.sub(_with_fraction, _MORE_THAN.sub("", formal))
    yield from (value for found in _NUMBER.findall(text) if (value := _value(found)) is not None)
    hours = (_value(found) for found in _AFTERNOON.findall(text))
    yield from (hour + 12 for hour in hours if hour is not None and hour < 12)


def _with_fraction(found: re.Match[str]) -> str:
    whole, fraction = _value(found[1]), found[2] or found[3]
    if whole is None:
        return found.group()
    digits = "".join(str(_DIGITS.get(digit, digit)) for digit in fraction)
    return f"{whole:.0f}.{digits}{'度' if found[3] else ''}"


def _pairs_of(text: str) -> frozenset[str]:
    return frozenset(run[at : at + 2] for run in re.findall(r"[一-鿿]+", text) for at in range(len(run) - 1))


def _differ(left: Set[float] | Set[str], right: Set[float] | Set[str]) -> bool:
    return bool(left - right) and bool(right - left)


def _disjoint(left: frozenset[float] | frozenset[str], right: frozenset[float] | frozenset[str]) -> bool:
    return bool(left) and bool(right) and left.isdisjoint(right)


def _value(text: str) -> float | None:
    """The value of 三万, 12, 2.5万, 二十; none for what is no number, or is only about so many and so contradicts
    nothing."""
    if len(text) > _LONGEST_NUMBER or _NO_VALUE.match(text):
        return None
    total = section = 0.0
    digit: float | None = None
    for part in re.findall(rf"{_DECIMAL}|.", text):
        if part in _SMALL_UNITS:
            section += (1 if digit is None else digit) * _SMALL_UNITS[part]
            digit = None
        elif part in _LARGE_UNITS:
            before = section + (digit or 0)
            unit = _LARGE_UNITS[part]
            # All before 亿 is so many of it: 一万亿. What stands before 万 comes after the 亿 there is: 一亿二千万.
            total = (total + before) * unit if part == "亿" else total + before * unit
            section, digit = 0.0, None
        else:
            value = _DIGITS[part] if part in _DIGITS else float(part.replace(",", ""))
            digit = value if digit is None else digit * 10 + value
    last = _SMALL_UNITS.get(text[-2]) or _LARGE_UNITS[text[-2]] if _LAST_DIGIT.search(text) else 10
    return total + section + (digit or 0) * last / 10
