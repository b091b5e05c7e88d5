"""In which language to answer: the one somebody chose, or that of their own words.

People paste what they ask about. Whoever asks "is this a scam?" of a Chinese message reads English, and whoever asks
是不是骗子 of an English one reads Chinese, however long the paste. So quotations are left out, and where two languages
remain the one that asks decides.
"""

from __future__ import annotations

import re
import unicodedata

from index.variants import has_han, leans_traditional, to_simplified

SIMPLIFIED, TRADITIONAL, ENGLISH = "zh-Hans", "zh-Hant", "en"
LANGUAGES = {SIMPLIFIED: "简体中文", TRADITIONAL: "繁體中文", ENGLISH: "English"}

_LINK = re.compile(
    r"(?<![a-z])[a-z]+://[!-~]+|(?<![a-z0-9.-])[a-z0-9.-]+\.[a-z]{2,7}(?:/[!-~]*)?", re.IGNORECASE | re.ASCII
)
_TAKEN_OUT = re.compile(r"\[[一-鿿]{2,4}\]")
"""What redaction left behind, in Simplified characters whoever wrote; and [图片], which nobody wrote."""
_QUOTATION = re.compile(r"「[^」]*」|『[^』]*』|《[^》]*》|“[^”]*”|\"[^\"]*\"")
_SENT_BY = re.compile(r"【[^】\n]{1,20}】")
"""How a text message names its sender."""
_MESSAGE = re.compile(rf"{_SENT_BY.pattern}[^a-z\n]*", re.IGNORECASE)
"""With what it says in Chinese."""
_PIECE = re.compile(r"[^。！!？?;；:：…)）\s]+[。！!？?;；:：…)）\s]*")
_ASKS_IN_CHINESE = re.compile(
    r"[吗咩怎咋啥谁哪]|是不是|系咪|系唔系|真的|真假|假的|骗人|骗子|什么|点解|边[度个]|对吧|吧[?？]|帮[我忙]|请问|翻译|收到"
    r"|不\W*$|看不[懂明]|求证|辟谣|属实|核实|是否|能否|如何"
    r"|靠谱|可信|能不能|会不会|要不要|有没有|[俺咱我](?![行司局县市公校院区们])|这[个是条种]|呢[个条啲]"
)
_ASKS_IN_ENGLISH = re.compile(
    r"\b(?:what|whats|how|why|which|where|who|when|does|do|did|can|could|should|any|translate|explain|help|legit|scam"
    r"|fake|real|true|mean|safe|i|me|my|(?:is|are) (?:this|that|it|there|they))\b|[a-z]\s*\?",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"(?:a|an|the|i|my|me|mine|we|our|you|your|he|she|his|her|it|its|they|them|their|this|that|these|those|there|here|"
    r"is|are|was|were|be|been|am|do|does|did|have|has|had|can|could|should|would|will|may|must|what|whats|which|"
    r"who|where|when|why|how|if|and|or|but|not|no|in|on|at|to|of|for|from|by|with|about|into|out|up|say|says|said|"
    r"mean|means|real|true|fake|scam|legit|safe|translate|explain|please|pls|plz|help|got|get|news|any|some)",
    re.IGNORECASE,
)
"""Words that any English sentence has some of."""
_HAN = re.compile(r"[㐀-鿿\uf900-\ufaff]+")
_LETTER = re.compile(r"[^\W\d_]")
_OTHER_ALPHABET = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u3040-\u30ff\ua000-\ud7ff]")
"""Letters with accents, Cyrillic, kana, Hangul and so on."""
_OTHER_WORD = re.compile(f"{_OTHER_ALPHABET.pattern}{{2}}")
"""Beside Chinese one such letter may be decoration, or a β-blocker."""
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.IGNORECASE)
_FIRST_ASKED = re.compile(rf"(?:{_ASKS_IN_ENGLISH.pattern}).*[?:？：]\s*$", re.IGNORECASE | re.DOTALL)
_HEAD = 8
"""A question of up to so many English words before anything Chinese is about what follows."""
_SHORT = 4
"""Letters of words that may be of no language: ok, bye, haha."""
_TERM = 6
"""Chinese of up to so many characters in a row may be a term in an English sentence."""
_TONE, _TONE_OF_PINYIN = re.compile("[\u0300\u0301\u0304\u0308\u030c]"), re.compile("[\u0304\u030c]")
_SYLLABLE = (
    r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|[aeio]ng|ong|i?ao|u?ai|[uiv]?an|[eiu]n|ei|ou|i[aeu]|u[aioe]|ve|[aeiouv])"
)
_PINYIN = re.compile(rf"(?>{_SYLLABLE})++r?", re.IGNORECASE)


def language_of(text: str, before: str | None) -> str:
    """The language of somebody's own words; `before`, or Simplified Chinese, where they are in none of ours."""
    typed = _LINK.sub(" ", _without_tones(_TAKEN_OUT.sub(" ", text)))
    own = _QUOTATION.sub(" ", typed)
    if not _LETTER.search(own):
        own = typed  # nothing but a quotation
    chinese = to_simplified(own)
    if has_han(own) and not (_OTHER_WORD.search(own) and not _ASKS_IN_CHINESE.search(chinese)):
        return ENGLISH if _is_english(own) else _script(own) or (before if before == TRADITIONAL else SIMPLIFIED)
    return _without_chinese(own) or before or SIMPLIFIED


def _without_tones(text: str) -> str:
    """Pinyin without its tone marks; French and Vietnamese, which have neither the first tone nor the third, as is."""
    apart = unicodedata.normalize("NFD", text)
    return _TONE.sub("", apart) if _TONE_OF_PINYIN.search(apart) else text


def _without_chinese(own: str) -> str | None:
    words, english = _words(own)
    if not words or (_OTHER_ALPHABET.search(own) and (english < 2 or _OTHER_WORD.search(own))):
        return None
    if all(map(_PINYIN.fullmatch, words)) and 2 * english < len(words):
        return SIMPLIFIED if len(words) > 1 else None
    if len(words) > 1:
        return ENGLISH if english or max(map(len, words)) > _SHORT else None
    asks = len(words[0]) >= _SHORT - 1 and _ASKS_IN_ENGLISH.search(own)
    return ENGLISH if asks or (len(words[0]) > _SHORT + 1 and words[0].lower() != "thanks") else None


def _is_english(own: str) -> bool:
    """Whether the words around the Chinese in a text are somebody's own English."""
    words, english = _words(own)
    head = own[: _HAN.search(own).start()]  # type: ignore[union-attr]
    if len(_words(head)[0]) <= _HEAD and _FIRST_ASKED.search(head):
        return True
    runs = [len(run) for run in _HAN.findall(own)]
    has_terms = english > 1 and max(runs) <= _TERM and sum(runs) <= 2 * len(words)
    asks = english > 0 and _ASKS_IN_ENGLISH.search(own)
    return bool(has_terms or asks) and not _ASKS_IN_CHINESE.search(to_simplified(_MESSAGE.sub(" ", own)))


def _words(text: str) -> tuple[list[str], int]:
    """The words in plain letters, and how many of them any English sentence has."""
    words = _WORD.findall(text)
    return words, sum(bool(_ENGLISH.fullmatch(word)) for word in words)


def _script(own: str) -> str | None:
    """Of the pieces that ask, or else of all; none where no character tells."""
    pieces = _PIECE.findall(own)
    asking = [piece for piece in pieces if _ASKS_IN_CHINESE.search(to_simplified(piece))]
    for some in (asking, [piece for piece in pieces if not _SENT_BY.search(piece)], pieces):
        leaning = leans_traditional("".join(some))
        if leaning is not None:
            return TRADITIONAL if leaning else SIMPLIFIED
    return None
