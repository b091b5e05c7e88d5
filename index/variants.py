"""One spelling for what people write in many ways, so that search compares meaning and not typing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import opencc

MAX_CHARACTERS = 2000
"""How much of a text is searched with; a claim stands at the beginning of the longest forward."""

_URL = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
# What shows nothing, or only decorates: controls, format characters such as zero-width joiners, lone surrogates,
# private use, unassigned, pictographs and modifiers.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_DECORATION = frozenset(("So", "Sk", "Me"))
_MARK = "Mn"
"""Accents and variation selectors: parts of the character before them, so they leave no gap when they go."""
_LAST_COMMON = 0xFFFF
"""Beyond it lie pictographs and rare characters: too many to remember what became of each."""
_WRITTEN_SO = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        ("会签", "會簽"),
        ("(?<!若)干净(?!值)", "乾淨"),
        ("(?<=水)冲|冲(?=[水洗奶泡服调凉澡牙净])", "沖"),
        ("(?<![舞阳平一两柜后电站灶前看讲吧])台风(?![扇格机险波控水头])", "颱風"),
        (r"(?<![表地墙路里外上])面粉(?![尘末色红])", "麵粉"),
        (r"(?<![方平地页表下上里])面条(?![件款例约])", "麵條"),
        ("(?<![里裡外表上下前后方双桌门全])面包(?![括含围圍裹装])", "麵包"),
        (r"(?<=[\w])(?<!喂)喂(?!喂)|(?<!喂)喂(?=[^\W喂])", "餵"),  # to feed, not "hello" on the telephone
    )
)
"""What OpenCC does not know, or writes wrongly where a word before it takes its first character (能干 in 能干净)."""
_TERM = re.compile(r"[㐀-鿿\uf900-\ufaff]+|[^\W_㐀-鿿\uf900-\ufaff]+")


def clean(text: str, limit: int = MAX_CHARACTERS) -> str:
    """`text` as people see it: at most `limit` characters, without what shows nothing; line ends become spaces.

    Whatever comes in, the result can be encoded, stored and sent.
    """
    return " ".join(text[: limit * 2].translate(_VISIBLE).split())[:limit].strip()


def fold(text: str) -> str:
    """The spelling that is searched: compatible forms unified, Simplified, lower case, no links, no decoration."""
    unified = unicodedata.normalize("NFKC", _URL.sub(" ", clean(text)))[:MAX_CHARACTERS].lower()
    plain = unicodedata.normalize("NFKC", unified.translate(_UNDECORATED))
    return " ".join(_simplified(plain).split())[:MAX_CHARACTERS].strip()


def fold_all(text: str) -> str:
    """A long document folded whole: line by line and in pieces, because folding cuts what people send."""
    pieces = (
        line[start : start + MAX_CHARACTERS]
        for line in text.splitlines()
        for start in range(0, len(line), MAX_CHARACTERS)
    )
    return " ".join(fold(piece) for piece in pieces)


def terms(folded: str) -> list[str]:
    """What the word index counts: every two neighbouring Chinese characters, and every other word whole.

    Takes a folded text. Bigrams need no dictionary, so a new word is found the day it is coined.
    """
    found: list[str] = []
    for run in _TERM.findall(folded):
        if not _is_han(run[0]) or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def is_traditional(text: str) -> bool:
    """Whether a text is written in Traditional characters."""
    return bool(leans_traditional(text))


def leans_traditional(text: str) -> bool | None:
    """Whether converting a text to Simplified changes more of it than converting it to Traditional does; none where
    both change as much, as when its characters are the same in both."""
    sample = clean(text, 300)
    to_simplified = _differences(sample, _characters_to_simplified().convert(sample))
    to_traditional = _differences(sample, _for_traditional_readers().convert(sample))
    return to_simplified > to_traditional if to_simplified != to_traditional else None


def to_traditional(text: str) -> str:
    """A Simplified text in the Traditional characters of Taiwan; words stay those of the mainland.

    A lone half of a surrogate pair becomes a question mark.
    """
    for pattern, written in _WRITTEN_SO:
        text = pattern.sub(written, text)
    converted: str = _for_traditional_readers().convert(text.encode("utf-8", "replace").decode())
    return converted


def to_simplified(text: str) -> str:
    """A Traditional text in Simplified characters and mainland words; any other cleaned text stays as it is."""
    return _simplified(text)


def has_han(text: str) -> bool:
    """Whether any character is Chinese."""
    return any(_is_han(character) for character in text)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category not in _INVISIBLE:
        return character
    return " " if character in "\n\r\t\v\f\x85" else ""


def _simplified(text: str) -> str:
    if _characters_to_simplified().convert(text) == text:
        return text  # Taiwan's words would change the mainland's: 文件 is a document there and a file here
    # Once more by characters: a few come out as the Traditional form of another (薴, 苧, 苎).
    converted: str = _characters_to_simplified().convert(_to_simplified().convert(text))
    return converted


def _undecorated(character: str) -> str:
    category = unicodedata.category(character)
    if category == _MARK:
        return ""
    return " " if category in _DECORATION else character


class _Table(dict[int, str]):
    """What `str.translate` makes of each character; remembered for the common ones, which is ten times as fast."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        changed = self._change(chr(code))
        if code <= _LAST_COMMON:
            self[code] = changed
        return changed


_VISIBLE = _Table(_visible)
_UNDECORATED = _Table(_undecorated)


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿" or "\uf900" <= character <= "\ufaff"


def _differences(left: str, right: str) -> int:
    return sum(a != b for a, b in zip(left, right, strict=False))


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("tw2sp")


@lru_cache(maxsize=1)
def _characters_to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _for_traditional_readers() -> opencc.OpenCC:
    return opencc.OpenCC("s2tw")
