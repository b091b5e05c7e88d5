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
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, which PostgreSQL or YAML refuse, and those that turn the reading direction around."""
_PLACE, _BESIDE = "□", 8
"""Where a character is that nobody sees, and how many of those on either side are shown."""
_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}@]+")
"""Narrower than what a browser forgives: no name before the host, nothing that could end an attribute."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HTTP_URL = TypeAdapter(HttpUrl)


def _one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _no_control(text: str) -> str:
    if found := _CONTROL.search(text):
        sides = text[: found.start()], text[found.end() :]
        before, after = (" ".join(_CONTROL.sub("", side).split()) for side in sides)
        around = f"{before[-_BESIDE:]}{_PLACE}{after[:_BESIDE]}"
        raise ValueError(f"must not hold the control character U+{ord(found.group()):04X}, at the {_PLACE} of {around}")
    return text


def _no_markup(text: str) -> str:
    if found := _MARKUP.search(text):
        raise ValueError(f"must be plain text or simple Markdown without HTML or links; found {found.group()!r}")
    return text


def _body_length(body: str) -> str:
    length = len("".join(body.split()))
    if not MIN_BODY <= length <= MAX_BODY:
        raise ValueError(f"has {length} characters, not {MIN_BODY} to {MAX_BODY}")
    return body


def _known_audience(name: str) -> str:
    if name not in AUDIENCES:
        raise ValueError(f"{name} is not one of {', '.join(AUDIENCES)}")
    return name


def _http_url(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("must be a whole http:// or https:// address, without spaces, quotes or @")
    _HTTP_URL.validate_python(url)
    return url


def _verdict_word(value: Any) -> Any:
    # YAML reads an unquoted true or false as a boolean.
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def _date_word(value: Any) -> Any:
    # YAML reads 2024 as a number.
    return str(value) if isinstance(value, int) else value


def _day_word(value: Any) -> Any:
    # Anything else that looks like a number would be taken for seconds since 1970.
    if not isinstance(value, datetime.date) and not _DAY.fullmatch(str(value)):
        raise ValueError("must be a day such as 2027-05-31")
    return value


def _at_most(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"has {len(text)} characters, more than {limit}")
        return text

    return AfterValidator(check)


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n\r]*$"),
    AfterValidator(_no_control),
]
"""What somebody else called something: written as it is, so it may hold any sign a title holds."""
_Plain = Annotated[Name, AfterValidator(_no_markup)]
Line = Annotated[_Plain, _at_most(200)]
Title = Annotated[_Plain, _at_most(MAX_TITLE)]
ShortAnswer = Annotated[_Plain, _at_most(MAX_SHORT_ANSWER)]
Step = Annotated[_Plain, _at_most(MAX_STEP)]
WhenToCall = Annotated[_Plain, _at_most(MAX_WHEN_TO_CALL)]
PartialDate = Annotated[str, StringConstraints(pattern=_PARTIAL_DATE)]
Day = Annotated[datetime.date, BeforeValidator(_day_word)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG, max_length=80)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceContent(_Value):
    """Where a statement of an article comes from."""

    title: Annotated[Name, _at_most(300)]
    publisher: Annotated[Name, _at_most(120)]
    url: Annotated[str, StringConstraints(max_length=600), AfterValidator(_http_url)]
    date: Annotated[PartialDate | None, BeforeValidator(_date_word)] = None
    """When it was published, as far as is known: YYYY, YYYY-MM or YYYY-MM-DD."""
    accessed: Day
    """When the author of the article looked it up."""


class SecondReading(_Value):
    """That somebody started from the sources and checked the article against them, claim by claim."""

    on: Day
    changed: Annotated[Name, _at_most(300)]
    """What was corrected because of it; "nothing" when no correction was needed."""


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
    body: Annotated[
        str,
        AfterValidator(_one_kind_of_line_end),
        AfterValidator(_no_control),
        AfterValidator(_no_markup),
        AfterValidator(_body_length),
    ]
    audience: Annotated[tuple[Annotated[str, AfterValidator(_known_audience)], ...], Field(min_length=1)] = (
        "everyone",
    )
    regions: tuple[Line, ...] = ()
    """Where it holds; empty is the whole country."""
    season: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Months in which it is asked most; empty is all year."""
    related: Annotated[tuple[Slug, ...], Field(max_length=6)] = ()
    """Articles a reader of this one may need next."""
    single_source: bool = False
    """That a claim on health or safety rests on one source only; residents are told."""
    sources: Annotated[tuple[SourceContent, ...], Field(min_length=1, max_length=12)]
    second_reading: SecondReading | None = None
    """None until somebody other than the writer has checked it against its sources."""
    review_by: Day
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
