"""What a question says or asks for that speaks against an article which only lies near.

An article lies near to much that it does not settle: the same rumour about another village, the same rule for another
age, what to do about a burn when it is on fever and both speak of ice. Such a question is never answered surely.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.aspects import Aspect, asked_for, told_of
from index.facts import Facts
from index.passages import Document
from index.variants import fold_all


@dataclass(frozen=True, slots=True)
class Veto:
    """What speaks against an article; false where nothing does."""

    contradicts: bool
    """Its amounts, places, injuries or denials are others."""
    lacks: frozenset[Aspect]
    """What is asked for and the article never speaks of."""

    def __bool__(self) -> bool:
        return self.contradicts or bool(self.lacks)


@dataclass(frozen=True, slots=True)
class Stated:
    """What an article states that a question could go against."""

    claimed: Facts
    """Of its title."""
    about: Facts
    """Of its title and phrasings."""
    aspects: frozenset[Aspect]
    """What all of it speaks of."""

    @staticmethod
    def of(document: Document) -> Stated:
        """What a document states."""
        return Stated(
            Facts.of(fold_all(document.title)),
            Facts.of(fold_all("\n".join(document.asked))),
            told_of(fold_all(document.text)),
        )

    def veto(self, folded: str) -> Veto:
        """What a folded question has against it.

        A place or an injury that only the question names is enough; an amount is not, since people tell their age and
        what they paid: it speaks against an article whose title names another of the same unit.
        """
        asked = Facts.of(folded)
        is_elsewhere = bool(asked.places) and asked.places.isdisjoint(self.about.places)
        is_other_injury = not asked.injuries <= self.about.injuries
        is_other_amount = self.claimed.differ_in_amount(asked)
        contradicts = is_elsewhere or is_other_injury or is_other_amount or self.about.differ_in_denial(asked)
        return Veto(contradicts, asked_for(folded) - self.aspects)
