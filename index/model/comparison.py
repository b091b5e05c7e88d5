"""Whether a text asks what a question asks, read together by a small trained network.

What lies close to a question is about the same thing; whether it settles what is asked often hangs on one word. Two
vectors made apart cannot tell. So the lower half of the encoder reads each text by itself and the upper half, tuned for
it, both beside each other (MacAvaney et al. 2020, "PreTTR"; Nogueira and Cho 2019). It costs as much as two runs of the
encoder, so only the nearest wordings of the first articles are read.
`scripts/training/comparison.py` trains it on texts of this project; `index/model/graph.py` writes the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index.vectors import FloatMatrix, FloatVector

LONGEST = 64
"""Tokens of a text that are compared, with the marks around it."""
LONGEST_TOLD = 128
"""Tokens that are read of a passage that answers."""
COMPARED = 2
"""So many wordings of an article are compared, those nearest to the question; the mean of their odds counts."""


_LARGEST = 127


@dataclass(frozen=True, slots=True)
class Halfway:
    """What the lower layers make of one text, in 8 bits a number: what is compared, and worth keeping."""

    integers: npt.NDArray[np.int8]
    """[tokens, hidden], the marks around the text included."""
    scales: npt.NDArray[np.float32]
    """[tokens], what the integers of each token are multiplied by."""

    @staticmethod
    def of(states: FloatMatrix) -> Halfway:
        """States [tokens, hidden], rounded: that moves the odds by 0.13, as the rounding inside the network does."""
        scales = np.maximum(np.abs(states).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_LARGEST)
        return Halfway(np.rint(states / scales[:, None]).astype(np.int8), scales.astype(np.float32))

    @property
    def states(self) -> FloatMatrix:
        """Float32 [tokens, hidden]."""
        return self.integers * self.scales[:, None]

    def to_bytes(self) -> bytes:
        """Scales, then integers."""
        return self.scales.tobytes() + self.integers.tobytes()

    @staticmethod
    def from_bytes(data: bytes, hidden: int) -> Halfway | None:
        """The inverse of `to_bytes`; none for what does not fit."""
        tokens, rest = divmod(len(data), hidden + np.dtype(np.float32).itemsize)
        if rest or not tokens:
            return None
        scales = np.frombuffer(data, np.float32, tokens)
        return Halfway(np.frombuffer(data, np.int8, offset=scales.nbytes).reshape(tokens, hidden), scales)


class Comparison:
    """The trained network. May be used from several threads."""

    def __init__(self, session: Any) -> None:
        """`session`: onnxruntime on the graph."""
        self._session = session

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        """The log odds that each other text asks the same: float32 [len(others)], at least one."""
        lengths = np.array([len(other.scales) for other in others])
        real = np.arange(lengths.max()) < lengths[:, None]
        texts = np.zeros((*real.shape, question.integers.shape[1]), dtype=np.float32)
        texts[real] = np.concatenate([other.states for other in others])
        inputs = {"question": question.states[None], "texts": texts, "real": real.astype(np.int64)}
        found: FloatVector = self._session.run(None, inputs)[0]
        return found
