"""The vocabulary as a tokenizer.json: pruned to the scripts our residents write, cutting their text as before."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.model.weights import Vocabulary

KEPT_SCRIPTS = ("CJK", "IDEOGRAPHIC", "LATIN", "HIRAGANA", "KATAKANA", "BOPOMOFO", "COMBINING", "MODIFIER LETTER")
"""How the Unicode names of the letters begin whose words we keep. Other scripts keep single letters only."""


def prune(vocabulary: Vocabulary) -> tuple[Vocabulary, NDArray[np.int64]]:
    """Drop the pieces that text in the kept scripts can never use, and say which old ids remain, in order.

    A dropped piece holds a letter of another script, so it matches nothing in kept text and its segmentation does not
    change. Single letters of every script stay, so nothing becomes unknown that was known; and so do the pieces of
    the lowest score, because the cost of an unknown character is counted from it.
    """
    lowest = vocabulary.scores.min()
    kept = [
        token
        for token, piece in enumerate(vocabulary.pieces)
        if len(piece) == 1 or vocabulary.scores[token] == lowest or all(map(_is_kept, piece))
    ]
    new_ids = {old: new for new, old in enumerate(kept)}
    pruned = replace(
        vocabulary,
        pieces=[vocabulary.pieces[token] for token in kept],
        scores=vocabulary.scores[kept],
        start=new_ids[vocabulary.start],
        end=new_ids[vocabulary.end],
        padding=new_ids[vocabulary.padding],
        unknown=new_ids[vocabulary.unknown],
    )
    return pruned, np.array(kept, dtype=np.int64)


@cache
def _is_kept(character: str) -> bool:
    if unicodedata.category(character)[0] not in "LM":
        return True
    return unicodedata.name(character, "").startswith(KEPT_SCRIPTS)


def write_tokenizer(vocabulary: Vocabulary, path: Path) -> None:
    """Write a tokenizer.json that cuts text as XLM-RoBERTa does."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    pieces = list(zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True))
    tokenizer = Tokenizer(Unigram(pieces, unk_id=vocabulary.unknown, byte_fallback=False))
    # The rewrites know single characters only; NFC first joins what an input method left in parts (e + accent).
    steps = [normalizers.NFC(), normalizers.Precompiled(charsmap(vocabulary.rewrites))]
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    names = {token: vocabulary.pieces[token] for token in (vocabulary.start, vocabulary.padding, vocabulary.end)}
    start, end = names[vocabulary.start], names[vocabulary.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(start, vocabulary.start), (end, vocabulary.end)],
    )
    specials = [*names.values(), vocabulary.pieces[vocabulary.unknown], "<mask>"]
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in specials])
    tokenizer.save(str(path), pretty=False)


def charsmap(rewrites: Mapping[str, str]) -> bytes:
    """Character rewrites in SentencePiece's compiled form: a double-array trie, then the replacements, NUL-ended."""
    replacements = bytearray()
    trie = _Node()
    for source, target in sorted(rewrites.items()):
        trie.add(source.encode(), len(replacements))
        replacements += target.encode() + b"\0"
    units = _double_array(trie)
    return struct.pack("<I", len(units)) + units + bytes(replacements)


class _Node:
    """A node of a byte trie. The child 0 is a leaf and holds a value."""

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.value: int | None = None

    def add(self, key: bytes, value: int) -> None:
        node = self
        for byte in key:
            node = node.children.setdefault(byte, _Node())
        node.value = value


def _double_array(trie: _Node) -> bytes:
    """Lay the trie out in 32-bit units, as SentencePiece reads them.

    A unit holds the label that leads to it (bits 0-7), whether its node has a value (bit 8) and an offset (bits 10-30).
    The offset, xored with the unit's own place, is the node's base; the child for byte b lies at base xor b, and the
    value at the base itself, marked by bit 31. Two nodes never share a base, or one would find the other's children.
    """
    units = {0: 0}
    bases: set[int] = set()
    waiting = [(0, trie)]
    next_base = {True: 1, False: 1}  # where to look first, for leaves and for branches: they fill each other's gaps
    while waiting:
        place, node = waiting.pop()
        labels = [*([] if node.value is None else [0]), *node.children]
        base = next_base[not node.children]
        while base in bases or any(base ^ label in units for label in labels):
            base += 1
        next_base[not node.children] = base + 1
        bases.add(base)
        units[place] |= (place ^ base) << 10
        if node.value is not None:
            units[place] |= 1 << 8
            units[base] = node.value | 1 << 31
        for label, child in node.children.items():
            units[base ^ label] = label
            waiting.append((base ^ label, child))
    blocks = max(units) // 256 + 1  # whole blocks: a look-up stays inside whatever byte follows
    array = np.zeros(blocks * 256, dtype="<u4")
    array[list(units)] = list(units.values())
    return array.tobytes()
