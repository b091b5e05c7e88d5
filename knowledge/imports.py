"""Many articles at once: what a file that was read becomes. Only drafts: nothing is published by a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import editing
from knowledge.article_content import ArticleContent
from knowledge.errors import ArticleNotFound, EditConflict, FieldProblem, NotAllowed
from knowledge.models import Status
from knowledge.people import Actor
from knowledge.uploads import Upload


class Outcome(StrEnum):
    """What an import makes of an article."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(slots=True)
class Report:
    """What became, or would become, of each article of a file."""

    outcomes: list[tuple[str, str, Outcome]] = field(default_factory=list)
    """Where it stands, its slug, and what it is."""
    problems: dict[str, list[FieldProblem]] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        """How many articles came to this."""
        return sum(found is outcome for _, _, found in self.outcomes)


async def load(session: AsyncSession, actor: Actor, upload: Upload, *, at: datetime, dry_run: bool) -> Report:
    """Keep what was read as drafts, or with `dry_run` only say what would be kept. The caller commits.

    An article whose draft is not published is left as it is: nobody's unpublished work is covered by a file.
    """
    report = Report(problems={where: list(problems) for where, problems in upload.problems.items()})
    for where, content in upload.articles.items():
        try:
            outcome = await _load_one(session, actor, content, at=at, dry_run=dry_run)
        except NotAllowed:
            reason = "your roles do not allow you to write this kind of article"
            report.problems[where] = [FieldProblem("kind", reason)]
        except EditConflict:
            report.problems[where] = [FieldProblem("article", "was changed by somebody else meanwhile")]
        except _DraftInTheWay:
            reason = "has a draft that is not published; publish it or give it up first"
            report.problems[where] = [FieldProblem("article", reason)]
        else:
            report.outcomes.append((where, content.slug, outcome))
    return report


class _DraftInTheWay(Exception):
    pass


async def _load_one(
    session: AsyncSession, actor: Actor, content: ArticleContent, *, at: datetime, dry_run: bool
) -> Outcome:
    try:
        newest = await editing.newest(session, content.slug)
    except ArticleNotFound:
        newest = None
    editing.must_edit(actor, content.kind)
    if newest and newest.content == content.model_dump(mode="json"):
        return Outcome.SAME
    if newest and newest.status is Status.DRAFT:
        raise _DraftInTheWay
    if not dry_run:
        await editing.save_draft(session, actor, content, base=newest.number if newest else 0, at=at)
    return Outcome.CHANGED if newest else Outcome.NEW
