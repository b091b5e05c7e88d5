"""What a good article keeps to beyond being valid: the rules an editor would check by eye.

`ArticleContent` says what can be stored. These rules say what may be published: that a figure in the short answer is
explained, that nobody is promised a cure, that only known telephone numbers are given, that a claim on health rests on
two sources or says that it does not.
"""

from __future__ import annotations

import csv
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from knowledge.article_content import ArticleContent, SourceContent
from knowledge.errors import FieldProblem
from knowledge.models import Topic

HOTLINES = {
    "110": "police",
    "119": "fire and rescue",
    "120": "ambulance",
    "122": "traffic accidents",
    "12110": "police by text message",
    "12119": "forest fire",
    "12306": "railway",
    "12315": "consumer complaints",
    "12316": "farming",
    "12320": "health advice",
    "12321": "spam and nuisance calls",
    "12333": "social insurance",
    "12338": "women's federation",
    "12345": "local government",
    "12348": "legal aid",
    "12355": "young people",
    "12356": "mental health",
    "12367": "immigration",
    "12368": "courts",
    "12377": "bad information on the net",
    "12378": "complaints about banks and insurers",
    "12379": "official warnings",
    "12381": "telecommunications; warns of fraud",
    "12393": "medical insurance",
    "12395": "rescue on water",
    "12398": "energy complaints",
    "95128": "taxi by telephone",
    "95598": "electricity",
    "96110": "police, advice on fraud",
}
"""The numbers an article may tell people to call, and whom they reach."""
DOMAINS = Path(__file__).parent / "source_domains.tsv"
"""Whose pages may be cited, and why."""

MIN_PHRASINGS = 6
MAX_SENTENCE = 80
"""Characters; longer ones lose an older reader."""
MAX_MEAN_SENTENCE = 25
LONGEST_VALIDITY = timedelta(days=2 * 366)
"""From when its sources were last looked up to its review-by date."""

_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_CALLED = re.compile(r"(?:拨打|拨|打|致电|电话|热线)\s*“?(\d{3,})(?!\d*[元块万%度米年月天])")
_PROMISES = ("一定治好", "绝对安全", "百分之百", "100%", "100％", "包治", "保证治愈", "根治", "零风险", "绝对没事")
_REPORTED = ("虚假", "听信", "骗", "说", "称", "不能", "不会", "别", "没有", "不等于", "不是")
"""Words by which a sentence says that somebody else promised it, or that it is not so."""
_STOPPING = re.compile(r"停药|换药")
_KEEPING = re.compile(r"(?:不要|不能|别|不可|勿|不|随意|擅自|自行|自己|突然)[^。]{0,12}(?:停|换)")
_ADDRESS = re.compile(r"https?:|www\.")
_LOCAL = re.compile(r"我(?:市|省|县|区)(?!.{0,4}[”」])")
_TWO_SOURCES = frozenset((Topic.HEALTH, Topic.DISASTER))

Key = TypeVar("Key")
Rule = Callable[[ArticleContent], Iterator[FieldProblem]]


def problems_of(content: ArticleContent, today: date) -> list[FieldProblem]:
    """What keeps this article from being a good one today, each with the field where it can be mended."""
    problems = [problem for rule in _RULES for problem in rule(content)]
    if content.review_by < today:
        problems.append(FieldProblem("review_by", f"was {content.review_by}; look at the sources again"))
    return problems


def problems_between(contents: Mapping[Key, ArticleContent]) -> dict[Key, list[FieldProblem]]:
    """What does not fit between articles: links to none, and one question asked of two."""
    slugs = {content.slug for content in contents.values()}
    asked: dict[str, list[str]] = defaultdict(list)
    for content in contents.values():
        for phrase in {content.title, *content.asked_as}:
            asked[phrase].append(content.slug)
    return {key: found for key, content in contents.items() if (found := list(_between(content, slugs, asked)))}


def domain_of(source: SourceContent) -> str | None:
    """The entry of the allow-list that a source falls under; none when whose page it is was never decided."""
    parts = (urlsplit(source.url).hostname or "").split(".")
    suffixes = (".".join(parts[start:]) for start in range(len(parts)))
    return next((suffix for suffix in suffixes if suffix in allowed_domains()), None)


@lru_cache(maxsize=1)
def allowed_domains() -> Mapping[str, tuple[str, str]]:
    """The allow-list: kind and reason by the end of the host name."""
    with DOMAINS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["suffix"]: (row["kind"], row["reason"]) for row in rows}


def _between(content: ArticleContent, slugs: set[str], asked: Mapping[str, Sequence[str]]) -> Iterator[FieldProblem]:
    for slug in content.related:
        if slug == content.slug or slug not in slugs:
            yield FieldProblem("related", f"{slug} is {'the article itself' if slug == content.slug else 'no article'}")
    for phrase in dict.fromkeys((content.title, *content.asked_as)):
        if others := [slug for slug in asked[phrase] if slug != content.slug]:
            yield FieldProblem("asked_as", f"{phrase!r} is also asked of {', '.join(others)}")


def _sentences(content: ArticleContent) -> Iterator[tuple[str, str]]:
    """Field and sentence of all that is shown to residents; what people claim and ask is not ours."""
    shown = [("title", content.title), ("short_answer", content.short_answer), ("body", content.body)]
    shown += [("what_to_do", step) for step in content.what_to_do]
    shown += [("when_to_call", content.when_to_call)] if content.when_to_call else []
    for field, text in shown:
        for sentence in re.split(r"[。！？；\n]", text):
            if bare := re.sub(r"[#*\s“”-]", "", sentence):
                yield field, bare


def _phrasings(content: ArticleContent) -> Iterator[FieldProblem]:
    if (count := len(set(content.asked_as))) < MIN_PHRASINGS:
        yield FieldProblem("asked_as", f"has {count} different phrasings, not {MIN_PHRASINGS} or more")
    if len(set(content.asked_as)) < len(content.asked_as):
        yield FieldProblem("asked_as", "names a phrasing twice")


def _figures(content: ArticleContent) -> Iterator[FieldProblem]:
    unexplained = set(_FIGURE.findall(content.short_answer)) - set(HOTLINES) - set(_FIGURE.findall(content.body))
    for figure in sorted(unexplained):
        yield FieldProblem("short_answer", f"the figure {figure} is not in the body")


def _hotlines(content: ArticleContent) -> Iterator[FieldProblem]:
    for field, sentence in _sentences(content):
        for number in _CALLED.findall(sentence):
            if number not in HOTLINES:
                yield FieldProblem(field, f"{number} is no number of the hotline table: {sentence}")


def _promises(content: ArticleContent) -> Iterator[FieldProblem]:
    for field, sentence in _sentences(content):
        for promise in _PROMISES:
            if promise in sentence and not any(word in sentence for word in _REPORTED):
                yield FieldProblem(field, f"promises {promise}: {sentence}")


def _medicine(content: ArticleContent) -> Iterator[FieldProblem]:
    text = "。".join(sentence for _, sentence in _sentences(content))
    if content.topic is Topic.HEALTH and _STOPPING.search(text) and not _KEEPING.search(text):
        yield FieldProblem("body", "speaks of stopping or changing a medicine and never says not to do it alone")


def _readable(content: ArticleContent) -> Iterator[FieldProblem]:
    sentences = list(_sentences(content))
    for field, sentence in sentences:
        if len(sentence) > MAX_SENTENCE:
            yield FieldProblem(field, f"a sentence of {len(sentence)} characters, more than {MAX_SENTENCE}: {sentence}")
    mean = statistics.fmean(len(sentence) for _, sentence in sentences)
    if mean > MAX_MEAN_SENTENCE:
        yield FieldProblem("body", f"sentences have {mean:.0f} characters on average, more than {MAX_MEAN_SENTENCE}")


def _no_address(content: ArticleContent) -> Iterator[FieldProblem]:
    for field, sentence in _sentences(content):
        if _ADDRESS.search(sentence):
            yield FieldProblem(field, f"shows a web address: {sentence}")


def _region(content: ArticleContent) -> Iterator[FieldProblem]:
    for field, sentence in _sentences(content):
        if not content.regions and _LOCAL.search(sentence):
            yield FieldProblem(field, f"speaks of one place, and regions names none: {sentence}")


def _sources(content: ArticleContent) -> Iterator[FieldProblem]:
    publishers = {source.publisher for source in content.sources}
    if content.topic in _TWO_SOURCES and len(publishers) < 2 and not content.single_source:
        yield FieldProblem("sources", "rest on one publisher; find a second, or set single_source")
    if len({source.url for source in content.sources}) < len(content.sources):
        yield FieldProblem("sources", "name one page twice")
    for source in content.sources:
        if domain_of(source) is None:
            yield FieldProblem("sources", f"{source.url} is not under {DOMAINS.name}; decide whose page it is")


def _validity(content: ArticleContent) -> Iterator[FieldProblem]:
    looked_up = max(source.accessed for source in content.sources)
    if not looked_up < content.review_by <= looked_up + LONGEST_VALIDITY:
        yield FieldProblem("review_by", f"{content.review_by} is not within two years of {looked_up}, the last look-up")


_RULES: tuple[Rule, ...] = (
    _phrasings,
    _figures,
    _hotlines,
    _promises,
    _medicine,
    _readable,
    _no_address,
    _region,
    _sources,
    _validity,
)
