"""Train `index/model/projection.npz`: the linear map that makes token vectors fit to be compared one by one.

    python -m scripts.training.projection

The network stays as it is; the vectors of all training texts are computed once, and only the map is trained, so that a
wording of a claim is covered by the other wordings and by the passage that answers it, and not by claims that look like
it (InfoNCE, van den Oord et al. 2018; batches hold groups that lie close together). Takes ten minutes on two cores.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
import torch.nn.functional as functional
import typer

from index.encoder import PASSAGE_PREFIX, QUERY_PREFIX
from index.model.projection import PROJECTION, Projection, write_projection
from index.variants import fold
from scripts.commands.common import output, progress, read_settings
from scripts.training.texts import read_groups

DIMENSION = 64
_STEPS = 400
_GROUPS_A_STEP = 32
_LEARNING_RATE = 1e-3
_TEMPERATURE = 0.05
_LONGEST_QUESTION, _LONGEST_PASSAGE = 64, 200

State: TypeAlias = Any
"""The last hidden states of one text [tokens, hidden], without prefix and marks."""


def main() -> None:
    """Train, and write the file."""
    random.seed(0)
    torch.manual_seed(0)
    groups = read_groups()
    asked = list(dict.fromkeys(fold(text) for group in groups for text in (*group.same, *group.near)))
    states, vectors = encode_states(read_settings().model_dir, QUERY_PREFIX, asked)
    told, _ = encode_states(read_settings().model_dir, PASSAGE_PREFIX, [fold(group.passage) for group in groups])
    place = {text: number for number, text in enumerate(asked)}
    same = [[place[fold(text)] for text in group.same] for group in groups]
    near = [[place[fold(text)] for text in group.near] for group in groups]
    head = _principal(states)
    optimizer = torch.optim.AdamW(head.parameters(), lr=_LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, total_steps=_STEPS, pct_start=0.05)
    neighbours = _neighbours(torch.stack([vectors[some[0]] for some in same]))
    with progress("Training") as report:
        for step in range(_STEPS):
            chosen = _batch(neighbours)
            loss = _loss(head, chosen, same, near, states, told)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            report(step + 1, _STEPS)
    write_projection(PROJECTION, Projection(head.weight.detach().numpy(), head.bias.detach().numpy()))
    output.print(f"loss of the last step {loss.item():.3f}; written to {PROJECTION}")


def encode_states(folder: Path, prefix: str, texts: Sequence[str]) -> tuple[list[State], torch.Tensor]:
    """The states of every text, and its sentence vector [texts, hidden]."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu").float()
    skipped = len(model.tokenizer(prefix.strip())["input_ids"]) - 1
    states, vectors = [], []
    with progress(prefix) as report:
        for start in range(0, len(texts), 256):
            batch = [prefix + text for text in texts[start : start + 256]]
            found_all = model.encode(batch, output_value=None, show_progress_bar=False, prompt="")  # without gradients
            for found in found_all:
                end = int(found["attention_mask"].sum()) - 1
                states.append(found["token_embeddings"][skipped:end].clone())
                vectors.append(functional.normalize(found["sentence_embedding"], dim=0))
            report(start + len(batch), len(texts))
    return states, torch.stack(vectors)


def _principal(states: Sequence[State]) -> torch.nn.Linear:
    """A map to the directions in which tokens differ most, where training begins."""
    tokens = torch.cat(random.sample(list(states), 4000))
    mean = tokens.mean(dim=0)
    centred = tokens - mean
    _, directions = torch.linalg.eigh(centred.T @ centred / len(centred))
    matrix = directions[:, -DIMENSION:].T / centred.norm(dim=1).mean()
    head = torch.nn.Linear(tokens.shape[1], DIMENSION)
    head.weight.data, head.bias.data = matrix.clone(), -(matrix @ mean)
    return head


def _neighbours(vectors: torch.Tensor) -> list[list[int]]:
    """For each group the groups most like it."""
    centred = functional.normalize(vectors - vectors.mean(dim=0), dim=1)
    found: list[list[int]] = (centred @ centred.T).topk(8).indices[:, 1:].tolist()
    return found


def _batch(neighbours: Sequence[Sequence[int]]) -> list[int]:
    """Groups, half of them drawn and half close to those."""
    drawn = random.sample(range(len(neighbours)), _GROUPS_A_STEP // 2)
    close = [random.choice(neighbours[group]) for group in drawn]  # noqa: S311 - a sample, no secret
    return list(dict.fromkeys((*drawn, *close)))


def _loss(
    head: torch.nn.Linear,
    chosen: Sequence[int],
    same: Sequence[Sequence[int]],
    near: Sequence[Sequence[int]],
    states: Sequence[State],
    told: Sequence[State],
) -> torch.Tensor:
    wordings = [random.sample(list(same[group]), 2) for group in chosen]
    lookalikes = [text for group in chosen for text in random.sample(list(near[group]), 3)]
    one = _padded(head, [states[pair[0]] for pair in wordings], _LONGEST_QUESTION)
    others = [states[pair[1]] for pair in wordings] + [states[text] for text in lookalikes]
    right = torch.arange(len(chosen))
    wording = _covered(one, _padded(head, others, _LONGEST_QUESTION))
    passages = _padded(head, [told[group] for group in chosen], _LONGEST_PASSAGE)
    answer = _covered(one, passages)
    asked = _padded(head, [states[pair[0]] for pair in wordings] + [states[t] for t in lookalikes], _LONGEST_QUESTION)
    question = _covered(asked, passages).T
    return sum(
        (functional.cross_entropy(scores / _TEMPERATURE, right) for scores in (wording, answer, question)),
        start=torch.zeros(()),
    )


def _padded(head: torch.nn.Linear, states: Sequence[State], longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Directions [texts, tokens, DIMENSION] and which of them are real [texts, tokens]."""
    cut = [state[:longest] for state in states]
    rows = torch.nn.utils.rnn.pad_sequence(cut, batch_first=True)
    real = torch.nn.utils.rnn.pad_sequence([torch.ones(len(state)) for state in cut], batch_first=True)
    return functional.normalize(head(rows), dim=-1), real


def _covered(left: Any, right: Any) -> torch.Tensor:
    """How far each text of the right covers each of the left: [left, right], as `index.late` computes it."""
    (tokens, real), (there, there_real) = left, right
    cosines = torch.einsum("aid,bjd->abij", tokens, there).masked_fill(there_real[None, :, None, :] == 0, -9)
    return (cosines.max(dim=-1).values * real[:, None]).sum(dim=-1) / real.sum(dim=1, keepdim=True).clamp_min(1)


if __name__ == "__main__":
    typer.run(main)
