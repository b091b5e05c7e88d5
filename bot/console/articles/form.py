"""The form an article is written in: what was typed, as an article's fields, valid or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from bot.console.articles.problems import reason_of
from bot.console.visit import Visit
from bot.console.words import ConsoleWords
from knowledge.article_content import ArticleContent, SourceContent
from knowledge.article_files import problems_of
from knowledge.errors import FieldProblem
from knowledge.models import Kind, Rumour, RumourKind, Topic, Verdict

Given = dict[str, Any]
"""An article's fields as a revision keeps them, whether they are valid or not."""

_TEXTS = ("slug", "kind", "topic", "title", "short_answer", "body", "review_by")
_OPTIONAL = ("claim", "verdict", "when_to_call")
_LINES = ("what_to_do", "asked_as", "regions", "related")
_PARTS = ("title", "publisher", "url", "date", "accessed")
_LONGEST_LINE = 200
_PASTED = str.maketrans("\x0b\x0c", "\n\n", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What comes unseen with text from a word processor: line breaks of its own, and marks of the reading direction."""
_NOT_JUDGED_YET = {Kind.DEBUNK: Verdict.UNPROVEN, Kind.SCAM_ALERT: Verdict.SCAM}
"""What is shown of an article that needs a verdict and has none so far."""
EMPTY: Mapping[str, Any] = {
    **dict.fromkeys((*_TEXTS, *_OPTIONAL), ""),
    **{name: [] for name in (*_LINES, "season", "sources")},
    "audience": ["everyone"],
    "single_source": False,
    "second_reading": None,
}
"""A form nobody has written in."""


def given(visit: Visit, slug: str = "") -> Given:
    """What was typed into the form; `slug` is that of the article's address, if it has one already."""
    fields: Given = {name: _line(visit.value(name)) for name in _TEXTS}
    fields["body"] = visit.value("body").translate(_PASTED)
    fields |= {name: _line(visit.value(name)) or None for name in _OPTIONAL}
    fields |= {name: _lines(visit.value(name)) for name in _LINES}
    fields["audience"] = list(visit.fields.get("audience", ()))
    fields["season"] = list(visit.fields.get("season", ()))
    fields["single_source"] = bool(visit.value("single_source"))
    fields["sources"] = _sources(visit)
    fields["second_reading"] = _second_reading(visit)
    return fields | ({"slug": slug} if slug else {})


def begun(rumour: Rumour, variants: Sequence[str]) -> Given:
    """The beginning of an article that settles a rumour: the words people used, to be made shorter."""
    words = [" ".join(text.split())[:_LONGEST_LINE] for text in (rumour.text, *variants)]
    if rumour.kind is RumourKind.QUESTION:
        return {"kind": Kind.EXPLAINER, "asked_as": list(dict.fromkeys(words))}
    return {"kind": Kind.DEBUNK, "claim": words[0], "asked_as": list(dict.fromkeys(words[1:]))}


def check(fields: Given) -> tuple[ArticleContent | None, list[FieldProblem]]:
    """The article these fields make, or what is wrong with them."""
    try:
        return ArticleContent.model_validate(fields), []
    except ValidationError as error:
        return None, problems_of(error)


def beside(problems: Sequence[FieldProblem], words: ConsoleWords) -> dict[str, list[str]]:
    """The problems by the place they are shown at: the field, or the part of a source."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        name, _, rest = problem.field.partition(".")
        reason = reason_of(problem.reason, words)
        if name in ("sources", "second_reading") and rest:
            name = problem.field
        elif rest.isdigit():
            reason = f"{words.say('articles-line', number=str(int(rest) + 1))} {reason}"
        found.setdefault("kind" if name == "article" else name, []).append(reason)
    return found


def as_far_as_it_goes(fields: Given, today: date) -> ArticleContent:
    """An article of what is there so far, to be looked at; it may not be valid."""
    kind = Kind(fields["kind"]) if fields["kind"] in set(Kind) else Kind.EXPLAINER
    return ArticleContent.model_construct(
        slug=fields["slug"],
        title=fields["title"],
        short_answer=fields["short_answer"],
        body=fields["body"],
        kind=kind,
        topic=Topic(fields["topic"]) if fields["topic"] in set(Topic) else Topic.HEALTH,
        claim=fields["claim"],
        verdict=Verdict(fields["verdict"]) if fields["verdict"] in set(Verdict) else _NOT_JUDGED_YET.get(kind),
        when_to_call=fields["when_to_call"],
        what_to_do=tuple(fields["what_to_do"]),
        asked_as=tuple(fields["asked_as"]),
        regions=tuple(fields["regions"]),
        related=tuple(fields["related"]),
        single_source=bool(fields["single_source"]),
        sources=tuple(SourceContent.model_construct(**source) for source in fields["sources"]),
        review_by=_day(fields["review_by"]) or today,
    )


def second_reading_of(fields: Given) -> date | None:
    """The day of the second reading, if one was given."""
    return _day((fields["second_reading"] or {}).get("on"))


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.translate(_PASTED).splitlines() if line.strip()]


def _line(text: str) -> str:
    return " ".join(_lines(text))


def _sources(visit: Visit) -> list[dict[str, str | None]]:
    columns = [visit.fields.get(f"source_{part}", []) for part in _PARTS]
    rows = zip(*columns, strict=False)
    return [
        {part: _line(text) or (None if part == "date" else "") for part, text in zip(_PARTS, row, strict=True)}
        for row in rows
        if any(text.strip() for text in row)
    ]


def _second_reading(visit: Visit) -> dict[str, str] | None:
    reading = {part: _line(visit.value(f"second_reading_{part}")) for part in ("on", "changed")}
    return reading if any(reading.values()) else None
