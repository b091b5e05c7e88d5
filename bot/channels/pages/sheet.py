"""The sheet for the notice board: what stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.channels.pages.view import Words
from bot.channels.web.presentation import tone_of
from bot.conversation.wording import about
from knowledge.models import Kind
from knowledge.reading import WholeArticle

_PUBLISHERS = 3
"""How many of the sources are named; the code leads to all of them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands on a sheet, in the reader's language."""

    notice: str
    site: str
    verdict: str
    tone: str
    title: str
    hook: str
    """What a scammer says; empty for anything but a scam."""
    answer: str
    regions: str
    """Where it holds; empty for everywhere."""
    steps_label: str
    steps: tuple[str, ...]
    call: str
    notes: tuple[str, ...]
    scan: str
    url: str
    language: str
    made_of: datetime
    """When the article was last changed; the file says so as its date, so the same article makes the same file."""

    @classmethod
    def of(cls, article: WholeArticle, words: Words, *, url: str, site: str, language: str) -> Sheet:
        """The sheet of an article whose page is at `url`."""
        served = article.served
        mark = words.mark(article)
        publishers = list(dict.fromkeys(source.publisher for source in served.sources))[:_PUBLISHERS]
        scam = served.kind is Kind.SCAM_ALERT
        hook = f"{words.say('page-hook')}：“{words.text(served.claim)}”" if scam and served.claim else ""
        return cls(
            notice=words.say("sheet-notice"),
            site=site,
            verdict=mark.partition(" ")[2],
            tone=tone_of(mark),
            title=words.text(about(served)),
            hook=hook,
            answer=words.text(served.short_answer),
            regions=words.say("page-regions", regions="、".join(served.regions)) if served.regions else "",
            steps_label=words.say("page-steps"),
            steps=tuple(words.text(step) for step in served.what_to_do),
            call=words.text(served.when_to_call or ""),
            notes=(
                words.say("sheet-sources", publishers="、".join(publishers)),
                words.say("page-updated", date=words.day(served.updated_at)),
                words.say("page-review-by", date=served.review_by.isoformat()),
                *([words.say("page-one-source")] if served.single_source else []),
            ),
            scan=words.say("sheet-scan"),
            url=url,
            language=language,
            made_of=served.updated_at,
        )
