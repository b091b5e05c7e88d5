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

_ASKS = re.compile(
    r"[?？吗么呢嘛]|什么|怎|如何|哪|几|多少|多久|多大|谁|为何|为啥|是否|"
    r"能不能|会不会|是不是|有没有|可不可以|该不该|要不要"
)
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
    def asked(self) -> tuple[str, ...]:
        """Title and phrasings."""
        return (self.title, *self.phrasings)

    @property
    def text(self) -> str:
        """All of it, for the word index."""
        return "\n".join((*self.asked, self.summary, self.body))


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that is searched."""

    text: str
    is_asked: bool
    """It asks or claims, as a resident does, and is encoded as one; otherwise it answers."""


def passages(document: Document) -> list[Passage]:
    """The passages of a document, the title first, none twice."""
    answers = [f"{document.title}\n{document.summary}"] if document.summary else []
    answers += [f"{document.title}\n{piece}" if document.title else piece for piece in _pieces(document.body)]
    # Where a title asks, or is all there is, people ask in its words; other titles say what the document tells.
    asks = bool(_ASKS.search(document.title)) or not answers
    asked = [*([document.title] if asks else []), *document.phrasings]
    told = [*([] if asks else [document.title]), *answers]
    found = {text: False for text in told} | {text: True for text in asked}
    order = dict.fromkeys((*document.asked, *answers))
    return [Passage(text, found[text]) for text in order if text.strip()]


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
