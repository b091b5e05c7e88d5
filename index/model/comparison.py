"""Whether a text asks what a question asks, read together by a small trained network.

What lies close to a question is about the same thing; whether it settles what is asked often hangs on one word. Two
vectors made apart cannot tell. So the lower half of the encoder reads each text by itself and the upper half, tuned for
it, both beside each other (MacAvaney et al. 2020, "PreTTR"; Nogueira and Cho 2019). It costs as much as two or three
runs of the encoder, so only the nearest wordings of the first article are read.
`scripts/training/comparison.py` trains it on texts of this project; `index/model/graph.py` writes the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index.vectors import FloatVector

LONGEST = 64
"""Tokens of a text that are compared, with the marks around it."""
COMPARED = 2
"""So many wordings of an article are compared, those nearest to the question; the mean of their odds counts."""


class Comparison:
    """The trained network. May be used from several threads."""

    def __init__(self, session: Any, before: Sequence[int], after: int) -> None:
        """`session`: onnxruntime on the graph. `before` and `after`: the token ids around every text that asks."""
        self._session = session
        self._before = list(before)
        self._after = after

    def compare(self, question: npt.NDArray[np.int32], others: Sequence[npt.NDArray[np.int32]]) -> FloatVector:
        """The log odds that each other text asks the same: float32 [len(others)]. Texts are token ids without marks; of
        one without tokens nothing is known: 0."""
        found = np.zeros(len(others), dtype=np.float32)
        known = [place for place, other in enumerate(others) if len(other)]
        if not len(question) or not known:
            return found
        marked = [self._marked(others[place]) for place in known]
        lengths = np.array([len(each) for each in marked])
        real = np.arange(lengths.max()) < lengths[:, None]
        texts = np.zeros(real.shape, dtype=np.int64)
        texts[real] = np.concatenate(marked)
        inputs = {"question": self._marked(question)[None], "texts": texts, "real": real.astype(np.int64)}
        found[known] = self._session.run(None, inputs)[0]
        return found

    def _marked(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        kept = ids[: LONGEST - len(self._before) - 1]
        return np.array([*self._before, *kept.tolist(), self._after], dtype=np.int64)
