"""Whether a passage says what a question asks, read token by token by a small trained network.

What lies close to a question is about the same thing; whether it settles what is asked often hangs on one word. Each
token of either text looks for its counterpart in the other, the two are compared, and what the comparisons say is added
up in both directions (Parikh et al. 2016, "A decomposable attention model"; Wang and Jiang 2017). The network reads the
token vectors that the late interaction keeps anyway, so it costs no further run of the encoder.
`scripts/training/comparison.py` trains it, together with the projection, on texts of this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.late import Tokens
from index.model.errors import WeightsMalformed
from index.vectors import FloatVector

COMPARISON = Path(__file__).with_name("comparison.onnx")
LONGEST = 90
"""Tokens of a text that are compared."""
BEST = 3
"""Of so many texts of an article, those with the best odds, the mean counts; it is trained that way."""


class Comparison:
    """The trained network. May be used from several threads."""

    def __init__(self, path: Path = COMPARISON) -> None:
        """Raises: WeightsMalformed when the file is absent or no network."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # it takes less than handing it out would
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a dozen kinds of its own
            raise WeightsMalformed(f"the comparison in {path} cannot be read: {error}") from error

    @property
    def dimension(self) -> int:
        """Of the direction of a token."""
        return int(self._session.get_inputs()[0].shape[-1])

    def compare(self, question: Tokens, others: Tokens, sizes: npt.NDArray[np.int64]) -> FloatVector:
        """The log odds that each other text answers the question or asks the same: float32 [len(sizes)].

        `others` holds the tokens of all other texts one after the other, `sizes` how many each text has. Of a text
        without tokens nothing is known: 0.
        """
        kept = np.minimum(sizes, LONGEST)
        longest = int(kept.max(initial=0))
        if not len(question) or not longest:
            return np.zeros(len(sizes), dtype=np.float32)
        starts = np.cumsum(sizes) - sizes
        inside = np.arange(longest)
        real = inside < kept[:, None]
        rows = np.where(real, starts[:, None] + inside, 0)
        inputs = {
            "question": question.directions[:LONGEST].astype(np.float32),
            "others": others.directions[rows].astype(np.float32) * real[..., None],
            "real": real.astype(np.float32),
        }
        found: FloatVector = self._session.run(None, inputs)[0]
        return np.where(kept > 0, found, np.float32(0.0))
