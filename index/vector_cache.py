"""Vectors of texts that were encoded before, so that a start does not encode the knowledge base again.

Derived data: the file may be deleted at any time and costs only time.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.encoder import Encoder, FloatMatrix

_BATCH = 64


class CachedEncoder:
    """Encodes passages through a file of earlier results; queries go straight through.

    Safe to use from several threads and processes. `path` none keeps nothing between starts.
    """

    def __init__(self, encoder: Encoder, path: Path | None) -> None:
        self.encoder = encoder
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=30, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def encode_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """Float32 unit rows [len(texts), dimension]."""
        return self.encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> FloatMatrix:
        """Float32 unit rows [len(texts), dimension]; `progress` hears how many of the unknown texts are done."""
        return self._through_cache(texts, "passage", self.encoder.encode_passages, progress)

    def encode_kept_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """As `encode_queries`, for texts that will be asked for again at the next start, such as rumours."""
        return self._through_cache(texts, "query", self.encoder.encode_queries, None)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _through_cache(
        self,
        texts: Sequence[str],
        role: str,
        encode: Callable[[Sequence[str]], FloatMatrix],
        progress: Callable[[int, int], None] | None,
    ) -> FloatMatrix:
        keys = [self._key(role, text) for text in texts]
        vectors = np.zeros((len(texts), self.encoder.dimension), dtype=np.float32)
        known = self._read(keys)
        missing = [row for row, key in enumerate(keys) if key not in known]
        for row, key in enumerate(keys):
            if key in known:
                vectors[row] = np.frombuffer(known[key], dtype=np.float16).astype(np.float32)
        for start in range(0, len(missing), _BATCH):
            rows = missing[start : start + _BATCH]
            vectors[rows] = encode([texts[row] for row in rows])
            self._write([(keys[row], vectors[row].astype(np.float16).tobytes()) for row in rows])
            if progress:
                progress(start + len(rows), len(missing))
        return vectors

    def _key(self, role: str, text: str) -> bytes:
        return hashlib.sha256(f"{self.encoder.name}\0{role}\0{text}".encode("utf-8", "replace")).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        with self._lock, closing(self._file.cursor()) as cursor:
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ",".join("?" * len(some))
                cursor.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)  # noqa: S608 - only marks
                found.update(cursor.fetchall())
        return found

    def _write(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            self._file.execute("COMMIT")
