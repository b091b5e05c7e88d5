"""What a text says that can be contradicted: amounts, dates and times, places, injuries, and what it denies.

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
# None begins inside another, which would take time with the square of a long one; and 几十 is no number.
_NUMBER = re.compile(
    rf"(?<![\d〇零一二两三四五六七八九十百千万亿几数])(?:{_DECIMAL}[十百千万亿]*|[〇零一二两三四五六七八九十百千万亿]+)"
)
_LONGEST_NUMBER = 16
"""Characters; what is longer says how much of nothing."""
_ABOUT = re.compile(
    r"(?<![〇零一二两三四五六七八九])(?:一二|两三|二三|三四|三五|四五|五六|六七|七八|八九)(?![〇零一二两三四五六七八九])"
)
"""Two digits for one between them: 六七十岁, 两三天."""
_LAST_DIGIT = re.compile(r"[百千万亿][一二两三四五六七八九]$")
"""三万五 is 35,000."""
_AMOUNT = re.compile(
    rf"(?P<number>{_NUMBER.pattern})(?:多|来)? ?"
    r"(?:(?P<yuan>元|块)|(?P<age>周?岁)|(?P<year>年(?!级))|(?P<month>月)|(?P<day>[日号])|(?P<degrees>度)|(?P<metres>米)"
    r"|(?P<grams>克)|(?P<ml>毫升))"
)
"""No hours, days or years that pass: people tell how long ago it was, whatever limit the article is on."""
_FIRST_YEAR = 1900
_INJURIES = {
    "burn": re.compile(
        r"烫(?:伤|着|到|红|起|坏|脱|掉皮)|(?<![发退高低])烧(?:伤|着|起泡)|灼伤|[被遭让叫挨].{0,4}(?:烫了|(?<![发退高低])烧了)"
    ),
    "sprain": re.compile(r"崴|[扭拉]伤|扭(?:了|到|着)"),
    "fracture": re.compile(r"骨折|骨裂|断了?骨|骨头断"),
    "bite": re.compile(r"(?:[狗猫蛇鼠虫蜂猴兔蜱蚊蚁蝎]|蜈蚣)子?.{0,2}(?:[咬蜇蛰叮]|抓(?![紧住]))"),
}
_DENIED = re.compile(
    r"(?:不|没有|没|未|(?<![区特分辨识鉴性级])别|勿|无)(?:要|能|会|可以|可|得|该|应该|应|许|准|再|用|必|是|去)*([一-鿿]{2})"
)
"""What is done or so, two characters of it, after a word that denies; 不要, 不能 and 别 deny the same."""
_ASKS = re.compile(r"[?？]|吗|呢|什么|怎|咋|如何|为何|多久|多少|哪|是否|([一-鿿]{1,2})(?:不|没)\1")
"""Who asks denies nothing: 不能喝吗 is the same question as 能喝吗."""
_VAGUE = frozenset({0.0, 1.0})
"""Numbers inside ordinary words: 一起, 一下, 万一."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers and amounts of a text, as values, the places and kinds of injury it names, and what it denies."""

    numbers: frozenset[float]
    amounts: frozenset[tuple[str, float]]
    """The numbers that have a unit, with its name."""
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
        values = (_value(found) for found in _NUMBER.findall(folded))
        stated = "" if _ASKS.search(folded) else folded
        return Facts(
            numbers=frozenset(value for value in values if value is not None and value not in _VAGUE),
            amounts=frozenset(_amounts(folded)),
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

    def differ_in_amount(self, other: Facts) -> bool:
        """Whether both name amounts of the same unit, and not one of them is the same."""
        units = {unit for unit, _ in self.amounts} & {unit for unit, _ in other.amounts}
        return any(_disjoint(_of_unit(unit, self.amounts), _of_unit(unit, other.amounts)) for unit in units)

    def _denies(self, other: Facts) -> bool:
        return bool((self.denied - self.said) & (other.said - other.denied))


def _amounts(folded: str) -> Iterator[tuple[str, float]]:
    for found in _AMOUNT.finditer(folded):
        value, unit = _value(found["number"]), found.lastgroup
        if value is not None and unit is not None and (unit != "year" or value >= _FIRST_YEAR):
            yield unit, value


def _of_unit(unit: str, amounts: frozenset[tuple[str, float]]) -> frozenset[float]:
    return frozenset(value for name, value in amounts if name == unit)


def _pairs_of(text: str) -> frozenset[str]:
    return frozenset(run[at : at + 2] for run in re.findall(r"[一-鿿]+", text) for at in range(len(run) - 1))


def _differ(left: Set[float] | Set[str], right: Set[float] | Set[str]) -> bool:
    return bool(left - right) and bool(right - left)


def _disjoint(left: frozenset[float] | frozenset[str], right: frozenset[float] | frozenset[str]) -> bool:
    return bool(left) and bool(right) and left.isdisjoint(right)


def _value(text: str) -> float | None:
    """The value of 三万, 12, 2.5万, 二十; none for a lone unit such as 千 in 千万, nor for 六七十, which is about so
    many and so contradicts nothing."""
    if len(text) > _LONGEST_NUMBER or _ABOUT.search(text):
        return None
    digits = re.match(_DECIMAL, text)
    if digits:
        value = float(digits.group().replace(",", ""))
        for unit in text[digits.end() :]:
            value *= _SMALL_UNITS.get(unit) or _LARGE_UNITS[unit]
        return value
    if not any(character in _DIGITS for character in text) and text[0] != "十":
        return None
    total = section = 0.0
    digit: int | None = None
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character] if digit is None else digit * 10 + _DIGITS[character]
        elif character in _SMALL_UNITS:
            section += (1 if digit is None else digit) * _SMALL_UNITS[character]
            digit = None
        else:
            total += (section + (digit or 0)) * _LARGE_UNITS[character]
            section, digit = 0.0, None
    last = _SMALL_UNITS.get(text[-2]) or _LARGE_UNITS[text[-2]] if _LAST_DIGIT.search(text) else 10
    return total + section + (digit or 0) * last / 10
