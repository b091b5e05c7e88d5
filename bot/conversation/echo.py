"""The bot's own words, sent back. They speak of dangers and scams, and nobody is in any.

Only the whole of them counts: a fraudster may begin with a verdict mark, or with "Your privacy", as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from bot.conversation.danger import Danger
from bot.conversation.language import LANGUAGES
from bot.conversation.scam import Harm
from bot.conversation.wording import Wording
from index.variants import clean, to_simplified
from knowledge.articles import ServedArticle
from knowledge.redaction import plain, redact

_SENTENCES = (
    *("unknown-question", "unknown-claim", "unknown-scam", "closest-headline", "told-again", "gone", "stale-choice"),
    *("greeting", "start", "help", "privacy", "mine", "test-reply", "advert-reply", "chitchat-reply", "feedback-reply"),
    *("echo-reply", "link-reply", "unsupported-reply", "flood-reply", "busy-reply", "bare-reply", "number-reply"),
    *("advice-danger", "hushed", "notice-withdrawal", "notice-still-unsure", "canned-advert", "canned-chat"),
    *("canned-not_checkable", "canned-private", "canned-elsewhere"),
)
_NOTICES = ("notice-verdict", "notice-unproven", "notice-correction")
_FILLED = {
    **{"rumour": r"R\d{1,9}", "count": r"\d{1,9}", "turns": r"\d{1,9}", "days": r"\d{1,9}", "said": ".{1,80}"},
    **{"language": ".{1,20}", "following": ".{1,200}", "texts": ".{1,2000}"},
}
"""What may stand where a sentence takes in a value."""
_MARKS = {name: chr(0xE000 + number) for number, name in enumerate(_FILLED)}
"""Stand there while a pattern is made; no text holds one, because `clean` takes them out."""
_PATTERNS = {mark: _FILLED[name] for name, mark in _MARKS.items()}
_MARK = re.compile(f"([{''.join(_PATTERNS)}])")
_HEADED = re.compile(r"^[✅❌⚠❓🚨📖🧭]\ufe0f? [^｜]{1,20}｜")


def unheaded(text: str) -> str:
    """A text without the verdict mark that it may begin with, as the bot's answers do."""
    return _HEADED.sub("", text)


def is_own(text: str) -> bool:
    """Whether a cleaned Simplified text is one of the bot's fixed replies or first-aid cards, or its first line."""
    bare = _bare(text)
    return any(pattern.fullmatch(bare) for pattern in _fixed())


def is_answer(text: str, article: ServedArticle, timezone: str) -> bool:
    """Whether a cleaned, redacted text is all that the bot says of an article, at once or later."""
    bare = _bare(to_simplified(text))
    return any(re.fullmatch(_pattern(said), bare) for said in _sayings(article, timezone, bare))


def _sayings(article: ServedArticle, timezone: str, bare: str) -> Iterator[str]:
    """What is said of an article, in the languages in which its headline begins a bare text."""
    for language in LANGUAGES:
        wording = Wording(language, timezone)
        if not bare.startswith(_as_received(wording.shown(wording.headline(article)))):
            continue
        answer = wording.answer(article)
        headline, rest = answer.split("\n", 1)
        notices = (wording.say(name, asked=asked) for asked in _asked(wording) for name in _NOTICES)
        told = (f"{headline}\n{notice}\n{rest}" for notice in notices)
        for said in (answer, wording.full_text(article), wording.sources(article), *told):
            yield wording.shown(said)


@lru_cache(maxsize=1)
def _fixed() -> tuple[re.Pattern[str], ...]:
    said = {wording.shown(each) for wording in map(_wording, LANGUAGES) for each in set(_said(wording))}
    first_lines = {each.split("\n", 1)[0] for each in said}
    return tuple(re.compile(pattern) for pattern in sorted({_pattern(each) for each in said | first_lines}))


def _said(wording: Wording) -> Iterator[str]:
    """Every fixed sentence with each value that chooses another wording of it."""
    choices: dict[str, tuple[str | int, ...]] = {
        "then": ("", wording.say("then-told")),
        "advice": (wording.say("advice-general"), wording.say("advice-danger")),
        "asked": _asked(wording),
        "told": ("yes", "no"),
        "count": (1, _MARKS["count"]),
        "days": (0, _MARKS["days"]),
    }
    for chosen in product(*choices.values()):
        values = _MARKS | dict(zip(choices, chosen, strict=True))
        for name in (*(f"card-{card}" for card in (*Danger, *Harm)), *_SENTENCES):
            yield wording.say(name, **values)


def _asked(wording: Wording) -> tuple[str, str]:
    """How a notice names what was asked."""
    return wording.say("notice-asked-plain", **_MARKS), wording.say("notice-asked", **_MARKS)


def _wording(language: str) -> Wording:
    return Wording(language, "UTC")


def _pattern(said: str) -> str:
    return "".join(_PATTERNS.get(piece) or re.escape(_as_received(piece)) for piece in _MARK.split(said))


def _as_received(said: str) -> str:
    """What the bot said, as it is seen when it comes back."""
    return _bare(to_simplified(redact(plain(clean(said)))))


def _bare(text: str) -> str:
    return "".join(text.split())
