"""What was made of texts that were encoded before, so that a start does not encode the knowledge base again.

Derived data: the file may be damaged, locked or deleted at any time, and that costs only time. Of what residents write
only the redacted texts of rumours come into the file, which the database holds as well: it is to be kept as close as
that. The last few hundred questions are remembered in memory, because one rumour is sent by many people within the
hour, and because a button under an answer searches for the same text again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import structlog

from index.encoder import Encoded, Encoder
from index.late import Tokens, token_bytes
from index.model.comparison import Halfway
from index.recent import Recent
from index.vectors import FloatVector, unit_rows

_BATCH = 64
_QUESTIONS = 512
"""How many of the last questions are remembered; a kilobyte or two each."""
_COMPARED = 2048
"""How many of the texts that were compared last are remembered; some six kilobytes each."""
_READ = 512
"""How many of the answering passages that were read last; some forty kilobytes each."""
_LOCKED_SECONDS: Final = 2.0
"""How long another process is waited for. Encoding anew takes less than waiting longer."""
_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR))
"""The last one means that a table is not as it was made: what is asked of it never changes."""
_log = structlog.get_logger(__name__)


class CachedEncoder:
    """Encodes passages through a file of earlier results; queries go straight through.

    Safe to use from several threads and processes. `path` none keeps nothing between starts.
    """

    def __init__(self, encoder: Encoder, path: Path | None) -> None:
        self.encoder = encoder
        self._kept = _VectorFile(path, encoder.name)
        self._vector_bytes = encoder.dimension * np.dtype(np.float16).itemsize
        self._asked = Recent[str, tuple[FloatVector, Tokens]](_QUESTIONS)
        self._compared = Recent[bytes, Halfway](_COMPARED)
        self._read = Recent[bytes, Halfway](_READ)

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        """What people ask."""
        known = {text: found for text in texts if (found := self._asked.get(text))}
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            encoded = self.encoder.encode_queries(new)
            known |= dict(zip(new, zip(encoded.vectors, encoded.tokens, strict=True), strict=True))
            self._asked.put({text: known[text] for text in new})
            self._compared.put(  # what encoding gave on the way, which may be nothing at all
                {
                    self._halfway_key(tokens.ids): halfway
                    for tokens, halfway in zip(encoded.tokens, encoded.halfway, strict=False)
                    if halfway
                }
            )
        vectors = np.array([known[text][0] for text in texts], dtype=np.float32)
        return Encoded(vectors.reshape(len(texts), self.encoder.dimension), tuple(known[text][1] for text in texts))

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Encoded:
        """What is searched; `progress` hears how many of the unknown texts are done."""
        return self._through_cache(texts, "passage", self.encoder.encode_passages, progress)

    def encode_kept_queries(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Encoded:
        """As `encode_queries`, for texts that will be asked for again at the next start, such as rumours."""
        return self._through_cache(texts, "query", self.encoder.encode_queries, progress)

    def encode_wordings(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Encoded:
        """As `encode_kept_queries`, for texts that questions will be compared with: what that needs is kept as well."""
        return self._through_cache(texts, "wording", self._encode_wordings, progress)

    def compare(self, question: Tokens, others: Tokens, sizes: npt.NDArray[np.int64]) -> FloatVector | None:
        """The log odds that each other text asks what the question asks [len(sizes)]; 0 for a text without tokens, of
        which nothing is known. None where the encoder cannot compare.

        `others` holds the tokens of all other texts one after the other, `sizes` how many each text has.
        """
        texts = np.split(others.ids, np.cumsum(sizes)[:-1])
        return self._compare(self.encoder.compare, question, texts)

    def compare_told(self, question: Tokens, told: Tokens) -> float | None:
        """The log odds that a passage answers what is asked; none where the encoder cannot say, or nothing is told."""
        if not len(question) or not len(told):
            return None
        (asked,) = self._halfway([question.ids])
        passage = self._halfway_told(told.ids)
        return float(self.encoder.compare(asked, [passage])[0]) if asked and passage else None

    def _halfway_told(self, ids: npt.NDArray[np.int32]) -> Halfway | None:
        """Of a passage that answers: kept in the file once it was read, for it takes as long as two questions."""
        key = self._halfway_key(ids, role="told")
        if found := self._read.get(key):
            return found
        found = Halfway.from_bytes(self._kept.read([key]).get(key, b""), self.encoder.dimension)
        if not found and (found := self.encoder.halfway(ids, tells=True)):
            self._kept.write({key: found.to_bytes()})
        if found:
            self._read.put({key: found})
        return found

    def compare_claims(self, claim: Tokens, others: Sequence[Tokens]) -> FloatVector | None:
        """The log odds that each other text makes the claim of the first [len(others)]; as `compare`."""
        return self._compare(self.encoder.compare_claims, claim, [other.ids for other in others])

    def _compare(
        self,
        compare: Callable[[Halfway, Sequence[Halfway]], FloatVector],
        question: Tokens,
        texts: Sequence[npt.NDArray[np.int32]],
    ) -> FloatVector | None:
        found = np.zeros(len(texts), dtype=np.float32)
        filled = [place for place, text in enumerate(texts) if len(text)]
        if not len(question) or not filled:
            return found
        asked, *known = self._halfway([question.ids, *(texts[place] for place in filled)])
        if asked is None:
            return None
        found[filled] = compare(asked, [each for each in known if each])
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()

    def _encode_wordings(self, texts: Sequence[str]) -> Encoded:
        encoded = self.encoder.encode_queries(texts)
        ids = [tokens.ids for tokens in encoded.tokens]
        known = encoded.halfway or (None,) * len(ids)
        halfway = [each or self.encoder.halfway(some) for each, some in zip(known, ids, strict=True)]
        self._kept.write(
            {self._halfway_key(some): each.to_bytes() for some, each in zip(ids, halfway, strict=True) if each}
        )
        return encoded

    def _halfway(self, texts: Sequence[npt.NDArray[np.int32]]) -> list[Halfway | None]:
        """What comparing needs of each text, given its tokens: remembered, or kept in the file, or made now."""
        keys = [self._halfway_key(ids) for ids in texts]
        found = {key: self._compared.get(key) for key in keys}
        kept = self._kept.read([key for key, halfway in found.items() if halfway is None])
        for key, ids in zip(keys, texts, strict=True):
            if found[key] is None:
                found[key] = Halfway.from_bytes(kept.get(key, b""), self.encoder.dimension) or self.encoder.halfway(ids)
        self._compared.put({key: halfway for key, halfway in found.items() if halfway})
        return [found[key] for key in keys]

    def _halfway_key(self, ids: npt.NDArray[np.int32], role: str = "halfway") -> bytes:
        return hashlib.sha256(f"{self.encoder.name}\0{role}\0".encode() + ids.tobytes()).digest()

    def _through_cache(
        self,
        texts: Sequence[str],
        role: str,
        encode: Callable[[Sequence[str]], Encoded],
        progress: Callable[[int, int], None] | None,
    ) -> Encoded:
        keys = [self._key(role, text) for text in texts]
        stored = {key: data for key, data in self._kept.read(keys).items() if self._fits(data)}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in stored}
        for start in range(0, len(missing), _BATCH):
            batch = dict(list(missing.items())[start : start + _BATCH])
            encoded = dict(zip(batch, _packed(encode(list(batch.values()))), strict=True))
            self._kept.write(encoded)
            stored |= encoded
            if progress:
                progress(start + len(batch), len(missing))
        # What was just encoded is rounded too, so that a vector is the same at this start and at the next.
        return self._unpacked([stored[key] for key in keys])

    def _fits(self, data: bytes) -> bool:
        tokens = len(data) - self._vector_bytes
        return tokens >= 0 and tokens % token_bytes(self.encoder.token_dimension) == 0

    def _unpacked(self, rows: Sequence[bytes]) -> Encoded:
        size = self._vector_bytes
        vectors = np.frombuffer(b"".join(row[:size] for row in rows), dtype=np.float16).astype(np.float32)
        tokens = (Tokens.from_bytes(row[size:], self.encoder.token_dimension) for row in rows)
        return Encoded(unit_rows(vectors.reshape(len(rows), self.encoder.dimension)), tuple(tokens))

    def _key(self, role: str, text: str) -> bytes:
        return hashlib.sha256(f"{self.encoder.name}\0{role}\0{text}".encode("utf-8", "replace")).digest()


def _packed(encoded: Encoded) -> list[bytes]:
    """The vector of each text in 16 bits, then its tokens."""
    vectors = encoded.vectors.astype(np.float16)
    return [vector.tobytes() + tokens.to_bytes() for vector, tokens in zip(vectors, encoded.tokens, strict=True)]


class _VectorFile:
    """Bytes by key in a SQLite file, or in memory. Never raises: what cannot be kept is not kept.

    A file holds what one encoder made: another begins it anew, or the file would grow with every new model.
    """

    def __init__(self, path: Path | None, encoder: str) -> None:
        self._path = path
        self._encoder = crc32(encoder.encode()) >> 1  # SQLite keeps 31 bits
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}

        def look_up(connection: sqlite3.Connection) -> None:
            with closing(connection.cursor()) as cursor:
                for start in range(0, len(keys), 500):
                    some = keys[start : start + 500]
                    marks = ",".join("?" * len(some))
                    cursor.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)  # noqa: S608 - only marks
                    found.update(cursor.fetchall())

        self._try(look_up)
        return found

    def write(self, vectors: Mapping[bytes, bytes]) -> None:
        def put(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", list(vectors.items()))

        self._try(put)

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _try(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with self._lock:
            try:
                work(self._connect())
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Start afresh at the next call: with a new connection, and a new file if this one is damaged."""
        damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
        _log.warning("vector cache damaged, begun anew" if damaged else "vector cache unavailable", reason=str(error))
        self._disconnect()
        if damaged and self._path:
            try:
                for ending in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            except OSError as refused:
                _log.warning("vector cache cannot be removed", reason=str(refused))

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path or ":memory:", check_same_thread=False, timeout=_LOCKED_SECONDS, isolation_level=None
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=OFF")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            self._take_over(self._connection)
        return self._connection

    def _take_over(self, connection: sqlite3.Connection) -> None:
        """Empty the file of another encoder, once, whoever else takes it over meanwhile."""
        if self._is_ours(connection):
            return
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if not self._is_ours(connection):
                connection.execute("DELETE FROM vectors")
                connection.execute(f"PRAGMA user_version = {self._encoder}")

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] == self._encoder)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
