"""What an article says, as a value: the same rules for files, the console and imports."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from knowledge.models import Kind, Topic, Verdict

MAX_TITLE = 30
MAX_SHORT_ANSWER = 60
MAX_STEP = 40
MAX_WHEN_TO_CALL = 60
MIN_BODY = 150
MAX_BODY = 600
"""Lengths in characters; of the body, white space not counted."""
MIN_ASKED_AS = 4

AUDIENCES = ("everyone", "elderly", "family", "farmers", "workers", "young", "officials")

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_PARTIAL_DATE = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
_MARKUP = re.compile(r"<\s*[a-zA-Z/!]|&#?\w+;|\]\(|javascript:", re.IGNORECASE)
_HTTP_URL = TypeAdapter(HttpUrl)


def _no_markup(text: str) -> str:
    if found := _MARKUP.search(text):
        raise ValueError(f"must be plain text or simple Markdown without HTML or links; found {found.group()!r}")
    return text


def _http_url(url: str) -> str:
    _HTTP_URL.validate_python(url)
    return url


def _verdict_word(value: Any) -> Any:
    # YAML reads an unquoted true or false as a boolean.
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def _date_word(value: Any) -> Any:
    # YAML reads 2024 as a number and 2024-05-01 as a date.
    return str(value) if isinstance(value, int | datetime.date) else value


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n\r]*$"),
    AfterValidator(_no_markup),
]
Title = Annotated[Line, StringConstraints(max_length=MAX_TITLE)]
ShortAnswer = Annotated[Line, StringConstraints(max_length=MAX_SHORT_ANSWER)]
Step = Annotated[Line, StringConstraints(max_length=MAX_STEP)]
WhenToCall = Annotated[Line, StringConstraints(max_length=MAX_WHEN_TO_CALL)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG, max_length=80)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceContent(_Value):
    """Where a statement of an article comes from."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    publisher: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    url: Annotated[str, StringConstraints(max_length=600), AfterValidator(_http_url)]
    date: Annotated[str | None, BeforeValidator(_date_word), Field(pattern=_PARTIAL_DATE)] = None
    """When it was published, as far as is known: YYYY, YYYY-MM or YYYY-MM-DD."""
    accessed: datetime.date
    """When the author of the article looked it up."""


class ArticleContent(_Value):
    """Everything an article says. Whoever holds one holds a complete, valid article.

    Raises: pydantic.ValidationError, naming each field and what is wrong with it.
    """

    slug: Slug
    kind: Kind
    topic: Topic
    title: Title
    claim: Line | None = None
    """The claim a debunk judges, or the hook of a scam."""
    verdict: Annotated[Verdict | None, BeforeValidator(_verdict_word)] = None
    short_answer: ShortAnswer
    what_to_do: Annotated[tuple[Step, ...], Field(min_length=1, max_length=3)]
    when_to_call: WhenToCall | None = None
    asked_as: Annotated[tuple[Line, ...], Field(min_length=MIN_ASKED_AS, max_length=40)]
    """How people really ask it."""
    body: Annotated[str, AfterValidator(_no_markup)]
    audience: Annotated[tuple[str, ...], Field(min_length=1)] = ("everyone",)
    regions: tuple[Line, ...] = ()
    """Where it holds; empty is the whole country."""
    season: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Months in which it is asked most; empty is all year."""
    sources: Annotated[tuple[SourceContent, ...], Field(min_length=1, max_length=12)]
    review_by: datetime.date
    """Last day on which it may be served without being looked at again."""

    @model_validator(mode="after")
    def _kind_and_verdict_agree(self) -> ArticleContent:
        judged = self.kind in (Kind.DEBUNK, Kind.SCAM_ALERT)
        if judged and (not self.claim or self.verdict is None):
            raise ValueError(f"a {self.kind} needs both a claim and a verdict")
        if not judged and (self.claim or self.verdict):
            raise ValueError(f"a {self.kind} has neither a claim nor a verdict")
        if self.kind is Kind.SCAM_ALERT and self.verdict is not Verdict.SCAM:
            raise ValueError("the verdict of a scam_alert is scam")
        return self

    @model_validator(mode="after")
    def _lengths_and_words_hold(self) -> ArticleContent:
        length = len("".join(self.body.split()))
        if not MIN_BODY <= length <= MAX_BODY:
            raise ValueError(f"the body has {length} characters, not {MIN_BODY} to {MAX_BODY}")
        if unknown := sorted(set(self.audience) - set(AUDIENCES)):
            raise ValueError(f"audience {', '.join(unknown)} is not one of {', '.join(AUDIENCES)}")
        return self
