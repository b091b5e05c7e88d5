"""Train `index/model/joint.npz`, with which the upper half of the encoder reads two texts together.

    python -m scripts.training.comparison

learns from the groups of the training texts, from the titles and phrasings of the shipped articles, and from questions
that each article only seems to answer, or would but for one thing. Each of these comes with another wording of itself,
so that every kind of question is seen beside one that asks the same and beside one that does not. (Without these,
counting its characters tells which is which: area under the curve 0.94.) Every eighth group and article is kept out:
those show how well it does on what it has not seen, and `scripts/training/decision.py` fits with them. The lower layers
stay as they are and read every text once. Takes an hour and a half on two cores; with `--start` it goes on from a file
like the one it writes, such as the one kept on the way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeAlias

import numpy as np
import torch
import torch.nn.functional as functional
import typer
from torch import nn

from index.encoder import QUERY_PREFIX
from index.evaluation import area_under_curve
from index.model.comparison import COMPARED, LONGEST
from index.model.folder import LAYER_NAMES
from index.model.joint import JOINT, JUDGING, SUMMARY, Joint, Rounded, read_joint, write_joint
from index.model.weights import Shape
from index.passages import Document
from index.variants import fold
from knowledge.article_content import ArticleContent
from knowledge.article_files import CONTENT, read_folder
from scripts.commands.common import fail, output, progress, read_settings
from scripts.training.texts import Group, Questions, is_kept_out, read_groups, read_questions

FIRST_LAYER = 6
"""Layers before this one read each text by itself."""
_STEPS_BETWEEN_FILES = 400
"""What was learned is kept after so many."""
_PAIRS_A_STEP = 64
_STEPS_SORTED = 16
"""So many batches are drawn together and sorted by length, so that little is padding."""
_LEARNING_RATE, _RATE_OF_JUDGING = 1e-4, 5e-4
_DOUBTED = 0.6
"""How much a pair counts of which nobody said that it does not ask the same: another article's phrasing."""
_SHARE_NEAR = 0.3
"""How many phrasings are also compared with a question that their article only seems to answer."""
_TIMES_TWINS = 3
"""So often in one round a question is drawn that differs in one thing only: there are few, and they are the hardest."""
_SHARE_TURNED = 0.4
"""In so many pairs the wording comes first, as if it asked."""
_NEAREST = 3
"""A question is compared with one of so many nearest wordings."""
_NEIGHBOURS = 6

Text: TypeAlias = str
"""A folded text."""
State: TypeAlias = torch.Tensor
"""What the lower layers make of a text, marks included: float16 [tokens, hidden]."""


class Pair(NamedTuple):
    """Two texts, whether they ask the same, and how much that counts."""

    one: Text
    other: Text
    same: bool
    weight: float = 1.0

    def turned(self) -> Pair:
        return self._replace(one=self.other, other=self.one)


class Network(nn.Module):  # type: ignore[misc]
    """The upper layers over both texts, and what judges; see `index/model/graph.py`."""

    def __init__(self, layers: nn.ModuleList, hidden: int) -> None:
        super().__init__()
        self.layers = layers
        self.sides = nn.Parameter(torch.zeros(2, hidden))
        self.inner, self.dropped, self.odds = (
            nn.Linear(SUMMARY * hidden, JUDGING),
            nn.Dropout(0.1),
            nn.Linear(JUDGING, 1),
        )

    def forward(self, states: torch.Tensor, sides: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """States of both texts one after the other [pairs, tokens, hidden], which side each token is of and whether it
        is real [pairs, tokens]: log odds [pairs]."""
        tokens = states + self.sides[sides]
        mask = real[:, None, None, :].expand(-1, 1, states.shape[1], -1)
        for layer in self.layers:
            tokens = layer(tokens, mask)
        tokens = tokens.float()
        one, other = (_mean(tokens, (sides == side) & real) for side in range(2))
        summary = torch.cat([one, other, (one - other).abs(), one * other, tokens[:, 0]], dim=1)
        found: torch.Tensor = self.odds(self.dropped(functional.gelu(self.inner(summary))))
        return found.squeeze(1)


def _mean(tokens: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    weights = counted.float()
    return (tokens * weights[..., None]).sum(dim=1) / weights.sum(dim=1, keepdim=True).clamp_min(1)


def main(
    start: Annotated[
        Path | None, typer.Option(help="Go on from this joint.npz instead of the encoder's layers")
    ] = None,
    steps: Annotated[int, typer.Option(help="So many batches are learned from")] = 2800,
) -> None:
    """Train, say how well it does on what was kept out, and write the file."""
    from transformers import AutoModel

    random.seed(0)
    torch.manual_seed(0)
    settings = read_settings()
    model = AutoModel.from_pretrained(settings.model_dir, attn_implementation="sdpa").eval()
    network = Network(model.encoder.layer[FIRST_LAYER:], model.config.hidden_size)
    if start:
        begun = read_joint(start, shape_of(model.config))
        if begun.first_layer != FIRST_LAYER:
            fail(f"{start} reads together from layer {begun.first_layer} on; this trains from layer {FIRST_LAYER} on.")
        restore(network, begun)
    texts = _Texts.read()
    states = _States.of(texts, model, settings.model_dir)
    kept_out = {
        "rewordings": list(_kept_out(texts, states, lambda article: [other for _, other in article.near[:8]])),
        "twins": list(_kept_out(texts, states, lambda article: list(chain(*article.twins)))),
    }

    def keep(path: Path) -> None:
        write_joint(path, exported(network, FIRST_LAYER))
        for name, asked in kept_out.items():
            area = _area(network, states, asked)
            output.print(f"{len(asked)} questions on articles it has not seen, {name}: area under the curve {area:.3f}")
        output.print(f"written to {path}")

    judging = [parameter for name, parameter in network.named_parameters() if not name.startswith("layers")]
    rates = [(judging, _RATE_OF_JUDGING), (list(network.layers.parameters()), _LEARNING_RATE)]
    batches = batches_of(lambda: _draw(texts, states), states.of_text)
    learn(network, rates, batches, states.of_text, steps, lambda: keep(settings.data_dir / JOINT.name))
    keep(JOINT)
    output.print("now fit scripts.training.decision")


class _Article(NamedTuple):
    """What an article says, folded, and what is asked around it."""

    slug: str
    wordings: Sequence[Text]
    """Title and phrasings."""
    same: Sequence[Text]
    """Other questions that it answers."""
    near: Sequence[tuple[Text, Text]]
    """Those that it only seems to answer, each twice, in other words."""
    twins: Sequence[tuple[Text, Text]]
    """Those that differ in one thing only, likewise."""

    @staticmethod
    def of(content: ArticleContent, questions: Questions) -> _Article:
        return _Article(
            content.slug,
            _folded(dict.fromkeys(Document.of(0, content).asked)),
            _folded(questions.same),
            list(zip(_folded(questions.near), _folded(questions.reworded), strict=False)),
            [(fold(one), fold(other)) for one, other in questions.twins],
        )

    def all(self) -> list[Text]:
        return [*self.wordings, *self.same, *chain(*self.near, *self.twins)]


class _Texts(NamedTuple):
    """All that is learned from."""

    groups: Sequence[Group]
    articles: Mapping[str, _Article]
    weights: Mapping[Text, float]
    """How much a question counts that an article answers or would but for one thing."""

    @staticmethod
    def read() -> _Texts:
        questions = read_questions()
        contents = read_folder(CONTENT).articles.values()
        articles = [_Article.of(content, questions.get(content.slug, Questions())) for content in contents]
        return _Texts(read_groups(), {article.slug: article for article in articles}, _without_style(articles))

    def all(self) -> list[Text]:
        """Each once."""
        of_groups = [text for group in self.groups for text in _folded((*group.same, *group.near))]
        return list(
            dict.fromkeys([*of_groups, *(text for article in self.articles.values() for text in article.all())])
        )


def _without_style(articles: Sequence[_Article]) -> dict[Text, float]:
    """Weights for what each article answers and for its twins, under which the characters of a question tell nothing
    about which it is: overlap weights (Li, Morgan and Zaslavsky 2018). Those that answer came out longer, and name more
    towns and relatives; that must not be learned."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    asked = [
        (text, answered, number)
        for number, article in enumerate(articles)
        for texts, answered in ((article.same, True), (chain(*article.twins), False))
        for text in texts
    ]
    texts = [text for text, _, _ in asked]
    answered, groups = [answered for _, answered, _ in asked], [number for _, _, number in asked]
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=3, sublinear_tf=True).fit_transform(texts)
    model = LogisticRegression(C=3.0, max_iter=2000, class_weight="balanced")
    chances = cross_val_predict(model, counts, answered, groups=groups, cv=GroupKFold(5), method="predict_proba")[:, 1]
    return {
        text: 2 * float(1 - chance if is_answered else chance)
        for text, is_answered, chance in zip(texts, answered, chances, strict=True)
    }


def _folded(texts: Iterable[str]) -> list[Text]:
    return [fold(text) for text in texts]


class _States(NamedTuple):
    """Every text as the lower layers read it, and which lie close together."""

    of_text: Mapping[Text, State]
    vectors: Mapping[Text, torch.Tensor]
    """Of every text, centred, of unit length."""
    neighbours: Mapping[Text, Sequence[str]]
    """By title or phrasing: the articles, none that is kept out, of the nearest phrasings of others."""

    @staticmethod
    def of(texts: _Texts, model: Any, folder: Path) -> _States:
        everything = texts.all()
        found, rows = read_lower(model, folder, [QUERY_PREFIX + text for text in everything])
        states = dict(zip(everything, found, strict=True))
        vectors = dict(zip(everything, functional.normalize(rows - rows.mean(dim=0), dim=1), strict=True))
        return _States(states, vectors, _neighbours(texts.articles, vectors))

    def nearest(self, text: Text, article: _Article, count: int = _NEAREST) -> list[Text]:
        """The wordings of an article that lie closest to a text: never itself."""
        others = [wording for wording in article.wordings if wording != text]
        cosines = torch.stack([self.vectors[other] for other in others]) @ self.vectors[text]
        return [others[place] for place in cosines.topk(min(count, len(others))).indices.tolist()]


def read_lower(model: Any, folder: Path, texts: Sequence[str]) -> tuple[list[State], torch.Tensor]:
    """What the lower layers make of each text, and its sentence vector [texts, hidden]."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    states: list[State] = [torch.empty(0)] * len(texts)
    vectors = torch.empty(len(texts), model.config.hidden_size)
    with progress("Reading") as report, torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 128):
            places = order[start : start + 128]
            batch = tokenizer(
                [texts[place] for place in places],
                padding=True,
                truncation=True,
                max_length=LONGEST,
                return_tensors="pt",
            )
            read = model(**batch, output_hidden_states=True)
            sizes = batch["attention_mask"].sum(dim=1).tolist()
            for row, (place, size) in enumerate(zip(places, sizes, strict=True)):
                states[place] = read.hidden_states[FIRST_LAYER][row, :size].half().clone()
                vectors[place] = functional.normalize(read.last_hidden_state[row, :size].float().mean(dim=0), dim=0)
            report(start + len(places), len(order))
    return states, vectors


def _neighbours(articles: Mapping[str, _Article], vectors: Mapping[Text, torch.Tensor]) -> dict[Text, list[str]]:
    slugs = list(articles)
    wordings = torch.stack([vectors[wording] for article in articles.values() for wording in article.wordings])
    owners = torch.tensor([place for place, slug in enumerate(slugs) for _ in articles[slug].wordings])
    kept_out = [place for place, slug in enumerate(slugs) if is_kept_out(slug)]
    found: dict[Text, list[str]] = {}
    for place, article in enumerate(articles.values()):
        cosines = torch.stack([vectors[text] for text in article.wordings]) @ wordings.T
        best = torch.full((len(article.wordings), len(slugs)), -1.0)
        best.scatter_reduce_(1, owners.expand(len(article.wordings), -1), cosines, "amax")
        best[:, [place, *kept_out]] = -1.0
        nearest = best.topk(_NEIGHBOURS).indices.tolist()
        found |= {text: [slugs[other] for other in row] for text, row in zip(article.wordings, nearest, strict=True)}
    return found


def _draw(texts: _Texts, states: _States) -> list[Pair]:
    """What is learned from in one round: about as many pairs that ask the same as that do not; drawn anew each time."""
    pairs = [pair for group in texts.groups if not is_kept_out(group.same[0]) for pair in _of_group(group)]
    for article in texts.articles.values():
        if not is_kept_out(article.slug):
            pairs += _of_phrasings(article, texts.articles, states)
            pairs += _of_near(article, states)
            for _ in range(_TIMES_TWINS):
                pairs += _of_twins(article, texts.articles, states, texts.weights)
    random.shuffle(pairs)
    return [pair.turned() if _happens(_SHARE_TURNED) else pair for pair in pairs]


def _of_group(group: Group) -> Iterator[Pair]:
    same, near = _folded(group.same), _folded(group.near)
    for texts, is_same in ((same, True), (random.sample(near, min(len(near), len(same))), False)):
        for text in texts:
            if _happens(0.6):
                yield Pair(text, _other(same, text), is_same)


def _of_phrasings(article: _Article, articles: Mapping[str, _Article], states: _States) -> Iterator[Pair]:
    near = list(chain(*article.near))
    for text in article.wordings:
        other = articles[_one_of(states.neighbours[text])]
        yield Pair(text, _one_of(states.nearest(text, article)), same=True)
        yield Pair(text, _one_of(states.nearest(text, other)), same=False, weight=_DOUBTED)
        if near and _happens(_SHARE_NEAR):
            yield Pair(text, _one_of(near), same=False)


def _of_near(article: _Article, states: _States) -> Iterator[Pair]:
    """A question that the article only seems to answer asks what its other wording asks, and nothing else."""
    for one, other in article.near:
        yield Pair(one, other, same=True)
        either = _one_of((one, other))
        yield Pair(either, _one_of(states.nearest(either, article)), same=False)
        if len(article.near) > 1 and _happens(0.4):
            yield Pair(one, _one_of(_other(article.near, (one, other))), same=False)


def _of_twins(
    article: _Article, articles: Mapping[str, _Article], states: _States, weights: Mapping[Text, float]
) -> Iterator[Pair]:
    """Beside those that it answers. Either sort is as often in pairs that ask the same as in others."""
    for pair in article.twins:
        yield Pair(*pair, same=True, weight=0.25 * sum(weights[text] for text in pair))
        text = _one_of(pair)
        yield Pair(text, _one_of(states.nearest(text, article)), same=False, weight=weights[text])
    for text in article.same:
        wording = _one_of(states.nearest(text, article))
        other = articles[_one_of(states.neighbours[wording])]
        yield Pair(text, wording, same=True, weight=weights[text])
        yield Pair(text, _one_of(states.nearest(text, other)), same=False, weight=0.5 * weights[text])
        if article.twins:
            yield Pair(text, _one_of(_one_of(article.twins)), same=False, weight=0.5 * weights[text])


def _kept_out(
    texts: _Texts, states: _States, near: Callable[[_Article], Sequence[Text]]
) -> Iterator[tuple[bool, list[Pair]]]:
    """Questions around articles that nothing was learned from, compared as the bot compares them: whether the article
    answers, and the pairs."""
    for article in texts.articles.values():
        if is_kept_out(article.slug):
            for asked, answered in ((article.same, True), (near(article), False)):
                for text in asked:
                    yield (
                        answered,
                        [Pair(text, wording, answered) for wording in states.nearest(text, article, COMPARED)],
                    )


def _one_of(choices: Sequence[Any]) -> Any:
    return random.choice(choices)  # noqa: S311 - a sample, no secret


def _other(choices: Sequence[Any], than: Any) -> Any:
    return _one_of([choice for choice in choices if choice != than])


def _happens(share: float) -> bool:
    return random.random() < share  # noqa: S311 - a sample, no secret


def learn(
    network: Network,
    rates: Sequence[tuple[Sequence[nn.Parameter], float]],
    batches: Iterator[list[Pair]],
    states: Mapping[Text, State],
    steps: int,
    keep: Callable[[], None],
) -> None:
    """Learn from so many batches; `rates`: parameters and the most they learn a step. `keep` is called on the way."""
    optimizer = torch.optim.AdamW([{"params": list(some), "lr": rate} for some, rate in rates], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate for _, rate in rates], total_steps=steps, pct_start=0.08
    )
    with progress("Training") as report:
        for step, batch in zip(range(steps), batches, strict=False):
            network.train()
            same = torch.tensor([float(pair.same) for pair in batch])
            weights = torch.tensor([pair.weight for pair in batch])
            loss = functional.binary_cross_entropy_with_logits(odds_of(network, states, batch), same, weights)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            report(step + 1, steps)
            if (step + 1) % _STEPS_BETWEEN_FILES == 0:
                keep()


def batches_of(draw: Callable[[], list[Pair]], states: Mapping[Text, State]) -> Iterator[list[Pair]]:
    """Batches without end; those drawn together are sorted by length and come in any order."""
    waiting: list[Pair] = []
    size = _PAIRS_A_STEP * _STEPS_SORTED
    while True:
        while len(waiting) < size:
            waiting += draw()
        drawn, waiting = waiting[:size], waiting[size:]
        drawn.sort(key=lambda pair: _length(states, pair))
        batches = [drawn[start : start + _PAIRS_A_STEP] for start in range(0, size, _PAIRS_A_STEP)]
        yield from random.sample(batches, len(batches))


def _length(states: Mapping[Text, State], pair: Pair) -> int:
    return len(states[pair.one]) + len(states[pair.other])


def odds_of(network: Network, states: Mapping[Text, State], pairs: Sequence[Pair]) -> torch.Tensor:
    """[pairs]."""
    inputs = joined([(states[pair.one].float(), states[pair.other].float()) for pair in pairs])
    with torch.autocast("cpu", torch.bfloat16):
        return network(*inputs).float()


def joined(pairs: Sequence[tuple[State, State]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What `Network.forward` reads of pairs of texts."""
    pad = nn.utils.rnn.pad_sequence
    return (
        pad([torch.cat(pair) for pair in pairs], batch_first=True),
        pad([torch.arange(2).repeat_interleave(torch.tensor([len(one), len(other)])) for one, other in pairs], True),
        pad([torch.ones(len(one) + len(other), dtype=torch.bool) for one, other in pairs], True),
    )


def _area(network: Network, states: _States, asked: Sequence[tuple[bool, list[Pair]]]) -> float:
    """Under the curve of the mean odds of each question against whether the article answers it."""
    odds = ask(network, states.of_text, [pair for _, pairs in asked for pair in pairs])
    means = [part.mean().item() for part in odds.split([len(pairs) for _, pairs in asked])]
    return area_under_curve(means, [answered for answered, _ in asked])


def ask(network: Network, states: Mapping[Text, State], pairs: Sequence[Pair]) -> torch.Tensor:
    network.eval()
    order = sorted(range(len(pairs)), key=lambda place: _length(states, pairs[place]))
    found = torch.empty(len(pairs))
    with torch.no_grad():
        for start in range(0, len(order), _PAIRS_A_STEP):
            places = order[start : start + _PAIRS_A_STEP]
            found[places] = odds_of(network, states, [pairs[place] for place in places])
    return found


def exported(network: Network, first_layer: int) -> Joint:
    """What is served of it, as whole numbers; its layers follow the first `first_layer` of the encoder."""
    found = {name: value.detach().float().numpy() for name, value in network.state_dict().items()}
    matrices, arrays = {}, {"sides": found["sides"]}
    for long, short in names_of(network, first_layer).items():
        weight = found[f"{long}.weight"]
        if weight.ndim == 1 or short == "odds":
            arrays[f"{short}.w"] = np.atleast_2d(weight)
        else:
            matrices[f"{short}.w"] = Rounded.of(weight)
        arrays[f"{short}.b"] = found[f"{long}.bias"][None]
    return Joint(first_layer, matrices, arrays)


def restore(network: Network, joint: Joint) -> None:
    """The inverse of `exported`, but for the rounding."""
    found = {"sides": joint.arrays["sides"]}
    for long, short in names_of(network, joint.first_layer).items():
        matrix = joint.matrices.get(f"{short}.w")
        found[f"{long}.weight"] = matrix.dequantized() if matrix else joint.arrays[f"{short}.w"]
        found[f"{long}.bias"] = joint.arrays[f"{short}.b"]
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    network.load_state_dict({name: torch.tensor(value).reshape(shapes[name]) for name, value in found.items()})


def names_of(network: Network, first_layer: int) -> dict[str, str]:
    """The parts of a network, and what `Joint` calls them."""
    layers = {
        f"layers.{layer}.{long}": f"l{first_layer + layer}.{short}"
        for layer in range(len(network.layers))
        for short, long in LAYER_NAMES.items()
    }
    return {**layers, "inner": "inner", "odds": "odds"}


def shape_of(config: Any) -> Shape:
    return Shape(
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        inner=config.intermediate_size,
        words=config.vocab_size,
        positions=config.max_position_embeddings,
        types=config.type_vocab_size,
        epsilon=config.layer_norm_eps,
    )


if __name__ == "__main__":
    typer.run(main)
