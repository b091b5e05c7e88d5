"""Text as Telegram counts it: lengths and offsets are UTF-16 code units, and a message holds 4,096 of them."""

from __future__ import annotations

from telegram import MessageEntity

LIMIT = 4096
"""UTF-16 units in one message."""

# Telegram drops or replaces these itself, after which our entity offsets would be wrong; so we do it first.
_CONTROL = {code: " " for code in (*range(9), *range(11, 32), 127)} | {9: " ", 13: None}
_INVISIBLE = dict.fromkeys(range(0x2028, 0x202F))
_CLEANING = str.maketrans(_CONTROL | _INVISIBLE)

_ENDS = (("\n\n",), ("\n",), ("。", "！", "？", "；", ". ", "! ", "? "), (" ", "，", "、"))
"""Where to cut, the best first: paragraph, line, sentence, word."""


def utf16_length(text: str) -> int:
    """Length of `text` in UTF-16 code units; a lone surrogate counts one."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """`text` as Telegram would keep it: no control characters, no lone surrogates, no space around it."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\r\n", "\n").translate(_CLEANING).strip()


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Cleaned `text` in parts of at most `limit` UTF-16 units (2 or more), cut at paragraph ends where there are any.

    Empty if nothing is left to say.
    """
    parts = []
    rest = clean(text)
    while utf16_length(rest) > limit:
        head = rest.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore")
        cut = _best_cut(head)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _best_cut(head: str) -> int:
    """Where `head` ends best; a cut in its first quarter is no cut, or a long text would fall into crumbs."""
    for ends in _ENDS:
        cut = max(head.rfind(end) + len(end) if end in head else 0 for end in ends)
        if cut > len(head) // 4:
            return cut
    return len(head)


def headline(text: str) -> MessageEntity | None:
    """The first line of a cleaned `text` in bold; none if there is no text."""
    first = text.partition("\n")[0].rstrip()
    if not first:
        return None
    return MessageEntity(MessageEntity.BOLD, offset=0, length=utf16_length(first))
