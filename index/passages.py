"""An article cut into what is searched.

One vector for a whole article blurs what it says; a long document cut off loses its end. So the title, the claim,
each phrasing and each piece of the body are found separately, and the article scores as its best passage does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.article_content import ArticleContent

PASSAGE_CHARACTERS = 180
"""About 120 tokens: short enough for one thought, long enough to carry its context."""

_HEADING = re.compile(r"^#{1,6}\s*")
_BULLET = re.compile(r"^[-*+]\s+")
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])(?!\n)")


@dataclass(frozen=True, slots=True)
class Document:
    """What is searched of one article, whatever it came from."""

    id: int
    title: str
    phrasings: tuple[str, ...] = ()
    """Short texts that each stand for the whole: the claim, the ways it is asked."""
    summary: str = ""
    body: str = ""

    @staticmethod
    def of(article_id: int, content: ArticleContent) -> Document:
        """The document of an article."""
        claim = (content.claim,) if content.claim else ()
        summary = " ".join((content.short_answer, *content.what_to_do))
        return Document(article_id, content.title, claim + content.asked_as, summary, content.body)

    @property
    def text(self) -> str:
        """All of it, for the word index."""
        return "\n".join((self.title, *self.phrasings, self.summary, self.body))


def passages(document: Document) -> list[str]:
    """The passages of a document, the title first, none twice."""
    found = [document.title, *document.phrasings]
    if document.summary:
        found.append(f"{document.title}\n{document.summary}")
    found.extend(f"{document.title}\n{piece}" if document.title else piece for piece in _pieces(document.body))
    return list(dict.fromkeys(text for text in found if text.strip()))


def _pieces(body: str) -> Iterator[str]:
    """The body in pieces of about `PASSAGE_CHARACTERS`, cut where a sentence ends; a heading goes with what follows."""
    piece = ""
    for sentence in _sentences(body):
        if piece and len(piece) + len(sentence) > PASSAGE_CHARACTERS:
            yield piece.strip()
            piece = ""
        piece += sentence
    if piece.strip():
        yield piece.strip()


def _sentences(body: str) -> Iterator[str]:
    """The sentences in order, none empty; a heading comes with the first sentence below it, on a line of its own."""
    headings = ""
    for line in body.splitlines():
        text = _BULLET.sub("", _HEADING.sub("", line.strip())).replace("**", "")
        if text and _HEADING.match(line.strip()):
            headings += f"{text}\n"
            continue
        for sentence in filter(None, _SENTENCE_END.split(text and f"{text}\n")):
            for start in range(0, len(sentence), PASSAGE_CHARACTERS):
                yield headings + sentence[start : start + PASSAGE_CHARACTERS]
                headings = ""
    if headings:
        yield headings
