"""How a rumour looks in the chat of somebody who works at the desk: a few lines, and buttons for what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.wording import Rows, Wording, shown_sources
from bot.messages import Choice, Reply
from knowledge import editing
from knowledge.articles import ServedArticle
from knowledge.desk.detail import Draft
from knowledge.desk.steps import CANNED, DEBUNKS
from knowledge.models import UNSETTLED, AlertReason, Harm, Rumour, RumourStatus
from knowledge.people import Actor

_SHOWN = 300
"""Characters of a rumour on its card."""
_ON_BUTTON = 24


class DeskCards:
    """Makes replies of rumours. `public_url` is where the console is, as far as it is known."""

    def __init__(self, timezone: str, public_url: str | None) -> None:
        self._zone = ZoneInfo(timezone)
        self._public_url = public_url.rstrip("/") if public_url else None

    def card(
        self,
        wording: Wording,
        rumour: Rumour,
        actor: Actor,
        person: str | None,
        *,
        first: str = "",
        why: Sequence[str] = (),
    ) -> Reply:
        """A rumour; `person` works on it. `first` goes before the headline, `why` says what this is about."""
        head = wording.say("desk-headline", rumour=rumour.ref, count=rumour.sightings, harm=rumour.harm)
        lines = [
            *([first] if first else []),
            head,
            f"“{_shortened(rumour.text, _SHOWN)}”",
            *why,
            wording.say("desk-state", status=rumour.status.value, person=person or "nobody"),
        ]
        if rumour.answer_due is not None and rumour.status in UNSETTLED:
            lines.append(wording.say("desk-due-at", moment=self._moment(rumour.answer_due)))
        if self._public_url:
            lines.append(wording.say("desk-link", address=f"{self._public_url}/console/desk/{rumour.id}"))
        return wording.reply("\n".join(lines), _buttons(wording, rumour, actor))

    def draft(self, wording: Wording, rumour: Rumour, article: ServedArticle, draft: Draft, *, own: bool) -> Reply:
        """The whole draft as residents would read it, and the button that signs it off."""
        lines = [
            wording.say("desk-draft-headline", rumour=rumour.ref, revision=draft.newest.number),
            "",
            wording.answer(article),
            "",
            wording.full_text(article),
            "",
            wording.sources(article),
        ]
        if draft.signers:
            lines += ["", wording.say("desk-draft-signed", people="、".join(person.name for person in draft.signers))]
        back = wording.button(f"desk:show:{rumour.id}", "desk-button-back")
        if own:
            lines += ["", wording.say("desk-draft-own")]
            rows: Rows = ((back,),)
        else:
            token = f"desk:sign:{rumour.id}:{rumour.version}:{draft.newest.number}"
            rows = ((wording.button(token, "desk-button-sign"),), (back,))
        return wording.reply("\n".join(lines), rows, shown_sources(article))

    def pick_canned(self, wording: Wording, rumour: Rumour, version: int) -> Reply:
        """Which canned reply those who asked are to get."""
        names = [(f"desk:mark:{rumour.id}:{version}:{name}", f"desk-button-{name}") for name in CANNED]
        return _menu(wording, rumour, "desk-pick-canned", names)

    def pick_harm(self, wording: Wording, rumour: Rumour, version: int) -> Reply:
        """How much harm a rumour does."""
        names = [
            (f"desk:rate:{rumour.id}:{version}:{harm.value}", f"desk-button-harm-{harm.value}")
            for harm in Harm
            if harm is not Harm.UNRATED
        ]
        return _menu(wording, rumour, "desk-pick-harm", names)

    def listed(self, wording: Wording, mine: Sequence[Rumour], hot: Sequence[Rumour]) -> Reply:
        """What somebody works on, and what is hot and nobody's."""
        if not mine and not hot:
            return wording.reply(wording.say("desk-list-empty"))
        rows = tuple((_named(wording, rumour),) for rumour in (*mine, *hot))
        return wording.reply(wording.say("desk-list", mine=len(mine), hot=len(hot)), rows)

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")


def why(wording: Wording, reason: AlertReason, question: str | None) -> list[str]:
    """Why somebody hears of a rumour."""
    lines = [wording.say(f"desk-{reason.value}")]
    if question:
        lines.append(wording.say("desk-question-text", text=question))
    return lines


def _buttons(wording: Wording, rumour: Rumour, actor: Actor) -> Rows:
    if rumour.status not in UNSETTLED:
        return ()
    region, number = rumour.region or None, f"{rumour.id}:{rumour.version}"
    rows: list[tuple[Choice, ...]] = []
    if rumour.status is RumourStatus.REVIEW and actor.may(editing.SIGNS, region):
        rows.append((wording.button(f"desk:draft:{rumour.id}", "desk-button-draft"),))
    if actor.may(DEBUNKS, region):
        mine = rumour.assigned_to_id == actor.id
        name = "release" if mine else "claim"
        rows.append((wording.button(f"desk:{name}:{number}", f"desk-button-{name}"),))
        rows.append(
            (
                wording.button(f"desk:canned:{number}", "desk-button-canned"),
                wording.button(f"desk:harm:{number}", "desk-button-harm"),
            )
        )
    return tuple(rows)


def _menu(wording: Wording, rumour: Rumour, sentence: str, names: Sequence[tuple[str, str]]) -> Reply:
    rows = [(wording.button(token, name),) for token, name in names]
    rows.append((wording.button(f"desk:show:{rumour.id}", "desk-button-back"),))
    return wording.reply(wording.say(sentence, rumour=rumour.ref), tuple(rows))


def _named(wording: Wording, rumour: Rumour) -> Choice:
    label = wording.say(
        "desk-button-rumour", rumour=rumour.ref, count=rumour.sightings, text=_shortened(rumour.text, _ON_BUTTON)
    )
    return Choice(f"desk:show:{rumour.id}", label)


def _shortened(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
