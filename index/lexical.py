"""The word index: which documents use the words of a query."""

from __future__ import annotations

import tantivy

from index.variants import terms
from index.vectors import Hit

_MEMORY = 50_000_000
_MAX_QUERY_TERMS = 200


class WordIndex:
    """Folded texts by id, ranked by BM25 (Robertson et al. 1994; k1 1.2, b 0.75) over character bigrams and words."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=True, indexed=True, fast=True)
        builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(heap_size=_MEMORY, num_threads=1)
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def replace(self, texts: dict[int, str | None]) -> None:
        """Bring these ids up to these folded texts; none takes an id away."""
        if not texts:
            return
        for identity, text in texts.items():
            self._writer.delete_documents_by_term("id", identity)
            if text is not None:
                self._writer.add_document(tantivy.Document(id=identity, terms=" ".join(terms(text))))
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, folded: str, limit: int) -> list[Hit]:
        """The best `limit` ids for a folded query, best first, with their BM25 scores."""
        wanted = list(dict.fromkeys(terms(folded)))[:_MAX_QUERY_TERMS]
        if not wanted:
            return []
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "terms", term)) for term in wanted]
        )
        searcher = self._searcher
        found = searcher.search(query, limit).hits
        return [Hit(int(searcher.doc(address)["id"][0]), float(score)) for score, address in found]
