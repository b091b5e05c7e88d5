"""Whether a text asks what a question asks, read together by a small trained network.

What lies close to a question is about the same thing; whether it settles what is asked often hangs on one word. Two
vectors made apart cannot tell. So the lower half of the encoder reads each text by itself and the upper half, tuned for
it, both beside each other (MacAvaney et al. 2020, "PreTTR"; Nogueira and Cho 2019). It costs as much as two runs of the
encoder, so only the nearest wordings of the first articles are read.
`scripts/training/comparison.py` trains it on texts of this project; `index/model/graph.py` writes the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from index.vectors import FloatMatrix, FloatVector

LONGEST = 64
"""Tokens of a text that are compared, with the marks around it."""
COMPARED = 2
"""So many wordings of an article are compared, those nearest to the question; the mean of their odds counts."""


class Comparison:
    """The trained network. May be used from several threads."""

    def __init__(self, session: Any) -> None:
        """`session`: onnxruntime on the graph."""
        self._session = session

    def compare(self, question: FloatMatrix, others: Sequence[FloatMatrix]) -> FloatVector:
        """The log odds that each other text asks the same: float32 [len(others)], at least one. Of each text the states
        [tokens, hidden] that the encoder gives half way, marks included."""
        lengths = np.array([len(other) for other in others])
        real = np.arange(lengths.max()) < lengths[:, None]
        texts = np.zeros((*real.shape, question.shape[1]), dtype=np.float32)
        texts[real] = np.concatenate(others)
        inputs = {"question": question[None], "texts": texts, "real": real.astype(np.int64)}
        found: FloatVector = self._session.run(None, inputs)[0]
        return found
