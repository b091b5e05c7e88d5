"""What search engines read: the right shape, the right words, and no way out of the script element."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import jsonschema
import pytest

from tests.bot.channels.pages.conftest import BASE, Rewrite

DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
ORGANISATION = {
    "type": "object",
    "required": ["@type", "name", "url"],
    "properties": {"@type": {"const": "Organization"}, "name": {"minLength": 1}, "url": {"pattern": "^https?://"}},
}
COMMON = {
    "@context": {"const": "https://schema.org"},
    "url": {"type": "string", "pattern": "^https?://"},
    "datePublished": DAY,
    "dateModified": DAY,
    "author": ORGANISATION,
    "publisher": ORGANISATION,
    "citation": {"type": "array", "minItems": 1},
}
CLAIM_REVIEW = {
    "type": "object",
    "required": ["@type", *COMMON, "claimReviewed", "itemReviewed", "reviewRating"],
    "properties": COMMON
    | {
        "@type": {"const": "ClaimReview"},
        "claimReviewed": {"type": "string", "minLength": 1},
        "itemReviewed": {"required": ["@type", "text"], "properties": {"@type": {"const": "Claim"}}},
        "reviewRating": {
            "required": ["@type", "ratingValue", "worstRating", "bestRating", "alternateName"],
            "properties": {
                "@type": {"const": "Rating"},
                "ratingValue": {"type": "integer", "minimum": 1, "maximum": 5},
                "worstRating": {"const": 1},
                "bestRating": {"const": 5},
                "alternateName": {"pattern": "^[一-鿿]+$"},
            },
        },
    },
}
FAQ_PAGE = {
    "type": "object",
    "required": ["@type", *COMMON, "mainEntity"],
    "properties": COMMON
    | {
        "@type": {"const": "FAQPage"},
        "mainEntity": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["@type", "name", "acceptedAnswer"],
                "properties": {
                    "@type": {"const": "Question"},
                    "acceptedAnswer": {
                        "required": ["@type", "text"],
                        "properties": {"@type": {"const": "Answer"}, "text": {"type": "string", "minLength": 1}},
                    },
                },
            },
        },
    },
}


async def data_of(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    """The JSON-LD of a page, as a browser would cut it out."""
    page = (await client.get(address)).text
    (found,) = re.findall(r"<script[^>]*>(.*?)</script", page, re.DOTALL)
    data: dict[str, Any] = json.loads(found)
    return data


@pytest.mark.parametrize("slug", ["liquor", "baijiu-virus", "overnight-dishes-cancer", "safe-account"])
async def test_debunks_and_scam_alerts_are_claim_reviews(client: httpx.AsyncClient, slug: str) -> None:
    data = await data_of(client, f"/a/{slug}")
    jsonschema.Draft202012Validator(CLAIM_REVIEW).validate(data)
    assert data["url"] == f"{BASE}/a/{slug}"


async def test_guides_are_questions_with_their_answers(client: httpx.AsyncClient) -> None:
    data = await data_of(client, "/a/flood-guide")
    jsonschema.Draft202012Validator(FAQ_PAGE).validate(data)
    (question,) = data["mainEntity"]
    assert question["name"] == "家里进水怎么办？"
    assert question["acceptedAnswer"]["text"].startswith("不能。")


@pytest.mark.parametrize(
    ("verdict", "rating", "name"),
    [("true", 5, "真"), ("unproven", 3, "尚无定论"), ("misleading", 2, "有误导"), ("false", 1, "假")],
)
async def test_verdicts_are_rated_from_one_to_five(
    client: httpx.AsyncClient, rewrite: Rewrite, verdict: str, rating: int, name: str
) -> None:
    await rewrite(verdict=verdict)
    data = await data_of(client, "/a/liquor?lang=en")
    assert (data["reviewRating"]["ratingValue"], data["reviewRating"]["alternateName"]) == (rating, name)


async def test_a_scam_is_rated_lowest_and_named_so(client: httpx.AsyncClient) -> None:
    rating = (await data_of(client, "/a/safe-account"))["reviewRating"]
    assert (rating["ratingValue"], rating["alternateName"]) == (1, "诈骗")


@pytest.mark.parametrize(
    "evil", ["</script><script>alert(1)</script>", "<!--<script>", "]]>&lt;", '"\\u003c/script>', "\u2028\u2029'"]
)
async def test_no_words_lead_out_of_the_script_element(client: httpx.AsyncClient, rewrite: Rewrite, evil: str) -> None:
    await rewrite(claim=evil, title=evil)
    data = await data_of(client, "/a/liquor")
    assert (data["claimReviewed"], data["name"]) == (evil, evil)
    page = (await client.get("/a/liquor")).text
    script = page[page.index("application/ld+json") : page.index("</script")]
    assert not set("<&\u2028\u2029") & set(script[len('application/ld+json">') :])
