"""Train `index/model/claims.npz`, with which the upper half of the encoder reads two claims together.

    python -m scripts.training.claims

A forward of two hundred characters, the question of an old man and a story from the market may make one claim, and two
forwards that differ in one word may make two. The network of `scripts/training/comparison.py` goes on from what it
knows, by a change of low rank to each of its matrices (Hu et al. 2021, "LoRA"), over the groups of the training texts,
rumours in four forms with their twins, and questions of patients. Every eighth group of questions and one file of
rumours are kept out. Takes half an hour.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as functional
import typer
from torch import nn
from torch.nn.utils import parametrize

from index.encoder import QUERY_PREFIX
from index.evaluation import area_under_curve
from index.model.claims import CLAIMS, Change, Changes, write_changes
from index.model.joint import JOINT, read_joint
from index.variants import fold
from scripts.commands.common import output, read_settings
from scripts.training.comparison import (
    FIRST_LAYER,
    Network,
    Pair,
    Text,
    ask,
    batches_of,
    learn,
    names_of,
    read_lower,
    restore,
    shape_of,
)
from scripts.training.texts import is_kept_out, read_claims, read_groups

_STEPS = 800
_RANK = 16
_LEARNING_RATE = 5e-4
_DRAWN = 0.3
"""Of the texts of a group of questions so many are drawn in a round; of rumours and patients' questions all, twice."""
_STRANGERS = 6
"""A rumour is also compared with one of so many texts of other rumours that lie closest."""


class Claimed(NamedTuple):
    """Folded texts that say the same, others that only look like it, and how often each is drawn in a round."""

    same: Sequence[Text]
    near: Sequence[Text]
    rounds: float


class _Change(nn.Module):  # type: ignore[misc]
    """A change of low rank to a matrix; none at first."""

    def __init__(self, outputs: int, inputs: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(_RANK, inputs) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, _RANK))

    def forward(self, matrix: torch.Tensor) -> torch.Tensor:
        changed: torch.Tensor = matrix + self.up @ self.down
        return changed


def main() -> None:
    """Train, say how well it does on what was kept out, and write the file."""
    from transformers import AutoModel

    random.seed(0)
    torch.manual_seed(0)
    settings = read_settings()
    model = AutoModel.from_pretrained(settings.model_dir, attn_implementation="sdpa").eval()
    network = Network(model.encoder.layer[FIRST_LAYER:], model.config.hidden_size)
    restore(network, read_joint(JOINT, shape_of(model.config)))
    changes = _changeable(network)
    groups, unlearned = list(claimed_groups(learned=True)), list(claimed_groups(learned=False))
    texts = list(dict.fromkeys(text for group in groups + unlearned for text in (*group.same, *group.near)))
    lower, rows = read_lower(model, settings.model_dir, [QUERY_PREFIX + text for text in texts])
    states = dict(zip(texts, lower, strict=True))
    vectors = dict(zip(texts, functional.normalize(rows - rows.mean(dim=0), dim=1), strict=True))
    strangers, others = strangers_of(groups, vectors), strangers_of(unlearned, vectors)
    kept_out = [pair for group in unlearned for pair in pairs_of(group, others)]

    def keep(path: Path = settings.data_dir / CLAIMS.name) -> None:
        odds = ask(network, states, kept_out) + ask(network, states, [pair.turned() for pair in kept_out])
        area = area_under_curve(odds.tolist(), [pair.same for pair in kept_out])
        write_changes(path, _exported(changes))
        output.print(f"{len(kept_out)} pairs it has not seen: area under the curve {area:.3f}; written to {path}")

    keep()
    rates = [([parameter for parameter in network.parameters() if parameter.requires_grad], _LEARNING_RATE)]
    batches = batches_of(lambda: _draw(groups, strangers), states)
    learn(network, rates, batches, states, _STEPS, keep)
    keep(CLAIMS)
    output.print("now fit scripts.training.pairs")


def _changeable(network: Network) -> dict[str, _Change]:
    """Let nothing of the network be learned but a change to each matrix, by the names of `index.model.joint`."""
    for parameter in network.parameters():
        parameter.requires_grad = False
    found = {}
    for long, short in names_of(network, FIRST_LAYER).items():
        part = network.get_submodule(long)
        if isinstance(part, nn.Linear):
            found[f"{short}.w"] = _Change(*part.weight.shape)
            parametrize.register_parametrization(part, "weight", found[f"{short}.w"])
    return found


def _exported(changes: Mapping[str, _Change]) -> Changes:
    return {name: Change(change.up.detach().numpy(), change.down.detach().numpy()) for name, change in changes.items()}


def claimed_groups(*, learned: bool) -> Iterator[Claimed]:
    """Those to learn from, or those kept out. A rumour and its twins are groups that share their texts, and stay
    together."""
    questions = [group for group in read_groups() if is_kept_out(group.same[0]) is not learned]
    for groups, rounds in ((questions, _DRAWN), (read_claims(learned=learned), 2.0)):
        for group in groups:
            yield Claimed([fold(text) for text in group.same], [fold(text) for text in group.near], rounds)


def strangers_of(groups: Sequence[Claimed], vectors: Mapping[Text, torch.Tensor]) -> dict[Text, list[Text]]:
    """For every text of a rumour those of other rumours that lie closest; twins are not strangers."""
    rumours = [group for group in groups if group.rounds > 1]
    texts = [text for group in rumours for text in group.same]
    places = torch.stack([vectors[text] for text in texts])
    found: dict[Text, list[Text]] = {}
    for group in rumours:
        known = {*group.same, *group.near}
        for text in group.same:
            nearest = (places @ vectors[text]).topk(_STRANGERS + len(known)).indices.tolist()
            found[text] = [texts[place] for place in nearest if texts[place] not in known][:_STRANGERS]
    return found


def _draw(groups: Sequence[Claimed], strangers: Mapping[Text, Sequence[Text]]) -> list[Pair]:
    pairs: list[Pair] = []
    for group in groups:
        whole, rest = divmod(group.rounds, 1)
        for text in group.same:
            for _ in range(int(whole) + (random.random() < rest)):  # noqa: S311 - a sample, no secret
                pairs += _around(text, group, strangers)
    random.shuffle(pairs)
    return [pair.turned() if random.random() < 0.5 else pair for pair in pairs]  # noqa: S311


def _around(text: Text, group: Claimed, strangers: Mapping[Text, Sequence[Text]]) -> Iterator[Pair]:
    """One that says the same, one that only looks like it, and a stranger."""
    choices: list[tuple[Sequence[Text], bool]] = [
        ([other for other in group.same if other != text], True),
        (group.near, False),
        (strangers.get(text, ()), False),
    ]
    for some, is_same in choices:
        if some:
            yield Pair(text, random.choice(some), is_same)  # noqa: S311


def pairs_of(group: Claimed, strangers: Mapping[Text, Sequence[Text]]) -> Iterator[Pair]:
    for place, text in enumerate(group.same):
        yield from (Pair(text, other, True) for other in group.same[:place])
        yield from (Pair(text, other, False) for other in (*group.near, *strangers.get(text, ())[:2]))


if __name__ == "__main__":
    typer.run(main)
