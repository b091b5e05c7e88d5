"""What the benches share: times of two sides in turn, and what this machine can do at best."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
