"""How well the bot answers what residents type: figures on sets written for this project, which must not fall.

`questions-*.jsonl` are questions as people type them, with the article that answers or none; `messages.jsonl` are
messages by kind; `urgent.jsonl` is what people write in an emergency, with the card they need, and what only sounds so;
`language.jsonl` is in which language to answer, "keep" for the one of before and "zh" for either script;
`around.jsonl` are questions around 130 articles, which each article settles ("same") or only seems to ("near",
with how far the whole text does settle it after all, by a second reader: 0 not, 1 in part, 2 wholly);
`screens.jsonl` is what a text recogniser makes of screenshots, with the article that answers; `rumours.jsonl` is what
several people send of one rumour (a forward, another version of it, a question, a story) and of its twins.
No network was trained on any of them. But the two numbers that stretch and move the log odds of the decision are fitted
on `questions-*.jsonl`, and its threshold was chosen there: how well its chances and its "sure" do on these is no figure
on unseen questions. The floors lie a little below what was measured, so that a change that makes it worse is noticed;
raise them when it gets better.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.language import ENGLISH, TRADITIONAL, language_of
from bot.conversation.route_quality import evaluate_messages
from bot.conversation.routing import route
from index.clusters import ClusterIndex
from index.encoder import load_encoder
from index.evaluation import Judged, calibration_error
from index.passages import Document
from index.search import Outcome, Query, Searcher
from index.variants import clean, fold
from index.vector_cache import CachedEncoder
from knowledge.article_files import CONTENT, read_folder
from knowledge.models import Band
from knowledge.redaction import redact

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, Any]]:
    """The objects of the JSONL files of this name."""
    return [json.loads(line) for path in sorted(HERE.glob(name)) for line in path.read_text("utf-8").splitlines()]


QUESTIONS = rows("questions-*.jsonl")
MESSAGES = rows("messages.jsonl")
URGENT = rows("urgent.jsonl")
LANGUAGES = rows("language.jsonl")
RUMOURS = rows("rumours.jsonl")
AROUND = rows("around.jsonl")
SCREENS = rows("screens.jsonl")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what search came to."""

    row: dict[str, Any]
    outcome: Outcome
    slugs: Sequence[str]
    """Of the articles found, best first."""

    @property
    def answers(self) -> set[str]:
        return {slug for slug in (self.row["article"], *self.row.get("also", ())) if slug}

    @property
    def is_right(self) -> bool:
        return bool(self.slugs) and self.slugs[0] in self.answers


@pytest.fixture(scope="module")
def encoder(model_dir: Path, starter_vectors: Path) -> Iterator[CachedEncoder]:
    with closing(CachedEncoder(load_encoder(model_dir), starter_vectors)) as encoder:
        yield encoder


Ask = Callable[[Sequence[dict[str, Any]]], list[Asked]]


@pytest.fixture(scope="module")
def ask(encoder: CachedEncoder) -> Ask:
    """What search over the shipped articles comes to, for rows with a text."""
    articles = dict(enumerate(read_folder(CONTENT).articles.values(), start=1))
    searcher = Searcher(encoder)
    searcher.replace({number: Document.of(number, content) for number, content in articles.items()})

    def ask(rows: Sequence[dict[str, Any]]) -> list[Asked]:
        outcomes = searcher.search_all([row["text"] for row in rows])
        return [
            Asked(row, outcome, [articles[found.article_id].slug for found in outcome.found])
            for row, outcome in zip(rows, outcomes, strict=True)
        ]

    return ask


@pytest.fixture(scope="module")
def asked(ask: Ask) -> list[Asked]:
    return ask(QUESTIONS)


def test_the_sets_are_as_large_as_they_must_be() -> None:
    slugs = {content.slug for content in read_folder(CONTENT).articles.values()}
    assert len({row["id"] for row in QUESTIONS}) == len({row["text"] for row in QUESTIONS}) == len(QUESTIONS)
    assert sum(bool(row["article"]) for row in QUESTIONS) >= 400
    assert sum(not row["article"] for row in QUESTIONS) >= 200
    assert (len(LANGUAGES), len(RUMOURS), len(AROUND), len(SCREENS)) == (562, 400, 520, 90)
    assert {slug for row in QUESTIONS for slug in (row["article"], *row.get("also", ())) if slug} <= slugs


def test_the_right_article_comes_first(asked: list[Asked]) -> None:
    answerable = [each for each in asked if each.answers]
    first = sum(each.is_right for each in answerable) / len(answerable)
    among = sum(bool(each.answers & set(each.slugs[:3])) for each in answerable) / len(answerable)
    assert first >= 0.935, first
    assert among >= 0.98, among


def test_sure_is_nearly_always_right(asked: list[Asked]) -> None:
    sure = [each for each in asked if each.outcome.band is Band.SURE]
    wrong = [f"{each.row['text']} -> {each.slugs[0]}" for each in sure if not each.is_right]
    answerable = sum(bool(each.answers) for each in asked)
    assert (len(sure) - len(wrong)) / answerable >= 0.56, len(sure)
    assert len(wrong) <= 0.035 * len(sure), wrong
    unanswerable = [each for each in asked if not each.answers]
    assert sum(each.outcome.band is Band.SURE for each in unanswerable) <= 0.045 * len(unanswerable)


def test_sure_costs_little(asked: list[Asked]) -> None:
    """A wrong "sure" counts ten times a needless "not sure"."""
    wrong = sum(each.outcome.band is Band.SURE and not each.is_right for each in asked)
    needless = sum(each.outcome.band is not Band.SURE and each.is_right for each in asked)
    assert 10 * wrong + needless <= 290, (wrong, needless)


def test_sure_is_for_what_an_article_settles(ask: Ask) -> None:
    """A second reader, who saw the articles' texts and not what the bot says, found that 3 of the near ones are settled
    by them and 46 in part."""
    same = ask([row for row in AROUND if row["kind"] == "same"])
    near = ask([row for row in AROUND if row["kind"] == "near" and row["settled"] == 0])
    right, wrong = (sum(each.is_right and each.outcome.band is Band.SURE for each in some) for some in (same, near))
    assert right >= 0.77 * len(same), right
    assert wrong <= 0.13 * len(near), wrong


def test_the_noise_of_a_screenshot_does_not_hide_what_it_is_about(ask: Ask) -> None:
    found = ask(SCREENS)
    assert sum(each.is_right for each in found) / len(found) >= 0.96
    assert not any(each.outcome.band is Band.SURE and not each.is_right for each in found)
    assert sum(each.outcome.band is Band.SURE for each in found) >= 0.78 * len(found)


def test_a_chance_is_as_good_as_it_says(asked: list[Asked]) -> None:
    judged = [Judged(each.outcome.probability, each.outcome.band, each.is_right, bool(each.answers)) for each in asked]
    assert calibration_error(judged) <= 0.05


def test_most_questions_get_their_article_or_a_choice_with_it(asked: list[Asked]) -> None:
    answerable = [each for each in asked if each.answers]
    offered = [each for each in answerable if each.outcome.band is not Band.UNKNOWN]
    assert sum(bool(each.answers & set(each.slugs[:3])) for each in offered) / len(answerable) >= 0.91


@pytest.fixture(scope="module")
def routed(model_dir: Path) -> dict[str, Any]:
    return evaluate_messages(
        CachedEncoder(load_encoder(model_dir), None), [(row["text"], row["label"]) for row in MESSAGES]
    )


def _answered_in(row: dict[str, Any]) -> bool:
    """Whether somebody who was answered in English or in Traditional before is answered in the right language now."""
    text, wanted = row["text"], row["language"]
    after_english, after_traditional = (language_of(text, before) for before in (ENGLISH, TRADITIONAL))
    if wanted in ("keep", "zh"):
        return after_traditional == TRADITIONAL and (after_english == ENGLISH) == (wanted == "keep")
    return bool(after_english == after_traditional == wanted)


@pytest.mark.parametrize(
    ("wanted", "floor"), [("zh-Hans", 0.94), ("zh-Hant", 0.98), ("en", 0.94), ("keep", 0.9), ("zh", 0.8)]
)
def test_people_are_answered_in_their_language(wanted: str, floor: float) -> None:
    right = [_answered_in(row) for row in LANGUAGES if row["language"] == wanted]
    assert sum(right) / len(right) >= floor


def test_scams_are_noticed_and_little_else_is_called_one(routed: dict[str, Any]) -> None:
    figures = routed
    assert figures["scam_recall"] >= 0.86, figures
    assert figures["scam_precision"] >= 0.87, figures


def test_adverts_keep_off_the_desk_and_claims_that_look_like_adverts_do_not(routed: dict[str, Any]) -> None:
    labels = routed["labels"]
    assert labels["advert"]["recall"] >= 0.85, labels
    assert labels["claim"].get("advert", 0.0) <= 0.03, labels


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody wrote, the card it needs and the card it got; empty for none."""

    text: str
    needed: str
    got: str


@pytest.fixture(scope="module")
def told(model_dir: Path) -> dict[str, list[Told]]:
    """By set: dangers, and harm that a swindler has done."""
    encoder = load_encoder(model_dir)
    found: dict[str, list[Told]] = {"danger": [], "harm": []}
    for row in URGENT:
        text = redact(clean(row["text"]))
        routing = route(text, vector=encoder.encode_queries([fold(text)]).vectors[0])
        found[row["set"]].append(Told(text, row["card"], str(routing.cards[0]) if routing.cards else ""))
    return found


@pytest.mark.parametrize(
    ("kind", "shown", "right", "needless"), [("danger", 0.975, 0.935, 0.12), ("harm", 0.88, 0.84, 0.2)]
)
def test_whoever_needs_a_card_gets_it(
    told: dict[str, list[Told]], kind: str, shown: float, right: float, needless: float
) -> None:
    needing = [each for each in told[kind] if each.needed]
    missed = [each for each in needing if not each.got]
    wrong = [each for each in needing if each.got != each.needed]
    false = [each for each in told[kind] if each.got and not each.needed]
    assert len(missed) <= (1 - shown) * len(needing), missed
    assert len(wrong) <= (1 - right) * len(needing), wrong
    assert len(false) <= needless * (len(told[kind]) - len(needing)), false


@pytest.fixture(scope="module")
def cases(encoder: CachedEncoder) -> list[tuple[str, int]]:
    """Of every message, in any order, its claim and the case on the desk that it joined or opened."""
    texts = [fold(redact(row["text"])) for row in RUMOURS]
    encoded = encoder.encode_queries(texts)
    messages = [Query(*row) for row in zip(texts, encoded.vectors, encoded.tokens, strict=True)]
    clusters, found = ClusterIndex(encoder), []
    for number in random.Random(0).sample(range(len(RUMOURS)), len(RUMOURS)):
        match = clusters.match(messages[number])
        if match is None:
            clusters.add_encoded([(number, messages[number])])
        found.append((RUMOURS[number]["claim"], match.rumour_id if match else number))
    return found


def test_what_makes_one_claim_stands_in_one_case_and_what_makes_another_does_not(cases: list[tuple[str, int]]) -> None:
    both = [(one[0] == other[0], one[1] == other[1]) for place, one in enumerate(cases) for other in cases[:place]]
    together = [same for same, joined in both if joined]
    same = [joined for same, joined in both if same]
    assert sum(together) / len(together) >= 0.88
    assert sum(same) / len(same) >= 0.44
