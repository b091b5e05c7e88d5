"""One message being answered inside one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.wording import Wording
from bot.messages import Reply
from index.search import Query
from knowledge.articles import ServedArticle
from knowledge.models import Band, RumourKind
from knowledge.residents import Known
from knowledge.rumours import Seen


@dataclass(slots=True)
class Exchange:
    """What the parts of the conversation share while they answer one message."""

    session: AsyncSession
    channel: str
    turn_id: int
    resident: Known
    wording: Wording
    text: str
    """Cleaned and redacted."""
    received_at: datetime
    today: date
    """In the residents' time zone."""
    forgotten: bool = False
    """The resident asked to be forgotten, and was."""
    opened: list[tuple[int, Query]] = field(default_factory=list)
    """Rumours opened on the way; the cluster index learns of them after the commit."""

    def seen(self, kind: RumourKind) -> Seen:
        """This message as a sighting."""
        return Seen(
            turn_id=self.turn_id,
            resident_id=self.resident.id,
            text=self.text,
            kind=kind,
            received_at=self.received_at,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the facts about it that are remembered."""

    reply: Reply
    article: ServedArticle | None = None
    band: Band | None = None
    probability: float | None = None
    rumour_id: int | None = None
