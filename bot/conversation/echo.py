"""The bot's own words, sent back. They speak of dangers and scams, and nobody is in any.

Only the whole of them is an echo: a fraudster may begin with a verdict mark, or with "Your privacy", as well. Of what
follows a headline that the bot has used, first-aid cards are shown only for what somebody says of himself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.conversation.danger import Danger
from bot.conversation.language import LANGUAGES, SIMPLIFIED, TRADITIONAL
from bot.conversation.scam import Harm
from bot.conversation.wording import Wording
from index.variants import clean, to_simplified, to_traditional
from knowledge.articles import ServedArticle, ServedSource
from knowledge.redaction import plain, redact

_SENTENCES = (
    *("unknown-question", "unknown-claim", "unknown-scam", "closest-headline", "told-again", "gone", "stale-choice"),
    *("greeting", "start", "mine", "test-reply", "advert-reply", "chitchat-reply", "feedback-reply"),
    *("echo-reply", "link-reply", "unsupported-reply", "flood-reply", "busy-reply", "bare-reply", "number-reply"),
    *("after-card", "human", "more"),
    *("advice-danger", "hushed", "notice-withdrawal", "notice-still-unsure", "canned-advert", "canned-chat"),
    *("canned-not_checkable", "canned-private", "canned-elsewhere", "forget-ask", "language-ask"),
)
"""What the bot says, and what is known by its first line alone."""
_CAUTIONS = ("advice-danger", "advice-doctor", "scam-stop")
_WHOLE = ("help", "privacy")
"""What begins with a line that people write to ask for it."""
_CARDS = tuple(f"card-{card}" for card in (*Danger, *Harm))
_NOTICES = ("notice-verdict", "notice-unproven", "notice-correction")
_UNDER = (
    *("too-long-note", "unread-note"),
    *("button-full", "button-sources", "button-helpful", "button-unhelpful", "button-not-this", "button-none"),
    *("button-no-advert", "button-no-need", "button-tell-me", "button-hush", "button-forget", "button-keep"),
    *("button-reason-wrong", "button-reason-unclear", "button-reason-old", "button-reason-other"),
    "button-language-auto",
)
"""What stands under a reply, and comes along with a copy of it."""
_TOGETHER = (
    ("button-money-sent", "button-code-given", "button-screen-shared", "button-app-installed"),
    ("example-1", "example-2", "example-3"),
)
"""Buttons that say what somebody in trouble may write under a reply himself; a copy has all of them."""
_ON_PAGE = (
    *("看这篇文章的网页，可转给家人", "出处", "(在新页面打开)"),
    *("This article's page, to read or share", "(opens in a new page)"),
)
"""What the web page writes under a reply besides."""
_FILLED = {
    **{"rumour": r"R\d{1,9}", "count": r"[\d,]{1,11}", "turns": r"[\d,]{1,11}", "days": r"[\d,]{1,11}"},
    **{"said": ".{1,80}", "language": ".{1,20}", "following": ".{1,200}", "texts": ".{1,2000}"},
}
"""What may stand where a sentence takes in a value."""
_TAKEN_IN = {
    "then": ("then-told",),
    "advice": ("advice-general", *_CAUTIONS),
    "meanwhile": ("meanwhile", "meanwhile-leave"),
    "asked": ("notice-asked-plain", "notice-asked"),
}
"""The sentences that may stand in another."""
_MARKS = {name: chr(0xE000 + number) for number, name in enumerate((*_FILLED, *_TAKEN_IN))}
"""Stand there while a pattern is made; no text holds one, because `clean` takes them out."""
_MARK = re.compile(f"([{''.join(_MARKS.values())}])")
_CHOOSING: tuple[dict[str, str | int], ...] = (
    {"told": "no"},
    {"told": "yes"},
    {"told": "no", "count": 1, "days": 0},
    {"told": "yes", "count": 1, "days": 0},
)
"""Values that choose another wording of a sentence."""
_HEADED = re.compile(r"^[✅❌⚠❓🚨📖🧭]\ufe0f? [^｜]{1,20}｜")
_LETTER = re.compile(r"[^\W_]")
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|‘[^’]*’")
_SENTENCE = re.compile(r"[^。！？!?；;·]+")
_FIRST_PERSON = re.compile(r"我|俺|咱")


def unheaded(text: str) -> str:
    """A text without the verdict mark that it may begin with, as the bot's answers do."""
    return _HEADED.sub("", text)


def after_headline(text: str, subjects: Iterable[str]) -> str | None:
    """What follows the headline that a cleaned, redacted text begins with, in Simplified characters; none where it
    begins with none, or with one in which none of these subjects stands."""
    rest = unheaded(text)
    letters = _letters(rest) if rest != text else ""
    known = (_letters(shown) for subject in subjects for shown in (subject, to_traditional(subject)))
    longest = max((len(each) for each in known if letters.startswith(each)), default=0)
    return to_simplified(rest[list(_LETTER.finditer(rest))[longest - 1].end() :]) if longest else None


def in_first_person(text: str) -> str:
    """The sentences in which somebody speaks of himself, in words of his own."""
    return "。".join(each for each in _SENTENCE.findall(_QUOTED.sub("", text)) if _FIRST_PERSON.search(each))


def is_own(text: str) -> bool:
    """Whether a cleaned Simplified text is one of the bot's fixed replies, its first line, or first-aid cards."""
    bare = _without_end(_bare(text))
    return any(pattern.fullmatch(bare) for pattern in _fixed())


def is_answer(text: str, article: ServedArticle, timezone: str) -> bool:
    """Whether a cleaned, redacted text is all that the bot says of an article, at once or later."""
    bare = _without_end(_bare(to_simplified(text)), article.sources)
    for language in LANGUAGES:
        wording = Wording(language, timezone)
        headline = _as_received(wording, wording.headline(article))
        if bare.startswith(headline):
            said = (wording.answer(article), wording.full_text(article), wording.sources(article))
            told = headline + _notice(language).sub("", bare.removeprefix(headline))
            if any(_as_received(wording, each) in (bare, told) for each in said):
                return True
    return False


@lru_cache(maxsize=1)
def _fixed() -> tuple[re.Pattern[str], ...]:
    patterns = {pattern for language in LANGUAGES for pattern in _patterns(Wording(language, "UTC"))}
    return tuple(re.compile(pattern) for pattern in sorted(patterns))


def _patterns(wording: Wording) -> Iterator[str]:
    """Of all that is said in one language, whole; and of first lines."""
    for said in _said(wording):
        yield _pattern(wording, said)
        yield _pattern(wording, said.split("\n", 1)[0])
    for name in _WHOLE:
        yield _any_of(wording, name)
    yield f"{_any_of(wording, *_CARDS)}+"


def _said(wording: Wording) -> set[str]:
    said = {each for name in (*_SENTENCES, *_CARDS) for each in _wordings(wording, name)}
    menu = f"{wording.say('closest-headline')}\n{wording.say('closest-note')}"
    return said | {menu, *(f"{wording.say(caution)}\n{menu}" for caution in _CAUTIONS)}


def _wordings(wording: Wording, name: str) -> set[str]:
    """A sentence in each of its wordings, with marks for the values in it."""
    return {wording.say(name, **_MARKS | chosen) for chosen in _CHOOSING}


def _any_of(wording: Wording, *names: str) -> str:
    patterns = {_pattern(wording, said) for name in names for said in _wordings(wording, name)}
    return f"(?:{'|'.join(sorted(patterns))})"


def _pattern(wording: Wording, said: str) -> str:
    """Of a sentence with marks in it."""
    values = {mark: name for name, mark in _MARKS.items()}
    return "".join(
        _value(wording, values[piece]) if piece in values else re.escape(_as_received(wording, piece))
        for piece in _MARK.split(said)
    )


def _value(wording: Wording, name: str) -> str:
    if name in _FILLED:
        return _FILLED[name]
    return _any_of(wording, *_TAKEN_IN[name]) + ("?" if name == "then" else "")


@lru_cache(maxsize=len(LANGUAGES))
def _notice(language: str) -> re.Pattern[str]:
    """What stands under the headline where an answer comes later."""
    return re.compile(f"^{_any_of(Wording(language, 'UTC'), *_NOTICES)}")


@lru_cache(maxsize=1)
def _end() -> str:
    """Pattern of a piece of what stands under a reply."""
    wordings = [Wording(language, "UTC") for language in LANGUAGES]
    pieces = [_any_of(wording, *_UNDER) for wording in wordings]
    pieces += ["".join(_any_of(wording, name) for name in names) for wording in wordings for names in _TOGETHER]
    return "|".join([*pieces, *map(_exactly, (*LANGUAGES.values(), *_ON_PAGE))])


def _without_end(bare: str, sources: Iterable[ServedSource] = ()) -> str:
    """Without what stands under a reply, of which the web page lists the sources."""
    listed = {part for source in sources for part in (source.title, source.publisher, f"· {source.date}")}
    # Possessive: what can be read in two ways would be read in all of them.
    return re.sub(f"(?:{'|'.join([_end(), *map(_exactly, sorted(listed))])})++$", "", bare)


def _exactly(said: str) -> str:
    """Pattern of what is the same in every language, but for the characters."""
    seen = {_as_received(Wording(language, "UTC"), said) for language in (SIMPLIFIED, TRADITIONAL)}
    return "|".join(map(re.escape, sorted(seen)))


def _as_received(wording: Wording, said: str) -> str:
    """What the bot said, as it is seen when it comes back."""
    return _bare(to_simplified(redact(plain(clean(wording.shown(said))))))


def _bare(text: str) -> str:
    return "".join(text.split())


def _letters(text: str) -> str:
    return "".join(_LETTER.findall(text))
