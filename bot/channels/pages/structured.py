"""What an article says, for search engines: schema.org as JSON-LD.

A debunk or scam alert is a ``ClaimReview``, a guide or explainer an ``FAQPage``. The words are the article's own, in
the characters it was written in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.conversation.language import SIMPLIFIED
from bot.conversation.wording import Wording
from knowledge.models import Verdict
from knowledge.reading import WholeArticle

_RATINGS = {
    Verdict.TRUE: 5,
    Verdict.UNPROVEN: 3,
    Verdict.MISLEADING: 2,
    Verdict.FALSE: 1,
    Verdict.SCAM: 1,
}
"""From 1, wholly false, to 5, wholly true, as search engines read it; no conclusion yet is the middle."""

_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes the pages."""

    name: str
    url: str
    timezone: str


def structured_data(article: WholeArticle, url: str, publisher: Publisher) -> dict[str, Any]:
    """The JSON-LD object of an article's page at `url`."""
    zone = ZoneInfo(publisher.timezone)
    common = {
        "@context": "https://schema.org",
        "url": url,
        "name": article.served.title,
        "inLanguage": "zh-Hans",
        "datePublished": _day(article.published_at, zone),
        "dateModified": _day(article.served.updated_at, zone),
        "author": _organisation(publisher),
        "publisher": _organisation(publisher),
        "citation": [source.url for source in article.served.sources],
    }
    return common | (_review(article, publisher) if article.served.verdict and article.served.claim else _faq(article))


def as_script(data: dict[str, Any]) -> Markup:
    """JSON that is safe inside a script element: the signs that could end it, or begin another, are escaped."""
    return Markup(json.dumps(data, ensure_ascii=False).translate(_UNSAFE))  # noqa: S704 - that is what it is for


def _review(article: WholeArticle, publisher: Publisher) -> dict[str, Any]:
    verdict = article.served.verdict
    assert verdict is not None  # noqa: S101 - the caller asks only for judged articles
    mark = Wording(SIMPLIFIED, publisher.timezone).mark(article.served.kind, verdict)
    return {
        "@type": "ClaimReview",
        "claimReviewed": article.served.claim,
        "itemReviewed": {"@type": "Claim", "text": article.served.claim},
        "reviewBody": article.served.short_answer,
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": _RATINGS[verdict],
            "worstRating": 1,
            "bestRating": 5,
            "alternateName": mark.partition(" ")[2],
        },
    }


def _faq(article: WholeArticle) -> dict[str, Any]:
    served = article.served
    answer = "\n".join([served.short_answer, *served.what_to_do, *filter(None, [served.when_to_call])])
    question = {
        "@type": "Question",
        "name": served.title,
        "acceptedAnswer": {"@type": "Answer", "text": answer},
    }
    return {"@type": "FAQPage", "mainEntity": [question]}


def _organisation(publisher: Publisher) -> dict[str, str]:
    return {"@type": "Organization", "name": publisher.name, "url": publisher.url}


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()
