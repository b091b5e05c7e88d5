"""Articles as files: Markdown with YAML front matter, one article a file.

A file is either a whole valid article or nothing at all. Every problem names the file, the field and the reason, and
one bad file never keeps the others from loading.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.article_content import ArticleContent
from knowledge.errors import FieldProblem, InvalidArticleFile

CONTENT = Path(__file__).parent / "content"
"""The starter knowledge base."""

MAX_FILE_BYTES = 64 * 1024
_FENCE = "---"
_NOT_YAML = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError)
"""What PyYAML raises: for a value that is not what its tag says, whatever its constructor stumbled over."""
_REASONS = {"missing": "is missing", "extra_forbidden": "is not a field of an article"}


class _HeaderLoader(yaml.SafeLoader):
    """YAML as an article needs it: dates stay text, so that a wrong one is reported by its field; names are words, also
    `on`; no name twice; no aliases, which can make a small file enormous."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Give the type of a value nobody gave a type."""
        tag = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return "tag:yaml.org,2002:str" if tag == "tag:yaml.org,2002:timestamp" else tag

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose the next value, unless it refers to another one."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("an alias (*name) cannot stand here; quote the value if it begins with *")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Build a dictionary whose names differ."""
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            key.tag = "tag:yaml.org,2002:str"
        names = [key.value for key in keys]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise yaml.YAMLError(f"the field {twice} is given twice")
        return super().construct_mapping(node, deep)


@dataclass(slots=True)
class Folder:
    """What a folder of article files holds."""

    articles: dict[Path, ArticleContent] = field(default_factory=dict)
    problems: list[InvalidArticleFile] = field(default_factory=list)


def read_folder(folder: Path) -> Folder:
    """Read every ``*.md`` under `folder`; files that are no articles end up in the problems.

    Two files with one slug are both refused: nobody can say which one is meant.
    """
    found = Folder()
    for path in sorted(folder.rglob("*.md")):
        try:
            found.articles[path] = read_file(path)
        except InvalidArticleFile as problem:
            found.problems.append(problem)
    by_slug: dict[str, list[Path]] = defaultdict(list)
    for path, content in found.articles.items():
        by_slug[content.slug].append(path)
    for paths in by_slug.values():
        if len(paths) > 1:
            for path in paths:
                others = ", ".join(str(other) for other in paths if other != path)
                found.problems.append(InvalidArticleFile(path, [FieldProblem("slug", f"is also that of {others}")]))
                del found.articles[path]
    return found


def read_file(path: Path) -> ArticleContent:
    """Read one article; its slug is the name of the file.

    Raises: InvalidArticleFile.
    """
    return parse(path, _read_text(path))


def parse(path: Path, text: str) -> ArticleContent:
    """The article a file of this name would hold with this text.

    Raises: InvalidArticleFile.
    """
    header, body = _split(path, text)
    data = _parse_header(path, header)
    try:
        return ArticleContent.model_validate({**data, "slug": path.stem, "body": body.strip()})
    except ValidationError as error:
        raise InvalidArticleFile(path, problems_of(error)) from error


def write_file(folder: Path, content: ArticleContent) -> Path:
    """Write an article under `folder` in the form `read_file` reads, and say where."""
    path = folder / content.topic / f"{content.slug}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(content), encoding="utf-8")
    return path


def written(content: ArticleContent) -> str:
    """An article as the text of its file."""
    data = content.model_dump(mode="json", exclude={"slug", "body"}, exclude_none=True)
    header = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    return f"{_FENCE}\n{header}{_FENCE}\n\n{content.body}\n"


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise InvalidArticleFile(path, [FieldProblem("file", "is not a file that can be read")])
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InvalidArticleFile(path, [FieldProblem("file", f"has {size} bytes, more than {MAX_FILE_BYTES}")])
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidArticleFile(path, [FieldProblem("file", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise InvalidArticleFile(
            path, [FieldProblem("file", f"is not UTF-8 text (byte {error.start}); save it as UTF-8")]
        ) from error


def _split(path: Path, text: str) -> tuple[str, str]:
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in (line.strip() for line in lines[1:]):
        raise InvalidArticleFile(path, [FieldProblem("front matter", "must stand between two lines of ---")])
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _parse_header(path: Path, header: str) -> dict[str, Any]:
    try:
        data = yaml.load(header, Loader=_HeaderLoader)  # noqa: S506 - it is a SafeLoader
    except _NOT_YAML as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise InvalidArticleFile(path, [FieldProblem("front matter", f"is not YAML: {reason}")]) from error
    if not isinstance(data, dict):
        raise InvalidArticleFile(path, [FieldProblem("front matter", "must be a list of `field: value` lines")])
    reserved = [FieldProblem(name, "is not written in the front matter") for name in ("slug", "body") if name in data]
    if reserved:
        raise InvalidArticleFile(path, reserved)
    return {str(key): value for key, value in data.items()}


def problems_of(error: ValidationError) -> list[FieldProblem]:
    """Each problem, but not that a list is too short because something in it is wrong."""
    details = error.errors()
    inner = {tuple(detail["loc"][:1]) for detail in details if len(detail["loc"]) > 1}
    return [
        _problem(detail) for detail in details if not (detail["type"] == "too_short" and tuple(detail["loc"]) in inner)
    ]


def _problem(detail: Any) -> FieldProblem:
    where = ".".join(str(part) for part in detail["loc"]) or "article"
    reason = _REASONS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    return FieldProblem(where, reason)
