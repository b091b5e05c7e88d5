"""Writing an article: the form with its live preview, and the steps from a draft to publication."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from bot.console.articles import form
from bot.console.articles.form import Given
from bot.console.articles.preview import Previewer
from bot.console.articles.problems import field_of, sentence_of
from bot.console.visit import Page, Visit
from knowledge import article_rules, articles, differences, editing, shelf
from knowledge.article_content import AUDIENCES, ArticleContent
from knowledge.desk import detail, queue, verdicts
from knowledge.desk.steps import Step, begun
from knowledge.errors import (
    ArticleNotFound,
    DraftBegun,
    EditConflict,
    FieldProblem,
    NotAllowed,
    NotFound,
    RumourChanged,
    RumourNotFound,
)
from knowledge.models import ArticleRevision, Kind, Role, Rumour, Topic, Verdict
from knowledge.shelf import Standing

HERE = "/console/articles"
READS = frozenset({Role.EDITOR, Role.DEBUNKER, Role.EXPERT})
WRITES = editing.EDITS_DEBUNKS
_EMPTY_SOURCES = 3
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 80


class WritingPages:
    """The pages on which one article is written, read and published."""

    def __init__(self, timezone: str, published: Callable[[], None]) -> None:
        """`published` is called once residents' search should look for changes."""
        self._previewer = Previewer(timezone)
        self._published = published

    def pages(self) -> Sequence[Page]:
        """Every page, with who may use it; what has a fixed name comes before the articles' own."""
        one = f"{HERE}/{{slug}}"
        return [
            Page("GET", f"{HERE}/new", self._new, WRITES),
            Page("POST", HERE, self._create, WRITES),
            Page("POST", f"{HERE}/preview", self._preview, READS, writes=False),
            Page("GET", one, self._show, READS),
            Page("POST", one, self._save, WRITES),
            Page("GET", f"{one}/history", self._history, READS),
            Page("POST", f"{one}/restore", self._restore, WRITES),
            Page("POST", f"{one}/submit", self._submit, WRITES),
            Page("POST", f"{one}/sign-off", self._sign_off, READS),
            Page("POST", f"{one}/publish", self._publish, WRITES),
            Page("POST", f"{one}/discard", self._discard, WRITES),
            Page("POST", f"{one}/retire", self._retire, WRITES),
        ]

    async def _new(self, visit: Visit) -> Response:
        """An empty form; for a rumour, one that says already what people say."""
        rumour = await _rumour(visit, visit.request.query_params.get("rumour", ""))
        fields = dict(form.EMPTY)
        if rumour is not None and rumour.settled_at:
            return visit.to(f"/console/desk/{rumour.id}")
        if rumour is not None and (article := await begun(visit.session, rumour)):
            return visit.to(f"{HERE}/{article.slug}")
        if rumour is not None:
            fields |= form.begun(rumour, [text for text, _ in await detail.variants(visit.session, rumour.id)])
        return await self._form(visit, fields, base=0, rumour=rumour)

    async def _create(self, visit: Visit) -> Response:
        rumour = await _rumour(visit, visit.value("rumour"))
        fields = form.given(visit)
        content, problems = form.check(fields)
        if content is None:
            return await self._form(visit, fields, base=0, problems=problems, status=422, rumour=rumour)
        other = ""
        try:
            if rumour is not None:
                step = Step(visit.person, _number(visit.value("version")), visit.now)
                await verdicts.draft(visit.session, rumour.id, content, step)
                return visit.to(f"/console/desk/{rumour.id}?done=saved")
            await editing.save_draft(visit.session, visit.person, content, base=0, at=visit.now)
        except EditConflict:
            problem = FieldProblem("slug", visit.say("articles-slug-taken"))
        except DraftBegun as refused:
            other = refused.slug
            problem = FieldProblem("rumour", visit.say("articles-rumour-begun", ref=refused.ref))
        except RumourChanged as changed:
            by = changed.by or visit.say("articles-machine")
            problem = FieldProblem("rumour", visit.say("articles-rumour-changed", ref=changed.ref, by=by))
        else:
            return visit.to(f"{HERE}/{content.slug}?done=saved")
        return await self._form(visit, fields, base=0, problems=[problem], status=409, rumour=rumour, begun=other)

    async def _show(self, visit: Visit) -> Response:
        standing = await shelf.standing(visit.session, _slug(visit))
        fields = dict(form.EMPTY) | standing.newest.content
        return await self._form(visit, fields, base=standing.newest.number, standing=standing)

    async def _save(self, visit: Visit) -> Response:
        slug = _slug(visit)
        fields, base = form.given(visit, slug), _number(visit.value("base"))
        content, problems = form.check(fields)
        standing = await shelf.standing(visit.session, slug)
        if content is None:
            return await self._form(visit, fields, base=base, standing=standing, problems=problems, status=422)
        try:
            await editing.save_draft(visit.session, visit.person, content, base=base, at=visit.now)
        except EditConflict as conflict:
            return await self._conflict(visit, fields, standing, conflict)
        await verdicts.ask_anew(visit.session, slug, base, visit.person, visit.now)
        return visit.to(f"{HERE}/{slug}?done=saved")

    async def _conflict(self, visit: Visit, fields: Given, standing: Standing, conflict: EditConflict) -> Response:
        """Both versions side by side; saving again puts one's own on top, knowingly."""
        theirs = standing.newest.content
        sides = [
            {
                "field": field_of(change.field, visit.words),
                "theirs": differences.text_of(theirs.get(change.field)),
                "mine": differences.text_of(fields.get(change.field)),
            }
            for change in differences.between(theirs, fields)
        ]
        return await self._form(
            visit, fields, base=conflict.newest, standing=standing, conflict=conflict, sides=sides, status=409
        )

    async def _preview(self, visit: Visit) -> Response:
        fields = form.given(visit)
        template = "preview.html" if visit.request.headers.get("hx-request") else "preview_page.html"
        return visit.page(f"articles/{template}", preview=await self._previewer.of(visit, fields))

    async def _form(
        self,
        visit: Visit,
        fields: Given,
        *,
        base: int,
        standing: Standing | None = None,
        problems: Sequence[FieldProblem] = (),
        status: int = 200,
        **more: Any,
    ) -> Response:
        kinds = [kind for kind in Kind if editing.may_edit(visit.person, kind)]
        may_edit = bool(kinds) and (standing is None or editing.may_edit(visit.person, standing.article.kind))
        values = {
            "fields": fields,
            "base": base,
            "standing": standing,
            "kinds": kinds,
            "topics": list(Topic),
            "verdicts": list(Verdict),
            "audiences": AUDIENCES,
            "may_edit": may_edit,
            "may_sign": visit.person.may(editing.SIGNS),
            "beside": form.beside(problems, visit.words),
            "problems": [sentence_of(problem, visit.words) for problem in problems],
            "advice": await _advice(visit, standing) if standing and not problems else [],
            "rows": [*fields["sources"], *({},) * _EMPTY_SOURCES],
            "preview": await self._previewer.of(visit, fields),
            "done": visit.request.query_params.get("done", ""),
            "conflict": None,
            "sides": [],
            "rumour": None,
            "begun": "",
        }
        return visit.page("articles/edit.html", status, **(values | more))

    async def _history(self, visit: Visit) -> Response:
        slug = _slug(visit)
        revisions = await editing.history(visit.session, slug)
        if not revisions:
            raise ArticleNotFound(slug)
        asked = visit.request.query_params
        newest = revisions[0][0].number
        new = _number(asked.get("new", "")) or newest
        old = _number(asked.get("old", "")) or max(1, new - 1)
        before, after = _pick(revisions, old), _pick(revisions, new)
        changes = [
            (field_of(change.field, visit.words), change.stretches)
            for change in differences.between(before.content, after.content)
        ]
        return visit.page(
            "articles/history.html",
            slug=slug,
            title=revisions[0][0].content["title"],
            revisions=revisions,
            newest=newest,
            old=old,
            new=new,
            changes=changes,
            may_edit=editing.may_edit(visit.person, Kind(revisions[0][0].content["kind"])),
        )

    async def _restore(self, visit: Visit) -> Response:
        slug, number, base = _slug(visit), _number(visit.value("revision")), _number(visit.value("base"))
        try:
            await editing.restore(visit.session, visit.person, slug, number, base=base, at=visit.now)
        except ValidationError:
            # The rules have changed since: the form says what has to be mended.
            old = await editing.revision_of(visit.session, slug, number)
            fields = dict(form.EMPTY) | old.content
            _, problems = form.check(old.content)
            standing = await shelf.standing(visit.session, slug)
            return await self._form(visit, fields, base=base, standing=standing, problems=problems, status=422)
        await verdicts.ask_anew(visit.session, slug, base, visit.person, visit.now)
        return visit.to(f"{HERE}/{slug}?done=restored")

    async def _submit(self, visit: Visit) -> Response:
        slug, session = _slug(visit), visit.session
        await editing.submit(session, visit.person, slug, _revision(visit), at=visit.now)
        for rumour in await _seen_to(visit, slug):
            await verdicts.submit(session, rumour.id, Step(visit.person, rumour.version, visit.now))
        return visit.to(f"{HERE}/{slug}?done=submitted")

    async def _sign_off(self, visit: Visit) -> Response:
        slug, session, revision = _slug(visit), visit.session, _revision(visit)
        await editing.sign_off(session, visit.person, slug, revision, at=visit.now)
        for rumour in await _seen_to(visit, slug):
            await verdicts.sign_off(session, rumour.id, revision, Step(visit.person, rumour.version, visit.now))
        return visit.to(f"{HERE}/{slug}?done=signed")

    async def _publish(self, visit: Visit) -> Response:
        slug = _slug(visit)
        standing = await shelf.standing(visit.session, slug)
        if standing.rumours:
            # Whoever asked is told from there.
            return visit.to(f"/console/desk/{standing.rumours[0].id}")
        await verdicts.correct(visit.session, slug, _revision(visit), visit.person, visit.now)
        visit.after.append(self._published)
        return visit.to(f"{HERE}/{slug}?done=published")

    async def _discard(self, visit: Visit) -> Response:
        slug, revision = _slug(visit), _revision(visit)
        await editing.discard(visit.session, visit.person, slug, revision, at=visit.now)
        await verdicts.ask_anew(visit.session, slug, revision, visit.person, visit.now)
        return visit.to(f"{HERE}/{slug}?done=discarded")

    async def _retire(self, visit: Visit) -> Response:
        slug = _slug(visit)
        editing.must_edit(visit.person, (await articles.get(visit.session, slug)).kind)
        await verdicts.withdraw(visit.session, slug, visit.person, visit.now)
        visit.after.append(self._published)
        return visit.to(f"{HERE}/{slug}?done=retired")


async def _advice(visit: Visit, standing: Standing) -> list[str]:
    """What a good article would do better; nothing of it keeps a draft from being saved."""
    _, problems = form.check(standing.newest.content)
    if problems:
        return []
    content = ArticleContent.model_validate(standing.newest.content)
    today = date.fromisoformat(visit.words.day(visit.now))
    return [sentence_of(problem, visit.words) for problem in article_rules.problems_of(content, today)]


async def _seen_to(visit: Visit, slug: str) -> list[Rumour]:
    """The rumours of this person's regions that wait for an article; the others stay for whoever sees to them."""
    return [each for each in (await shelf.standing(visit.session, slug)).rumours if _is_of_ones_regions(visit, each)]


def _is_of_ones_regions(visit: Visit, rumour: Rumour) -> bool:
    regions = queue.regions_of(visit.person)
    return regions is None or not rumour.region or rumour.region in regions


async def _rumour(visit: Visit, number: str) -> Rumour | None:
    """The rumour a new article is to settle; none when it is for none.

    Raises: RumourNotFound; NotAllowed, when it goes round in a region that is not one of this person's.
    """
    if not number:
        return None
    found = await visit.session.get(Rumour, _number(number))
    if found is None:
        raise RumourNotFound(f"R{number[:20]}")
    if not _is_of_ones_regions(visit, found):
        raise NotAllowed("That rumour is not of this person's region.", "elsewhere")
    return found


def _slug(visit: Visit) -> str:
    slug = str(visit.request.path_params["slug"])
    # What cannot be a slug is not asked for: a database may refuse it in its own way.
    if len(slug) > _LONGEST_SLUG or not _SLUG.fullmatch(slug):
        raise ArticleNotFound(slug)
    return slug


def _revision(visit: Visit) -> int:
    return _number(visit.value("revision"))


def _number(text: str) -> int:
    """A whole number that fits into any database; 0 when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _pick(revisions: Sequence[tuple[ArticleRevision, str | None]], number: int) -> ArticleRevision:
    found = next((revision for revision, _ in revisions if revision.number == number), None)
    if found is None:
        raise NotFound(f"There is no revision {number}.", "revision")
    return found
