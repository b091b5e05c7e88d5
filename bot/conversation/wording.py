"""The fixed sentences, and replies made of articles, in the resident's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource

from bot.conversation.language import ENGLISH, SIMPLIFIED, TRADITIONAL
from bot.messages import Choice, Reply, Source
from index.variants import to_traditional
from knowledge.articles import ServedArticle
from knowledge.models import Kind, Verdict

_LOCALE = Path(__file__).parent.parent / "locale"


Rows = tuple[tuple[Choice, ...], ...]


class Wording:
    """Says things in one language."""

    def __init__(self, language: str, timezone: str) -> None:
        self.language = language
        self._timezone_name = timezone
        self._timezone = ZoneInfo(timezone)
        self._bundle = _bundle(ENGLISH if language == ENGLISH else SIMPLIFIED)

    def in_language(self, language: str) -> Wording:
        """The same in another language."""
        return Wording(language, self._timezone_name)

    def say(self, name: str, **values: str | int) -> str:
        """The fixed sentence `name` with its values filled in, in Simplified Chinese where Chinese is spoken."""
        message = self._bundle.get_message(name)
        text, errors = self._bundle.format_pattern(message.value, values)
        if errors:
            raise ValueError(f"The sentence {name} in the locale files cannot be said: {errors[0]}")
        return str(text)

    def button(self, token: str, name: str, **values: str | int) -> Choice:
        """A button with a fixed label."""
        return Choice(token, self.say(name, **values))

    def reply(self, text: str, choices: Rows = (), sources: Sequence[Source] = ()) -> Reply:
        """A reply in this language; Traditional readers get everything converted."""
        if self.language == TRADITIONAL:
            choices = tuple(tuple(Choice(c.token, to_traditional(c.label)) for c in row) for row in choices)
        return Reply(text=self.shown(text), choices=choices, sources=tuple(sources), language=self.language)

    def shown(self, text: str) -> str:
        """A Chinese text in the characters of this language's readers."""
        return to_traditional(text) if self.language == TRADITIONAL else text

    def mark(self, kind: Kind, verdict: Verdict | None) -> str:
        """Mark and word of a verdict; those of the kind where there is none."""
        return self.say(f"mark-{(verdict or kind).value}")

    def headline(self, article: ServedArticle) -> str:
        """Verdict mark first, then what it is about."""
        return self.say("headline", mark=self.mark(article.kind, article.verdict), title=about(article))

    def answer(self, article: ServedArticle) -> str:
        """An article as it is first shown: conclusion, what to do, source and dates."""
        lines = [self.headline(article), article.short_answer]
        if article.kind is Kind.SCAM_ALERT:
            lines.append(self.say("scam-stop"))
        lines += ["", self.say("what-to-do"), *(f"· {step}" for step in article.what_to_do)]
        if article.when_to_call:
            lines.append(self.say("when-to-call", text=article.when_to_call))
        return "\n".join([*lines, "", *self._origin(article)])

    def full_text(self, article: ServedArticle) -> str:
        """The whole article, without its Markdown signs."""
        body = [line.lstrip("#").strip().replace("**", "") for line in article.body.splitlines()]
        text = "\n".join(f"· {line[2:]}" if line.startswith("- ") else line for line in body if line)
        return "\n".join([self.headline(article), "", text, "", *self._origin(article)])

    def sources(self, article: ServedArticle) -> str:
        """Every source of an article, with its address, and how far they reach."""
        lines = [self.headline(article), "", self.say("full-sources")]
        for number, source in enumerate(article.sources, start=1):
            lines.append(
                self.say(
                    "source-item",
                    number=str(number),
                    publisher=source.publisher,
                    title=source.title,
                    date=source.date or "",
                ).rstrip()
            )
            lines.append(source.url)
        if article.regions:
            lines.append(self.say("page-regions", regions="、".join(article.regions)))
        if article.single_source:
            lines.append(self.say("page-one-source"))
        return "\n".join([*lines, "", self._dates(article)])

    def _origin(self, article: ServedArticle) -> list[str]:
        publishers = list(dict.fromkeys(source.publisher for source in article.sources))[:2]
        return [self.say("source-line", publishers="、".join(publishers)), self._dates(article)]

    def _dates(self, article: ServedArticle) -> str:
        return self.say("dated-line", updated=self._day(article.updated_at), review=article.review_by.isoformat())

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._timezone).date().isoformat()


def about(article: ServedArticle) -> str:
    """What stands beside the verdict: of a debunk the claim, for its title may ask the contrary, and "false" beside
    that reads like the answer to it; of anything else the title."""
    if article.kind is Kind.DEBUNK and article.claim:
        return f"“{article.claim.rstrip('。.')}”"
    return article.title


def shown_sources(article: ServedArticle) -> tuple[Source, ...]:
    """The sources of an article as a reply carries them."""
    return tuple(Source(s.title, s.publisher, s.url, s.date) for s in article.sources)


@lru_cache(maxsize=2)
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for file in (f"{language}.ftl", f"desk.{language}.ftl"):
        bundle.add_resource(FluentResource((_LOCALE / file).read_text(encoding="utf-8")))
    return bundle
