"""Train `index/model/comparison.onnx`, which says whether a passage answers a question, and tune the projection for it.

    python -m scripts.training.projection
    python -m scripts.training.comparison

learns from the groups of the training texts, from the titles, phrasings and answers of the shipped articles, and from
questions written for each article that it only seems to answer. Every eighth group and article is kept out: those show
how well it does on what it has not seen, and `scripts/training/decision.py` fits with them. The projection may move
only as far as the cosines between tokens stay what they were. Takes half an hour on two cores.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
import torch.nn.functional as functional
import typer
from torch import nn

from index.encoder import PASSAGE_PREFIX, QUERY_PREFIX
from index.evaluation import area_under_curve
from index.model.comparison import COMPARISON, LONGEST
from index.model.projection import PROJECTION, Projection, read_projection, write_projection
from index.passages import Document, passages
from index.variants import fold
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import output, progress, read_settings
from scripts.training.projection import encode_states
from scripts.training.texts import Group, is_kept_out, read_groups, read_lookalikes

HIDDEN = 128
_STEPS = 2000
_PAIRS_A_STEP = 128
_STEPS_SORTED = 8
"""So many batches are drawn together and sorted by length, so that little is padding."""
_LEARNING_RATE = 1e-3
_DROPPED = 0.25
_HELD = 10.0
"""How much a cosine that the projection changes counts beside the pairs."""
_NEIGHBOURS = 8

Text: TypeAlias = tuple[str, bool]
"""A folded text, and whether it asks."""
Padded: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Of several texts hidden states or directions [texts, tokens, numbers], and which are real [texts, tokens]."""


class Pair(NamedTuple):
    """Two texts, and whether the second answers the first or asks the same."""

    question: Text
    other: Text
    same: bool


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
    groups, articles, lookalikes = read_groups(), _articles(), read_lookalikes()
    states = _encode(groups, articles, lookalikes)
    network, head = Network(len(_projection().bias)), _head()
    _train(network, head, states, lambda: _pairs(groups, articles, lookalikes, states, kept_out=False))
    kept_out = _pairs(groups, articles, lookalikes, states, kept_out=True)
    area = area_under_curve(_ask(network, head, states, kept_out), [pair.same for pair in kept_out])
    output.print(f"{len(kept_out)} pairs of groups and articles it has not seen: area under the curve {area:.3f}")
    write_projection(PROJECTION, Projection(head.weight.detach().numpy(), head.bias.detach().numpy()))
    _export(network, len(head.bias), COMPARISON)
    output.print(f"written to {COMPARISON} and {PROJECTION}; now fit scripts.training.pairs and .decision")


def _articles() -> dict[str, Document]:
    contents = read_folder(CONTENT).articles.values()
    return {content.slug: Document.of(number, content) for number, content in enumerate(contents)}


class _States(NamedTuple):
    """The last hidden states of every text, without prefix and marks, and which phrasings lie close together."""

    of: Mapping[Text, torch.Tensor]
    neighbours: Mapping[str, Sequence[tuple[str, str]]]
    """By phrasing: phrasings of other articles, each with its article, nearest first."""


def _encode(
    groups: Sequence[Group], articles: Mapping[str, Document], lookalikes: Mapping[str, Sequence[str]]
) -> _States:
    owners = {fold(text): slug for slug, document in articles.items() for text in _asked(document)}
    asked = dict.fromkeys(fold(text) for group in groups for text in (*group.same, *group.near))
    asked |= dict.fromkeys((*owners, *(fold(text) for near in lookalikes.values() for text in near)))
    told = dict.fromkeys(
        (*(fold(group.passage) for group in groups), *(_answer(document) for document in articles.values()))
    )
    folder = read_settings().model_dir
    asked_states, vectors = encode_states(folder, QUERY_PREFIX, list(asked))
    told_states, _ = encode_states(folder, PASSAGE_PREFIX, list(told))
    states = {(text, True): state for text, state in zip(asked, asked_states, strict=True)}
    states |= {(text, False): state for text, state in zip(told, told_states, strict=True)}
    place = {text: number for number, text in enumerate(asked)}
    return _States(states, _neighbours(owners, vectors[[place[text] for text in owners]]))


def _asked(document: Document) -> list[str]:
    return list(dict.fromkeys(document.asked))


def _answer(document: Document) -> str:
    return fold(next(passage.text for passage in passages(document) if not passage.is_asked))


def _neighbours(owners: Mapping[str, str], vectors: torch.Tensor) -> dict[str, list[tuple[str, str]]]:
    names, slugs = list(owners), np.array(list(owners.values()))
    centred = functional.normalize(vectors - vectors.mean(dim=0), dim=1)
    cosines = centred @ centred.T
    cosines[torch.from_numpy(slugs[:, None] == slugs[None, :])] = -1.0
    nearest = cosines.topk(_NEIGHBOURS).indices.tolist()
    return {name: [(names[at], str(slugs[at])) for at in row] for name, row in zip(names, nearest, strict=True)}


def _pairs(
    groups: Sequence[Group],
    articles: Mapping[str, Document],
    lookalikes: Mapping[str, Sequence[str]],
    states: _States,
    *,
    kept_out: bool,
) -> list[Pair]:
    """As many that are the same as that are not, or nearly; drawn anew each time."""
    found = [pair for group in groups if is_kept_out(group.same[0]) == kept_out for pair in _of_group(group)]
    for slug, document in articles.items():
        if is_kept_out(slug) == kept_out:
            found += _of_article(document, articles, states.neighbours)
            found += _of_lookalikes(document, lookalikes.get(slug, ()))
    return found


def _of_group(group: Group) -> Iterator[Pair]:
    same, near = [[(fold(text), True) for text in _shuffled(texts)] for texts in (group.same, group.near)]
    told = (fold(group.passage), False)
    for place, text in enumerate(same):
        yield Pair(text, same[place - 1], same=True)
        yield Pair(text, near[place % len(near)], same=False)
    for one, other in zip(same[:2], near[:2], strict=False):
        yield Pair(one, told, same=True)
        yield Pair(other, told, same=False)


def _of_article(
    document: Document, articles: Mapping[str, Document], neighbours: Mapping[str, Sequence[tuple[str, str]]]
) -> Iterator[Pair]:
    asked = _shuffled([fold(text) for text in _asked(document)])
    for place, text in enumerate(asked):
        other, _ = random.choice(neighbours[text])  # noqa: S311 - a sample, no secret
        _, owner = random.choice(neighbours[text])  # noqa: S311 - a sample, no secret
        yield Pair((text, True), (asked[place - 1], True), same=True)
        yield Pair((text, True), (other, True), same=False)
        yield Pair((text, True), (_answer(document), False), same=True)
        yield Pair((text, True), (_answer(articles[owner]), False), same=False)


def _of_lookalikes(document: Document, near: Sequence[str]) -> Iterator[Pair]:
    for text in near:
        asked = random.choice(_asked(document))  # noqa: S311 - a sample, no secret
        yield Pair((fold(text), True), (fold(asked), True), same=False)
        yield Pair((fold(text), True), (_answer(document), False), same=False)


def _shuffled(texts: Sequence[str]) -> list[str]:
    return random.sample(list(texts), len(texts))


def _projection() -> Projection:
    hidden = np.load(PROJECTION)["matrix"].shape[1]
    return read_projection(PROJECTION, hidden)


def _head() -> nn.Linear:
    """The projection as it is, to be moved."""
    projection = _projection()
    head = nn.Linear(projection.matrix.shape[1], len(projection.bias))
    head.weight.data, head.bias.data = torch.from_numpy(projection.matrix), torch.from_numpy(projection.bias)
    return head


def _train(network: Network, head: nn.Linear, states: _States, draw: Callable[[], list[Pair]]) -> None:
    before = _head().requires_grad_(False)
    parameters = [*network.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=_LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, total_steps=_STEPS, pct_start=0.1)
    network.train()
    with progress("Training") as report:
        for step, batch in zip(range(_STEPS), _batches(draw, states), strict=False):
            one, other = (_padded(states, texts) for texts in _sides(batch))
            same = torch.tensor([float(pair.same) for pair in batch])
            odds = _odds(network, head, one, other)
            moved = (_cosines(head, one, other) - _cosines(before, one, other)) ** 2
            real = one[1][:, :, None] * other[1][:, None, :]
            loss = functional.binary_cross_entropy_with_logits(odds, same) + _HELD * (moved * real).sum() / real.sum()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            report(step + 1, _STEPS)


def _batches(draw: Callable[[], list[Pair]], states: _States) -> Iterator[list[Pair]]:
    """Batches without end; those drawn together are sorted by length and come in any order."""
    waiting: list[Pair] = []
    while True:
        if len(waiting) < _PAIRS_A_STEP * _STEPS_SORTED:
            waiting = [_turned(pair) for pair in draw()]
            random.shuffle(waiting)
        drawn, waiting = waiting[: _PAIRS_A_STEP * _STEPS_SORTED], waiting[_PAIRS_A_STEP * _STEPS_SORTED :]
        drawn.sort(key=lambda pair: len(states.of[pair.question]) + len(states.of[pair.other]))
        batches = [drawn[start : start + _PAIRS_A_STEP] for start in range(0, len(drawn), _PAIRS_A_STEP)]
        yield from random.sample(batches, len(batches))


def _turned(pair: Pair) -> Pair:
    """Of two questions either may come first."""
    turns = pair.other[1] and random.random() < 0.5  # noqa: S311 - a sample, no secret
    return Pair(pair.other, pair.question, pair.same) if turns else pair


def _sides(pairs: Sequence[Pair]) -> tuple[list[Text], list[Text]]:
    return [pair.question for pair in pairs], [pair.other for pair in pairs]


def _padded(states: _States, texts: Sequence[Text]) -> Padded:
    """The hidden states of these texts."""
    rows = [states.of[text][:LONGEST] for text in texts]
    real = [torch.ones(len(row)) for row in rows]
    pad = nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True), pad(real, batch_first=True)


def _cosines(head: nn.Linear, one: Padded, other: Padded) -> torch.Tensor:
    return _directions(head, one) @ _directions(head, other).transpose(1, 2)


def _odds(network: Network, head: nn.Linear, one: Padded, other: Padded) -> torch.Tensor:
    found: torch.Tensor = network(_directions(head, one), one[1], _directions(head, other), other[1])
    return found


def _directions(head: nn.Linear, states: Padded) -> torch.Tensor:
    found: torch.Tensor = functional.normalize(head(states[0]), dim=-1)
    return found


def _ask(network: Network, head: nn.Linear, states: _States, pairs: Sequence[Pair]) -> list[float]:
    network.eval()
    found: list[float] = []
    with torch.no_grad():
        for start in range(0, len(pairs), _PAIRS_A_STEP):
            one, other = (_padded(states, texts) for texts in _sides(pairs[start : start + _PAIRS_A_STEP]))
            found += _odds(network, head, one, other).tolist()
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
