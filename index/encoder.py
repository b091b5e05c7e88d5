"""Text to unit vectors.

The default encoder needs onnxruntime and tokenizers only, so a running bot never imports torch. Whatever residents
send is encoded in bounded time: a text is cleaned and cut before it is tokenised.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.model.errors import ModelDamaged, ModelMissing
from index.model.folder import ModelFolder

FloatMatrix: TypeAlias = NDArray[np.float32]

QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "

_LONGEST_PIECE = 16
"""Characters in the longest piece of the vocabulary: so many for each token can be read, and no more."""


class Encoder(Protocol):
    """Text to unit vectors. Any text will do: empty, huge, or broken. May be called from several threads."""

    @property
    def name(self) -> str:
        """Identifies the model and its build: vectors of encoders with different names must not be mixed."""

    @property
    def dimension(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """What people ask: float32 [len(texts), dimension], every row of length 1."""

    def encode_passages(self, texts: Sequence[str]) -> FloatMatrix:
        """What is searched: float32 [len(texts), dimension], every row of length 1."""


class OnnxEncoder:
    """The model that `build_model` built, run by onnxruntime.

    Texts are run one at a time, without padding: a vector then depends on its own text alone, and a short question is
    not held up by a long neighbour.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 512, threads: int = 2) -> None:
        """Open the model in about half a second.

        max_tokens: the rest of a longer text is not read. threads: processor cores that one text may use.
        Raises: ModelMissing, ModelDamaged.
        """
        model = ModelFolder(folder)
        manifest = model.read_manifest()
        self._tokenizer, self._session = _open(model, max_tokens, threads)
        self._max_characters = max_tokens * _LONGEST_PIECE
        self._dimension = int(self._session.get_outputs()[0].shape[1])
        self._name = f"{manifest.get('model')}-{str(manifest.get('sha256'))[:8]}-{manifest.get('build_version')}"
        self._name += f"-{max_tokens}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_queries(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode(QUERY_PREFIX, texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode(PASSAGE_PREFIX, texts)

    def _encode(self, prefix: str, texts: Sequence[str]) -> FloatMatrix:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            tokens = self._tokenizer.encode(prefix + readable(text, self._max_characters))
            ids = np.array([tokens.ids], dtype=np.int64)
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            vectors[row] = self._session.run(None, inputs)[0][0]
        return vectors


class SentenceTransformerEncoder:
    """Any other sentence-transformers model: a folder or a name. Loads torch, which takes seconds and 400 MB."""

    def __init__(
        self, path_or_name: str, *, query_prefix: str = QUERY_PREFIX, passage_prefix: str = PASSAGE_PREFIX
    ) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(path_or_name, device="cpu")
        self._lock = threading.Lock()  # its tokenizer changes its own truncation and padding on every call
        self._prefixes = {"query": query_prefix, "passage": passage_prefix}
        self._name = f"{path_or_name}|{query_prefix}|{passage_prefix}"
        self._max_characters = int(self._model.max_seq_length or 512) * _LONGEST_PIECE
        self._dimension = len(self._encode("query", [""])[0])

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_queries(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode("query", texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatMatrix:
        return self._encode("passage", texts)

    def _encode(self, role: str, texts: Sequence[str]) -> FloatMatrix:
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        prefixed = [self._prefixes[role] + readable(text, self._max_characters) for text in texts]
        with self._lock:
            vectors = self._model.encode(
                prefixed, prompt="", normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(folder: Path, *, max_tokens: int = 512, threads: int = 2) -> Encoder:
    """The encoder for the model in a folder: ours through onnxruntime, any other through sentence-transformers.

    Raises: ModelMissing when the folder is absent or holds no model, ModelDamaged when it cannot be opened.
    """
    if not folder.is_dir():
        raise ModelMissing(folder, "there is no such folder")
    if ModelFolder(folder).graph.is_file():
        return OnnxEncoder(folder, max_tokens=max_tokens, threads=threads)
    if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
        return SentenceTransformerEncoder(str(folder))
    raise ModelMissing(folder, "it holds no model")


def readable(text: str, max_characters: int) -> str:
    """The text as a tokenizer can take it: no lone surrogates, white space folded, cut at a length."""
    start = text[: 4 * max_characters]  # folding spaces should not have to read a whole book
    try:
        start.encode()
    except UnicodeEncodeError:
        # Halves of a pair that belong together are joined; the others become U+FFFD.
        start = start.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(start.split())[:max_characters]


def _processors_for_helpers(count: int) -> str:
    """A processor for each helper thread, in onnxruntime's notation; empty where the system cannot say which there are.

    After a pause of some milliseconds Linux wakes a helper on the processor of the thread that waits for it, and a
    question takes three times as long. Several processes start at different processors.
    """
    if count < 1 or not hasattr(os, "sched_getaffinity"):
        return ""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) <= count:
        return ""
    first = os.getpid() % len(allowed)
    return ";".join(str(allowed[(first + helper) % len(allowed)] + 1) for helper in range(count))


def _open(model: ModelFolder, max_tokens: int, threads: int) -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    if not model.graph.is_file() or not model.tokenizer.is_file():
        raise ModelMissing(model.path, "some of its files are gone")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1  # the graph is one chain
    # A helper thread may spin for its next part of a text, but not after it: that took 30 ms of a core a question.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if helpers := _processors_for_helpers(threads - 1):
        options.add_session_config_entry("session.intra_op_thread_affinities", helpers)
    try:
        tokenizer = Tokenizer.from_file(str(model.tokenizer))
        session = onnxruntime.InferenceSession(str(model.graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # tokenizers raises bare Exception, onnxruntime a dozen kinds of its own
        raise ModelDamaged(model.path) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer, session
