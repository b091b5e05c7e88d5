"""What a question says or asks for that speaks against an article which only lies near.

An article lies near to much that it does not settle: the same rumour about another village, what to do about a burn
when it is on fever and both speak of ice. Such a question is never answered surely.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.aspects import Aspect, asked_for, told_of
from index.facts import Facts
from index.passages import Document
from index.places import places_in
from index.variants import fold_all


@dataclass(frozen=True, slots=True)
class Veto:
    """What speaks against an article; false where nothing does."""

    contradicts: bool
    """Its places or injuries are others."""
    lacks: frozenset[Aspect]
    """What is asked for and the article never speaks of."""

    def __bool__(self) -> bool:
        return self.contradicts or bool(self.lacks)


@dataclass(frozen=True, slots=True)
class Stated:
    """What an article states that a question could go against."""

    about: Facts
    """Of its title and phrasings; of all of it where it has none, since a bare title leaves out most."""
    aspects: frozenset[Aspect]
    """What it speaks of, not counting what is told in its phrasings, and what they ask for."""
    places: frozenset[str]
    """Which it names."""
    has_phrasings: bool

    @staticmethod
    def of(document: Document) -> Stated:
        """What a document states."""
        everything = fold_all(document.text)
        asked = fold_all("\n".join(document.asked)) if document.phrasings else everything
        own = fold_all("\n".join((document.title, document.summary, document.body)))
        return Stated(
            about=Facts.of(asked),
            aspects=told_of(own) | asked_for(asked),
            places=places_in(everything),
            has_phrasings=bool(document.phrasings),
        )

    def shares_places(self, folded: str) -> float:
        """How many of the places that a folded question names the document names too: from -1, none, to 1, all; 0
        where the question names none."""
        asked = places_in(folded)
        return 2 * len(asked & self.places) / len(asked) - 1 if asked else 0.0

    def veto(self, folded: str) -> Veto:
        """What a folded question has against it.

        A place or an injury that only the question names is enough; an amount is not, since people tell their age and
        what they paid. Without phrasings nothing says for which places an article holds, which is left to
        `shares_places`. Nor does a denial speak against an article: that garlic cures no cancer is settled by the same
        one as that it does.
        """
        asked = Facts.of(folded)
        is_other_injury = not asked.injuries <= self.about.injuries
        is_elsewhere = self.has_phrasings and bool(asked.places) and asked.places.isdisjoint(self.about.places)
        return Veto(is_other_injury or is_elsewhere, asked_for(folded) - self.aspects)
