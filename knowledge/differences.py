"""What changed between two revisions of an article, field by field, as values: a page draws them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from knowledge.article_content import ArticleContent

_FIELDS = tuple(ArticleContent.model_fields)
_TOKEN = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
"""A Latin word or a number is one, a Chinese character is one."""


class Change(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    ADDED = "added"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a field and what became of it."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else now."""

    field: str
    stretches: Sequence[Stretch]


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """The fields in which two revisions' contents differ, in the order of an article."""
    texts = ((name, text_of(old.get(name)), text_of(new.get(name))) for name in _FIELDS)
    return [FieldChange(name, list(stretches(before, after))) for name, before, after in texts if before != after]


def text_of(value: Any) -> str:
    """A value of a stored revision as lines of text."""
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return "\n".join(text_of(each) for each in value)
    if isinstance(value, dict):
        return " | ".join(text_of(each) for each in value.values())
    return str(value).lower() if isinstance(value, bool) else str(value)


def stretches(before: str, after: str) -> Iterator[Stretch]:
    """Both texts at once: what was kept, and at each place what was taken out before what was put in."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    for _, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        taken, added = "".join(old[start:end]), "".join(new[begin:stop])
        if taken == added:
            yield Stretch(Change.KEPT, taken)
            continue
        if taken:
            yield Stretch(Change.TAKEN, taken)
        if added:
            yield Stretch(Change.ADDED, added)
