"""What all channels share: a message that came in, and what to say to it.

A channel narrows its platform's update to an `IncomingMessage`, hands it to the conversation, and sends the
`Reply` it gets back. Nothing here knows a platform.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message of one resident, free of any platform.

    One of `text`, `pressed` and `unsupported` says what the resident did, the others keep their defaults; or `text` is
    the caption of something `unsupported`.
    """

    channel: str
    """Short name of the channel: ``telegram``, ``web`` or ``terminal``."""
    address: str
    """Where a reply goes on that channel, such as a chat id. Stored only hashed and encrypted."""
    key: str
    """Names this message on its channel for ever: the same key again is the same message, delivered twice."""
    text: str = ""
    """What was written, as it was written; may hold anything at all."""
    forwarded: bool = False
    """Whether it was passed on from somebody else, so that it is a claim and not the resident's own words."""
    pressed: str | None = None
    """The `Choice.token` of the button that was pressed."""
    unsupported: str | None = None
    """The kind of a message, or of what came with the text, that cannot be read yet: ``photo``, ``voice``..."""
    quoted: str = ""
    """What the text answers or quotes of what people wrote, on platforms that tell."""
    quotes_forward: bool = False
    """Whether what is quoted was passed on from somebody else."""
    received_at: datetime = field(default_factory=_now)
    """When it reached us, in UTC."""


class ReplyGone(Exception):
    """The message was handled before, and what was said then is not kept any more."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a reply."""

    token: str
    """What comes back as `IncomingMessage.pressed`; at most 64 bytes, Telegram's limit."""
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from, as shown to residents."""

    title: str
    publisher: str
    url: str
    date: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What to say, and the decision behind it.

    The first line of `text` is the headline: verdict mark and conclusion. A channel may emphasise it, and must
    otherwise send the text as it is; it is plain text, never markup.
    """

    text: str
    choices: tuple[tuple[Choice, ...], ...] = ()
    """Rows of buttons, top to bottom."""
    sources: tuple[Source, ...] = ()
    language: str = "zh-Hans"
    """BCP 47 tag of the text: ``zh-Hans``, ``zh-Hant`` or ``en``."""
    route: str = ""
    band: str | None = None
    """``sure``, ``ambiguous`` or ``unknown``; none where nothing was searched."""
    probability: float | None = None
    """Calibrated probability that `article` answers; none where nothing was searched."""
    article: str | None = None
    """Slug of the article that was served."""
    verdict: str | None = None
    rumour: str | None = None
    """Short id of the rumour the message was logged under."""
    ms: float = 0.0
    """Milliseconds from receiving the message to having this reply."""
    turn: int = 0
    """Id of the remembered turn; the channel confirms delivery with it."""
    repeated: bool = False
    """The message had been handled before; this is the reply it got then."""

    def as_json(self) -> dict[str, Any]:
        """The reply as plain values, for the database and for channels that speak JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["choices"] = [[{"token": choice.token, "label": choice.label} for choice in row] for row in self.choices]
        plain["sources"] = [asdict(source) for source in self.sources]
        return plain

    @staticmethod
    def from_json(data: dict[str, Any]) -> Reply:
        """The reply again."""
        choices = tuple(tuple(Choice(**choice) for choice in row) for row in data["choices"])
        sources = tuple(Source(**source) for source in data["sources"])
        return Reply(**{**data, "choices": choices, "sources": sources})
