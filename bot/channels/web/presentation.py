"""How a reply is drawn, decided once for both the page's script and the page without a script."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from bot.messages import Reply

_TONES = {"✅": "true", "❌": "false", "⚠": "misleading", "❓": "unproven", "🚨": "scam"}

# Three digits are just as often a blood pressure, an age or a price: a number with a measure beside it is left alone.
# "110/119/120" is a list of numbers to call, "120/80" is not; hence the look-behinds inside the look-behind.
_PHONE = re.compile(
    r"""
    (?<![0-9A-Za-z_.+~–-]) (?<![0-9][ :：×]) (?<![¥$￥<>≥≤约]) (?<! (?<!110) (?<!119) (?<!120) [/,])
    (?: 110 | 119 | 120 | 96110 | 12356 | 12345 | 12315 | 12320 | 12348 )
    (?! [0-9A-Za-z_~–-] | [.:：] [0-9] | [/,] (?!110|119|120) [0-9] )
    (?! \s* (?: [%％‰℃°×]
          | [元块万千百亿年月日天周岁分秒小米厘斤克毫升度个名人例种条粒片颗盒瓶件篇倍卡伏瓦]
          | 公[斤里尺分] | 多[元块万年天岁个名人] | 次/ | mmHg | bpm | 至\s*\d | 到\s*\d
          | (?: mm|cm|ml|mg|kg|km|kcal|hz|v|w|g|m|l|yuan|years?|people|days?|minutes?|hours?|times|degrees?|beats )
            (?![A-Za-z]) ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `tel` is the number to call where the piece is one."""

    text: str
    tel: str | None = None


def tone_of(text: str) -> str:
    """The colour family of a reply's verdict mark: true, false, misleading, unproven, scam, or plain."""
    return _TONES.get(text.lstrip()[:1], "plain")


def lines_of(text: str) -> list[list[Span]]:
    """The text line by line, with emergency and hotline numbers as spans of their own."""
    return [_spans(line) for line in text.strip("\n").split("\n")]


def is_web_link(url: str) -> bool:
    """Whether a source's address may be made a link."""
    return url.startswith(("https://", "http://"))


def as_json(reply: Reply) -> dict[str, Any]:
    """What the page's script gets: the reply itself, and how to draw it."""
    answer = asdict(reply)
    del answer["turn"]  # an id of our own database
    answer["tone"] = tone_of(reply.text)
    answer["lines"] = [[asdict(span) for span in line] for line in lines_of(reply.text)]
    for source in answer["sources"]:
        if not is_web_link(source["url"]):
            source["url"] = ""
    return answer


def _spans(line: str) -> list[Span]:
    spans: list[Span] = []
    start = 0
    for match in _PHONE.finditer(line):
        if match.start() > start:
            spans.append(Span(line[start : match.start()]))
        spans.append(Span(match.group(), tel=match.group()))
        start = match.end()
    if start < len(line):
        spans.append(Span(line[start:]))
    return spans
