"""Text to unit vectors.

The default encoder needs onnxruntime and tokenizers only, so a running bot never imports torch. Whatever residents
send is encoded in bounded time: a text is cleaned and cut before it is tokenised.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from index.late import Tokens
from index.model.comparison import LONGEST, LONGEST_TOLD, Comparison, Halfway
from index.model.errors import ModelDamaged, ModelMissing
from index.model.folder import ModelFolder
from index.vectors import FloatMatrix, FloatVector

QUERY_PREFIX = "query: "
PASSAGE_PREFIX = "passage: "
_PREFIXES = (QUERY_PREFIX, PASSAGE_PREFIX)

_LONGEST_PIECE = 16
"""Characters in the longest piece of the vocabulary: so many for each token can be read, and no more."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors, in the order given."""

    vectors: FloatMatrix
    """[texts, dimension], every row of length 1: what each text is about."""
    tokens: tuple[Tokens, ...]
    """What each text says, token by token."""
    halfway: tuple[Halfway | None, ...] = ()
    """What `Encoder.halfway` would give for each, where encoding gave it on the way; empty where nothing did."""


class Encoder(Protocol):
    """Text to vectors. Any text will do: empty, huge, or broken. May be called from several threads."""

    @property
    def name(self) -> str:
        """Identifies the model and its build: vectors of encoders with different names must not be mixed."""

    @property
    def dimension(self) -> int:
        """Of the vector of a text."""

    @property
    def token_dimension(self) -> int:
        """Of the direction of a token."""

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        """What people ask."""

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        """What is searched."""

    def halfway(self, ids: npt.NDArray[np.int32], *, tells: bool = False) -> Halfway | None:
        """What comparing needs of a text that asks, or of a passage that answers, given its tokens without marks:
        `dimension` numbers a token. None where nothing was trained to compare for this encoder."""

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        """The log odds that each other text asks the same [len(others)], at least one.

        Raises: TypeError where `halfway` gives none, so that there is nothing to compare.
        """

    def compare_claims(self, claim: Halfway, others: Sequence[Halfway]) -> FloatVector:
        """The log odds that each other text makes the same claim [len(others)], at least one.

        Raises: TypeError as `compare`.
        """


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
        # The threads of numpy's products spin for a while after each, on the cores that the next text needs.
        threadpool_limits(1, user_api="blas")
        model = ModelFolder(folder)
        manifest = model.read_manifest()
        self._tokenizer, self._session, comparison, claims = _open(model, max_tokens, threads)
        self._max_characters = max_tokens * _LONGEST_PIECE
        sizes = {output.name: int(output.shape[-1]) for output in self._session.get_outputs()}
        self._dimension, self._token_dimension = sizes["sentence_embedding"], sizes["token_embeddings"]
        marked = {prefix: self._tokenizer.encode(prefix.strip()).ids for prefix in _PREFIXES}
        self._prefixes = {prefix: len(ids) for prefix, ids in marked.items()}
        self._marks = {prefix: (ids[:-1], ids[-1]) for prefix, ids in marked.items()}
        self._comparison, self._claims = Comparison(comparison), Comparison(claims)
        origin = [str(manifest.get(part, ""))[:8] for part in ("sha256", "projection_sha256", "build_version")]
        self._name = "-".join((str(manifest.get("model")), *origin, str(max_tokens)))

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def token_dimension(self) -> int:
        return self._token_dimension

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        return self._encode(QUERY_PREFIX, texts)

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        return self._encode(PASSAGE_PREFIX, texts)

    def halfway(self, ids: npt.NDArray[np.int32], *, tells: bool = False) -> Halfway | None:
        before, after = self._marks[PASSAGE_PREFIX if tells else QUERY_PREFIX]
        kept = ids[: (LONGEST_TOLD if tells else LONGEST) - len(before) - 1]
        return Halfway.of(self._run((*before, *kept.tolist(), after), ("states",))[0][0])

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        return self._comparison.compare(question, others)

    def compare_claims(self, claim: Halfway, others: Sequence[Halfway]) -> FloatVector:
        return self._claims.compare(claim, others)

    def _run(self, ids: Sequence[int], outputs: Sequence[str]) -> list[Any]:
        """These outputs of the graph for one text."""
        row = np.array([ids], dtype=np.int64)
        found: list[Any] = self._session.run(outputs, {"input_ids": row, "attention_mask": np.ones_like(row)})
        return found

    def _encode(self, prefix: str, texts: Sequence[str]) -> Encoded:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        tokens, halfway = [], []
        first = self._prefixes[prefix] - 1  # the end mark that was counted stands at the end
        for row, text in enumerate(texts):
            read = self._tokenizer.encode(prefix + readable(text, self._max_characters))
            compared = prefix == QUERY_PREFIX and len(read.ids) <= LONGEST
            outputs = ("sentence_embedding", "token_embeddings", *(("states",) if compared else ()))
            vector, directions, *states = self._run(read.ids, outputs)
            vectors[row] = vector[0]
            tokens.append(Tokens.of(directions[0][first:-1], read.ids[first:-1]))
            halfway.append(Halfway.of(states[0][0]) if compared else None)
        return Encoded(vectors, tuple(tokens), tuple(halfway))


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
        self._skipped = {
            role: len(self._model.tokenizer(prefix.strip())["input_ids"]) - 1 for role, prefix in self._prefixes.items()
        }
        probe = self._model.encode(["a"], output_value=None, show_progress_bar=False)[0]
        self._dimension = len(probe["sentence_embedding"])
        self._token_dimension = int(probe["token_embeddings"].shape[1])

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def token_dimension(self) -> int:
        return self._token_dimension

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        return self._encode("query", texts)

    def encode_passages(self, texts: Sequence[str]) -> Encoded:
        return self._encode("passage", texts)

    def halfway(self, ids: npt.NDArray[np.int32], *, tells: bool = False) -> Halfway | None:
        return None

    def compare(self, question: Halfway, others: Sequence[Halfway]) -> FloatVector:
        raise TypeError("nothing was trained to compare texts for this model")

    def compare_claims(self, claim: Halfway, others: Sequence[Halfway]) -> FloatVector:
        raise TypeError("nothing was trained to compare texts for this model")

    def _encode(self, role: str, texts: Sequence[str]) -> Encoded:
        if not texts:
            return Encoded(np.empty((0, self._dimension), dtype=np.float32), ())
        prefixed = [self._prefixes[role] + readable(text, self._max_characters) for text in texts]
        with self._lock:
            found = self._model.encode(
                prefixed, prompt="", normalize_embeddings=True, output_value=None, show_progress_bar=False
            )
        vectors = np.stack([each["sentence_embedding"].numpy() for each in found]).astype(np.float32)
        tokens = []
        for each in found:
            inside = slice(self._skipped[role], int(each["attention_mask"].sum()) - 1)
            tokens.append(Tokens.of(each["token_embeddings"].numpy()[inside], each["input_ids"].numpy()[inside]))
        return Encoded(vectors, tuple(tokens))


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


def _open(model: ModelFolder, max_tokens: int, threads: int) -> tuple[Any, Any, Any, Any]:
    """The tokenizer, the encoder and what reads two texts and two claims together."""
    from tokenizers import Tokenizer

    if not all(path.is_file() for path in (model.graph, model.comparison, model.claims, model.tokenizer)):
        raise ModelMissing(model.path, "some of its files are gone")
    try:
        tokenizer = Tokenizer.from_file(str(model.tokenizer))
        sessions = [_session(graph, threads) for graph in (model.graph, model.comparison, model.claims)]
    except Exception as error:  # tokenizers raises bare Exception, onnxruntime a dozen kinds of its own
        raise ModelDamaged(model.path) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer, *sessions


def _session(graph: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1  # the graph is one chain
    # A helper thread may spin for its next part of a text, but not after it: that took 30 ms of a core a question.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    if helpers := _processors_for_helpers(threads - 1):
        options.add_session_config_entry("session.intra_op_thread_affinities", helpers)
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
