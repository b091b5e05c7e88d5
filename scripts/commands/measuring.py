"""What the benches share: times of two sides in turn, and what this machine can do at best."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.settings import Settings
from index.late import Tokens
from index.model.comparison import COMPARED, LONGEST
from index.model.joint import JOINT

MARKS = 4
"""Tokens around every text: the prefix and the marks of beginning and end."""
_SIZE = 768
"""Of the square matrices whose product tells the rate: large enough to keep the cores busy, small enough for caches."""
_REPEATS = 15
_BYTES = 256_000_000


def in_turns(sides: Sequence[Callable[[int], object]], count: int, block: int = 10) -> list[list[float]]:
    """Seconds of `count` calls of every side, in blocks in turn, so that the machine's moods fall on all alike."""
    times: list[list[float]] = [[] for _ in sides]
    for start in range(0, count, block):
        for side, own in zip(sides, times, strict=True):
            for number in range(start, min(start + block, count)):
                begun = time.perf_counter()
                side(number)
                own.append(time.perf_counter() - begun)
    return times


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        "median_ms": round(statistics.median(ordered) * 1000, 3),
        "p99_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 3),
    }


def beside(own: Sequence[float], other: Sequence[float], bound: float, called: str = "baseline") -> dict[str, Any]:
    """Figures of the seconds that ours took and the other side, `called` so, with those the work takes at the least."""
    ours, baseline = summary(own), summary(other)
    return {
        "ours": ours,
        called: baseline,
        "times_faster_at_the_median": round(statistics.median(other) / statistics.median(own), 2),
        "lower_bound_ms": round(bound * 1000, 3),
        "times_the_lower_bound": round(statistics.median(own) / bound, 2),
    }


def copied_vectors(settings: Settings, folder: Path) -> Path:
    """A file of the vectors that are kept already, for this run only: encoding all articles again is not measured, and
    what a bench makes up must not be known to the next."""
    if settings.vectors.exists():
        shutil.copy(settings.vectors, folder)
    return folder / settings.vectors.name


@dataclass(frozen=True, slots=True)
class Network:
    """The multiply-adds of the encoder: every matrix once a token. Attention is a thousandth of that."""

    layer: int
    """Of one token in one layer."""
    layers: int
    joint_layers: int
    """The upper ones, which read two texts together."""

    @staticmethod
    def of(model: Path) -> Network:
        """That of a model folder."""
        config = json.loads((model / "config.json").read_text("utf-8"))
        hidden, inner, layers = (config[name] for name in ("hidden_size", "intermediate_size", "num_hidden_layers"))
        with np.load(JOINT) as joint:
            return Network(4 * hidden**2 + 2 * hidden * inner, layers, layers - int(joint["first_layer"]))

    def encoding(self, text: Tokens) -> int:
        """Of one text."""
        return self.layers * self.layer * (len(text) + MARKS)

    def comparing(self, text: Tokens, count: int = COMPARED) -> int:
        """Of a text with so many others of its length."""
        return count * self.joint_layers * self.layer * 2 * min(len(text) + MARKS, LONGEST)


def int8_multiply_adds_a_second() -> float:
    """The best rate of onnxruntime's own int8 product on this machine, with two threads."""
    import onnxruntime
    from onnx import TensorProto, helper

    shape = [_SIZE, _SIZE]
    node = helper.make_node("MatMulInteger", ["a", "b"], ["c"])
    graph = helper.make_graph(
        [node],
        "rate",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("c", TensorProto.INT32, shape)],
        [helper.make_tensor("b", TensorProto.INT8, shape, np.ones(shape, np.int8).tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    inputs: dict[str, Any] = {"a": np.ones(shape, np.uint8)}
    best = min(in_turns([lambda _: session.run(None, inputs)], _REPEATS)[0])
    return float(_SIZE**3 / best)


def bytes_a_second() -> float:
    """How fast one thread reads memory that no cache holds."""
    data = np.ones(_BYTES // 8, dtype=np.float64)
    best = min(in_turns([lambda _: float(data.sum())], 5)[0])
    return _BYTES / best
