"""Train `index/model/comparison.onnx`, which says whether an article answers, and tune the projection for it.

    python -m scripts.training.projection
    python -m scripts.training.comparison

learns from the groups of the training texts, from the titles, phrasings and answers of the shipped articles, and from
questions written around each article: some it answers, some it only seems to. It learns as it is used: a question is
compared with several wordings, and the mean of the best odds is what must be right. Every eighth group, article and
question is kept out: those show how well it does on what it has not seen, and `scripts/training/decision.py` fits with
them. The projection may move only as far as the cosines between tokens stay what they were. Takes a quarter of an hour
on two cores.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
import torch.nn.functional as functional
import typer
from torch import nn

from index.encoder import PASSAGE_PREFIX, QUERY_PREFIX
from index.evaluation import area_under_curve
from index.model.comparison import BEST, COMPARISON, LONGEST
from index.model.projection import PROJECTION, Projection, read_projection, write_projection
from index.passages import Document, passages
from index.variants import fold
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import output, progress, read_settings
from scripts.training.projection import encode_states
from scripts.training.texts import Group, Questions, is_kept_out, read_groups, read_questions

HIDDEN = 96
_STEPS = 2000
_QUESTIONS_A_STEP = 32
_STEPS_SORTED = 8
"""So many batches are drawn together and sorted by length, so that little is padding."""
_LEARNING_RATE = 1e-3
_DROPPED = 0.25
_HELD = 10.0
"""How much a cosine that the projection changes counts beside the questions."""
_WORDINGS = 5
"""With so many wordings a question is compared: the nearest and one other."""
_SHARE_TOLD, _SHARE_OF_NEIGHBOURS = 0.3, 0.5
"""How many questions are also put to the answer of an article, and how many phrasings to the wordings of another."""
_SHARE_TURNED = 0.3
"""In so many batches the wording comes first, as if it asked."""
_NEIGHBOURS = 8

Text: TypeAlias = tuple[str, bool]
"""A folded text, and whether it asks."""
Padded: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Of several texts hidden states or directions [texts, tokens, numbers], and which are real [texts, tokens]."""


class Asked(NamedTuple):
    """A question, with what it is compared, and whether that answers it or asks the same."""

    question: Text
    others: Sequence[Text]
    answered: bool


class Network(nn.Module):  # type: ignore[misc]
    """Tokens of two texts in, log odds out; see `index/model/comparison.py`."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.sharpness = nn.Parameter(torch.tensor(10.0))
        self.weight = nn.Linear(dimension, 1)
        self.compare = nn.Sequential(
            nn.Linear(3 * dimension + 2, HIDDEN),
            nn.GELU(),
            nn.Dropout(_DROPPED),
            nn.Linear(HIDDEN, HIDDEN),
            nn.GELU(),
        )
        self.judge = nn.Sequential(nn.Linear(4 * HIDDEN, HIDDEN), nn.GELU(), nn.Dropout(_DROPPED), nn.Linear(HIDDEN, 1))
        self.covered = nn.Linear(3, 1)
        self.dropped = nn.Dropout(_DROPPED)
        # It begins as the late interaction, from which it learns to differ.
        self.covered.weight.data, self.covered.bias.data = torch.tensor([[3.0, 3.0, 2.0]]), torch.tensor([-4.0])

    def forward(
        self, one: torch.Tensor, one_real: torch.Tensor, other: torch.Tensor, other_real: torch.Tensor
    ) -> torch.Tensor:
        """Directions of unit length [pairs, tokens, dimension] and which are real [pairs, tokens]: log odds [pairs]."""
        cosines = one @ other.transpose(1, 2)
        mean, most, covered, least = self._side(one, one_real, other, other_real, cosines)
        back_mean, back_most, back_covered, _ = self._side(other, other_real, one, one_real, cosines.transpose(1, 2))
        judged: torch.Tensor = self.judge(torch.cat([mean, most, back_mean, back_most], dim=1))
        return (judged + self.covered(torch.stack([covered, back_covered, least], dim=1))).squeeze(1)

    def _side(
        self,
        one: torch.Tensor,
        real: torch.Tensor,
        other: torch.Tensor,
        other_real: torch.Tensor,
        cosines: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """What the comparisons of the tokens of one text come to: mean and most of each number, coverage weighted by
        what matters, and how far the least covered token that matters is covered."""
        absent = other_real[:, None, :] == 0
        counterpart = (self.sharpness * cosines).masked_fill(absent, -1e4).softmax(dim=-1) @ other
        nearest = cosines.masked_fill(absent, -1.0).max(dim=-1).values
        matters = torch.sigmoid(self.weight(one)).squeeze(-1)
        drop = self.dropped
        parts = [drop((one - counterpart).abs()), drop(one * counterpart), drop(one)]
        compared = self.compare(torch.cat([*parts, nearest[..., None], matters[..., None]], dim=-1))
        count = real.sum(dim=1, keepdim=True).clamp_min(1)
        mean = (compared * (real / count)[..., None]).sum(dim=1)
        most = compared.masked_fill(real[..., None] == 0, -1e4).max(dim=1).values
        share = matters * real
        covered = (nearest * share).sum(dim=1) / share.sum(dim=1).clamp_min(1e-6)
        least = (nearest + 1 - matters).masked_fill(real == 0, 9.0).min(dim=1).values
        return mean, most, covered, least


class _Served(nn.Module):  # type: ignore[misc]
    """The network as it is served: one question, whole numbers as directions."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, question: torch.Tensor, others: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        one = functional.normalize(question, dim=-1).unsqueeze(0).expand(others.shape[0], -1, -1)
        found: torch.Tensor = self.network(
            one, torch.ones_like(one[..., 0]), functional.normalize(others, dim=-1), real
        )
        return found


def main() -> None:
    """Train, say how well it does on what was kept out, and write both files."""
    random.seed(0)
    torch.manual_seed(0)
    texts = _Texts.read()
    states = _encode(texts)
    network, head = Network(len(_projection().bias)), _head()
    _train(network, head, states, lambda: _draw(texts, states, kept_out=False))
    kept_out = _draw(texts, states, kept_out=True)
    area = area_under_curve(_ask(network, head, states, kept_out), [asked.answered for asked in kept_out])
    output.print(f"{len(kept_out)} questions it has not seen: area under the curve {area:.3f}")
    write_projection(PROJECTION, Projection(head.weight.detach().numpy(), head.bias.detach().numpy()))
    _export(network, len(head.bias), COMPARISON)
    output.print(f"written to {COMPARISON} and {PROJECTION}; now fit scripts.training.pairs and .decision")


class _Article(NamedTuple):
    """What an article says, folded."""

    slug: str
    wordings: Sequence[Text]
    """Title and phrasings."""
    told: Text
    questions: Questions

    @staticmethod
    def of(content: ArticleContent, questions: Questions) -> _Article:
        document = Document.of(0, content)
        told = next(passage.text for passage in passages(document) if not passage.is_asked)
        return _Article(content.slug, _asking(dict.fromkeys(document.asked)), (fold(told), False), questions)


class _Texts(NamedTuple):
    """All that is learned from."""

    groups: Sequence[Group]
    articles: Mapping[str, _Article]

    @staticmethod
    def read() -> _Texts:
        questions = read_questions()
        contents = read_folder(CONTENT).articles.values()
        return _Texts(
            read_groups(),
            {content.slug: _Article.of(content, questions.get(content.slug, Questions())) for content in contents},
        )

    def all(self) -> list[Text]:
        """Each once."""
        of_groups = [
            text
            for group in self.groups
            for text in (*_asking((*group.same, *group.near)), (fold(group.passage), False))
        ]
        of_articles = [
            text
            for article in self.articles.values()
            for text in (*article.wordings, *_asking((*article.questions.same, *article.questions.near)), article.told)
        ]
        return list(dict.fromkeys(of_groups + of_articles))


def _asking(texts: Iterable[str]) -> list[Text]:
    return [(fold(text), True) for text in texts]


class _States(NamedTuple):
    """The last hidden states of every text, without prefix and marks, and which texts lie close together."""

    of: Mapping[Text, torch.Tensor]
    vectors: Mapping[Text, torch.Tensor]
    """Of every text, centred, of unit length."""
    neighbours: Mapping[Text, Sequence[str]]
    """By phrasing: the articles of the nearest phrasings of others."""

    def chosen(self, question: Text, wordings: Sequence[Text]) -> list[Text]:
        """The wordings a question is compared with: never itself."""
        others = [wording for wording in wordings if wording != question]
        if len(others) <= _WORDINGS:
            return others
        cosines = torch.stack([self.vectors[other] for other in others]) @ self.vectors[question]
        order = cosines.argsort(descending=True).tolist()
        near, far = order[: _WORDINGS - 1], order[_WORDINGS - 1 :]
        return [others[place] for place in (*near, random.choice(far))]  # noqa: S311 - a sample, no secret


def _encode(texts: _Texts) -> _States:
    everything = texts.all()
    states: dict[Text, torch.Tensor] = {}
    vectors: dict[Text, torch.Tensor] = {}
    for asks, prefix in ((True, QUERY_PREFIX), (False, PASSAGE_PREFIX)):
        some = [text for text in everything if text[1] == asks]
        found, rows = encode_states(read_settings().model_dir, prefix, [text for text, _ in some])
        states |= dict(zip(some, found, strict=True))
        vectors |= dict(zip(some, functional.normalize(rows - rows.mean(dim=0), dim=1), strict=True))
    return _States(states, vectors, _neighbours(texts.articles.values(), vectors))


def _neighbours(articles: Iterable[_Article], vectors: Mapping[Text, torch.Tensor]) -> dict[Text, list[str]]:
    owners = {wording: article.slug for article in articles for wording in article.wordings}
    wordings, slugs = list(owners), np.array(list(owners.values()))
    rows = torch.stack([vectors[wording] for wording in wordings])
    cosines = rows @ rows.T
    cosines[torch.from_numpy(slugs[:, None] == slugs[None, :])] = -1.0
    nearest = cosines.topk(_NEIGHBOURS).indices.tolist()
    return {wording: [str(slugs[at]) for at in row] for wording, row in zip(wordings, nearest, strict=True)}


def _draw(texts: _Texts, states: _States, *, kept_out: bool) -> list[Asked]:
    """About as many that are answered as that are not, or nearly; drawn anew each time."""
    found = [
        asked for group in texts.groups if is_kept_out(group.same[0]) == kept_out for asked in _of_group(group, states)
    ]
    for article in texts.articles.values():
        if is_kept_out(article.slug) == kept_out:
            found += _of_phrasings(article, texts.articles, states)
        found += _of_questions(article, states, kept_out=kept_out)
    return found


def _of_group(group: Group, states: _States) -> Iterator[Asked]:
    same, near, told = _asking(group.same), _asking(group.near), (fold(group.passage), False)
    for text in same:
        yield Asked(text, states.chosen(text, same), answered=True)
    for text in near[: len(same)]:
        yield Asked(text, states.chosen(text, same), answered=False)
    for text in random.sample(same, 2):
        yield Asked(text, [told], answered=True)
    for text in random.sample(near, 2):
        yield Asked(text, [told], answered=False)


def _of_phrasings(article: _Article, articles: Mapping[str, _Article], states: _States) -> Iterator[Asked]:
    for text in article.wordings:
        yield Asked(text, states.chosen(text, article.wordings), answered=True)
        if _happens(_SHARE_TOLD):
            yield Asked(text, [article.told], answered=True)
        if _happens(_SHARE_OF_NEIGHBOURS):
            other = articles[random.choice(states.neighbours[text])]  # noqa: S311 - a sample, no secret
            yield Asked(text, states.chosen(text, other.wordings), answered=False)


def _of_questions(article: _Article, states: _States, *, kept_out: bool) -> Iterator[Asked]:
    for texts, answered in ((article.questions.same, True), (article.questions.near, False)):
        for question in texts:
            if (is_kept_out(article.slug) or is_kept_out(question)) == kept_out:
                text = (fold(question), True)
                yield Asked(text, states.chosen(text, article.wordings), answered)
                if _happens(_SHARE_TOLD):
                    yield Asked(text, [article.told], answered)


def _happens(share: float) -> bool:
    return random.random() < share  # noqa: S311 - a sample, no secret


def _projection() -> Projection:
    hidden = np.load(PROJECTION)["matrix"].shape[1]
    return read_projection(PROJECTION, hidden)


def _head() -> nn.Linear:
    """The projection as it is, to be moved."""
    projection = _projection()
    head = nn.Linear(projection.matrix.shape[1], len(projection.bias))
    head.weight.data, head.bias.data = torch.from_numpy(projection.matrix), torch.from_numpy(projection.bias)
    return head


def _train(network: Network, head: nn.Linear, states: _States, draw: Callable[[], list[Asked]]) -> None:
    before = _head().requires_grad_(False)
    parameters = [*network.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=_LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, total_steps=_STEPS, pct_start=0.1)
    network.train()
    with progress("Training") as report:
        for step, batch in zip(range(_STEPS), _batches(draw, states), strict=False):
            one, other = (_padded(states, texts) for texts in _sides(batch))
            answered = torch.tensor([float(asked.answered) for asked in batch])
            odds = _odds(network, head, batch, *((other, one) if _happens(_SHARE_TURNED) else (one, other)))
            moved = (_cosines(head, one, other) - _cosines(before, one, other)) ** 2
            real = one[1][:, :, None] * other[1][:, None, :]
            loss = functional.binary_cross_entropy_with_logits(odds, answered)
            loss = loss + _HELD * (moved * real).sum() / real.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            report(step + 1, _STEPS)


def _batches(draw: Callable[[], list[Asked]], states: _States) -> Iterator[list[Asked]]:
    """Batches without end; those drawn together are sorted by length and come in any order."""
    waiting: list[Asked] = []
    size = _QUESTIONS_A_STEP * _STEPS_SORTED
    while True:
        if len(waiting) < size:
            waiting = draw()
            random.shuffle(waiting)
        drawn, waiting = waiting[:size], waiting[size:]
        drawn.sort(key=lambda asked: _length(states, asked))
        starts = range(0, size, _QUESTIONS_A_STEP)
        batches = [drawn[start : start + _QUESTIONS_A_STEP] for start in starts]
        yield from random.sample(batches, len(batches))


def _length(states: _States, asked: Asked) -> int:
    """Tokens of the question and of the longest text it is compared with."""
    return len(states.of[asked.question]) + max(len(states.of[text]) for text in asked.others)


def _sides(batch: Sequence[Asked]) -> tuple[list[Text], list[Text]]:
    """Every question as often as it is compared, and with what."""
    return [asked.question for asked in batch for _ in asked.others], [text for asked in batch for text in asked.others]


def _padded(states: _States, texts: Sequence[Text]) -> Padded:
    """The hidden states of these texts."""
    rows = [states.of[text][:LONGEST] for text in texts]
    real = [torch.ones(len(row)) for row in rows]
    pad = nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True), pad(real, batch_first=True)


def _cosines(head: nn.Linear, one: Padded, other: Padded) -> torch.Tensor:
    return _directions(head, one) @ _directions(head, other).transpose(1, 2)


def _odds(network: Network, head: nn.Linear, batch: Sequence[Asked], one: Padded, other: Padded) -> torch.Tensor:
    """The mean of the best odds of each question [questions]."""
    odds = network(_directions(head, one), one[1], _directions(head, other), other[1])
    parts = odds.split([len(asked.others) for asked in batch])
    return torch.stack([part.topk(min(BEST, len(part))).values.mean() for part in parts])


def _directions(head: nn.Linear, states: Padded) -> torch.Tensor:
    found: torch.Tensor = functional.normalize(head(states[0]), dim=-1)
    return found


def _ask(network: Network, head: nn.Linear, states: _States, questions: Sequence[Asked]) -> list[float]:
    network.eval()
    found: list[float] = []
    with torch.no_grad():
        for start in range(0, len(questions), _QUESTIONS_A_STEP):
            batch = questions[start : start + _QUESTIONS_A_STEP]
            one, other = (_padded(states, texts) for texts in _sides(batch))
            found += _odds(network, head, batch, one, other).tolist()
    return found


def _export(network: Network, dimension: int, path: Path) -> None:
    example = (torch.randn(5, dimension), torch.randn(3, 7, dimension), torch.ones(3, 7))
    torch.onnx.export(
        _Served(network).eval(),
        example,
        str(path),
        input_names=["question", "others", "real"],
        output_names=["odds"],
        dynamic_axes={"question": {0: "asked"}, "others": {0: "texts", 1: "tokens"}, "real": {0: "texts", 1: "tokens"}},
        dynamo=False,
    )


if __name__ == "__main__":
    typer.run(main)
