"""A file is a whole valid article or nothing, and every problem names the file, the field and the reason."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.article_content import ArticleContent
from knowledge.article_files import MAX_FILE_BYTES, read_file, read_folder, write_file
from knowledge.errors import InvalidArticleFile
from knowledge.models import Kind, Verdict
from tests.factories import BODY, article_content, article_fields, source

Write = Callable[..., Path]


def text_of(**overrides: Any) -> str:
    """An article file; a field that is `...` is left out."""
    fields = {name: value for name, value in article_fields(**overrides).items() if value is not ...}
    fields.pop("slug")
    body = fields.pop("body", "")
    return f"---\n{yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)}---\n\n{body}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file, given its text or what is different from a good article."""

    def put(text: str | bytes | None = None, *, name: str = "health/well.md", **overrides: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text_of(**overrides) if text is None else text
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def problems_of(path: Path) -> list[str]:
    """What is wrong with a file, each as `field: reason`."""
    with pytest.raises(InvalidArticleFile) as refused:
        read_file(path)
    assert refused.value.path == path
    assert all(line.startswith(f"{path}: ") for line in str(refused.value).splitlines())
    return [str(problem) for problem in refused.value.problems]


def test_on_is_a_word_and_not_a_truth(write: Write) -> None:
    text = text_of(second_reading=...)
    found = read_file(write(text.replace("---\n", "---\nsecond_reading: {on: 2026-11-25, changed: nothing}\n", 1)))
    assert found.second_reading is not None
    assert found.second_reading.on.isoformat() == "2026-11-25"


def test_a_good_file_is_an_article(write: Write) -> None:
    content = read_file(write(name="fraud/safe-account-2.md"))
    assert content == article_content(slug="safe-account-2")
    assert (content.kind, content.verdict, content.body) == (Kind.DEBUNK, Verdict.FALSE, BODY)


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends_and_a_byte_order_mark_are_nothing(write: Write, line_end: str) -> None:
    text = text_of().replace("\n", line_end)
    assert read_file(write(b"\xef\xbb\xbf" + text.encode())) == article_content(slug="well")


@pytest.mark.parametrize(
    ("written", "verdict"), [("true", Verdict.TRUE), ("false", Verdict.FALSE), ("no", Verdict.FALSE)]
)
def test_an_unquoted_true_or_false_is_the_verdict(write: Write, written: str, verdict: Verdict) -> None:
    text = text_of().replace("verdict: 'false'", f"verdict: {written}")
    assert f"verdict: {written}\n" in text
    assert read_file(write(text)).verdict is verdict


def test_dates_may_be_quoted_or_not(write: Write) -> None:
    for quoted, plain in (("'2020-02-10'", "2020"), ("'2020-02-10'", "2020-02"), ("'2020-02-10'", "2020-02-10")):
        text = text_of().replace(f"date: {quoted}", f"date: {plain}").replace("'2099-12-31'", "2099-12-31")
        content = read_file(write(text))
        assert (content.sources[0].date, content.review_by.isoformat()) == (plain, "2099-12-31")


WRONG = [
    ({"title": ...}, "title: is missing"),
    ({"sources": ...}, "sources: is missing"),
    ({"review_by": ...}, "review_by: is missing"),
    ({"colour": "red"}, "colour: is not a field of an article"),
    ({"verdict": "maybe"}, "verdict: Input should be 'true', 'false', 'misleading', 'unproven' or 'scam'"),
    ({"kind": "poem"}, "kind: Input should be 'explainer', 'debunk', 'guide' or 'scam_alert'"),
    ({"topic": "love"}, "topic: Input should be 'health', 'disaster', 'fraud' or 'digital'"),
    ({"title": "长" * 31}, "title: has 31 characters, more than 30"),
    ({"title": ""}, "title: String should have at least 1 character"),
    ({"title": 110}, "title: Input should be a valid string"),
    ({"title": "两\n行"}, r"title: String should match pattern '^[^\n\r]*$'"),
    ({"title": "坏\0字"}, "title: must not hold the control character U+0000, at the □ of 坏□字"),
    ({"title": "反\u202e转"}, "title: must not hold the control character U+202E"),
    ({"short_answer": "长" * 500}, "short_answer: has 500 characters, more than 60"),
    ({"asked_as": ["一", "二", "三", "长" * 201]}, "asked_as.3: has 201 characters, more than 200"),
    ({"sources": [source(publisher="长" * 400)]}, "sources.0.publisher: has 400 characters, more than 120"),
    ({"sources": [source(title="长" * 301)]}, "sources.0.title: has 301 characters, more than 300"),
    ({"what_to_do": []}, "what_to_do: Tuple should have at least 1 item after validation, not 0"),
    ({"what_to_do": list("一二三四")}, "what_to_do: Tuple should have at most 3 items after validation, not 4"),
    ({"what_to_do": ["长" * 41]}, "what_to_do.0: has 41 characters, more than 40"),
    ({"asked_as": ["只有一种"]}, "asked_as: Tuple should have at least 4 items after validation, not 1"),
    ({"asked_as": "不是列表"}, "asked_as: Input should be a valid tuple"),
    ({"audience": ["cats"]}, "audience.0: cats is not one of everyone, elderly, family, farmers, workers, young"),
    ({"season": [13]}, "season.0: Input should be less than or equal to 12"),
    ({"review_by": "2026-13-01"}, "review_by: Input should be a valid date or datetime, month value is outside"),
    ({"review_by": "明年"}, "review_by: must be a day such as 2027-05-31"),
    ({"review_by": 20271122}, "review_by: must be a day such as 2027-05-31"),
    ({"sources": []}, "sources: Tuple should have at least 1 item after validation, not 0"),
    ({"sources": [source(date="2024-13")]}, "sources.0.date: String should match pattern"),
    ({"sources": [source(accessed="yesterday")]}, "sources.0.accessed: must be a day such as 2027-05-31"),
    ({"sources": [source(title="两\n行")]}, "sources.0.title: String should match pattern"),
    ({"sources": [source(url="javascript:alert(1)")]}, "sources.0.url: must be a whole http:// or https:// address"),
    ({"sources": [source(url="https://www.who.int@evil.example/")]}, "sources.0.url: must be a whole http"),
    ({"sources": [source(url='https://a.cn/"><script>')]}, "sources.0.url: must be a whole http"),
    ({"sources": [source(url="https:a.cn")]}, "sources.0.url: must be a whole http"),
    ({"sources": [source(url="https://a.cn:99999/")]}, "sources.0.url: Input should be a valid URL, invalid port"),
    ({"sources": [source(publisher="")]}, "sources.0.publisher: String should have at least 1 character"),
    ({"body": "太短"}, "body: has 2 characters, not 150 to 600"),
    ({"body": "长" * 601}, "body: has 601 characters, not 150 to 600"),
    ({"body": BODY + "<script>alert(1)</script>"}, "body: must be plain text or simple Markdown without HTML or links"),
    ({"body": BODY + "[点这里](https://evil.example)"}, "body: must be plain text or simple Markdown"),
    ({"body": BODY + "&#60;"}, "body: must be plain text or simple Markdown without HTML or links; found '&#60;'"),
    ({"body": BODY + "\x00"}, "body: must not hold the control character U+0000, at the □ of "),
    ({"title": "<b>粗</b>"}, "title: must be plain text or simple Markdown without HTML or links; found '<b'"),
    ({"asked_as": ["一", "二", "三", "<img src=x>"]}, "asked_as.3: must be plain text or simple Markdown without HTML"),
    ({"claim": None}, "article: a debunk needs both a claim and a verdict"),
    ({"kind": "guide", "verdict": "true"}, "article: a guide has neither a claim nor a verdict"),
    ({"kind": "scam_alert", "verdict": "false"}, "article: the verdict of a scam_alert is scam"),
    ({"slug": "other", "body": "x"}, "body: has 1 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_what_is_wrong_is_named_by_its_field(write: Write, wrong: dict[str, Any], expected: str) -> None:
    found = problems_of(write(**wrong))
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_all_that_is_wrong_is_named_at_once(write: Write) -> None:
    found = problems_of(write(title="", kind="poem", review_by="soon"))
    assert [problem.partition(":")[0] for problem in found] == ["kind", "title", "review_by"]


NO_ARTICLES = {
    "empty": ("", "front matter: must stand between two lines of ---"),
    "no front matter": ("# 标题\n\n正文", "front matter: must stand between two lines of ---"),
    "never closed": ("---\ntitle: 标题\n", "front matter: must stand between two lines of ---"),
    "nothing between": ("---\n---\n正文", "front matter: must be a list of `field: value` lines"),
    "a list": ("---\n- a\n- b\n---\n正文", "front matter: must be a list of `field: value` lines"),
    "a word": ("---\nhello\n---\n正文", "front matter: must be a list of `field: value` lines"),
    "not YAML": ("---\ntitle: [a\n---\n", "front matter: is not YAML: while parsing a flow sequence"),
    "a tab": ("---\ntitle: a\n\tkind: b\n---\n", "front matter: is not YAML: while scanning"),
    "an object": ("---\ntitle: !!python/object/apply:os.system [a]\n---\n", "front matter: is not YAML: could not"),
    "a false tag": ("---\ntitle: !!bool perhaps\n---\n", "front matter: is not YAML: 'perhaps'"),
    "a false number": ("---\ntitle: !!int ''\n---\n", "front matter: is not YAML: "),
    "a false time": ("---\ntitle: !!timestamp soon\n---\n", "front matter: is not YAML: "),
    "an endless number": (f"---\nseason: [{'9' * 5000}]\n---\n", "front matter: is not YAML: Exceeds the limit"),
    "too deep": (f"---\ntitle: {'[' * 20000}\n---\n", "front matter: is not YAML: "),
    "a field twice": ("---\ntitle: a\ntitle: b\n---\n", "front matter: is not YAML: the field title is given twice"),
    "an alias": ("---\ntitle: &a x\nclaim: *a\n---\n", "front matter: is not YAML: an alias (*name) cannot stand here"),
    "a control character": ("---\ntitle: \x07\n---\n", "front matter: is not YAML: unacceptable character #x0007"),
    "a slug": ("---\nslug: mine\nbody: x\n---\n", "slug: is not written in the front matter"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_ARTICLES)
def test_what_is_no_article_is_refused_with_the_reason(write: Write, name: str) -> None:
    text, expected = NO_ARTICLES[name]
    started = time.perf_counter()
    assert problems_of(write(text))[0].startswith(expected)
    assert time.perf_counter() - started < 5


def test_a_billion_laughs_are_refused_at_once(write: Write) -> None:
    layers = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    path = write("\n".join(["---", "l0: &l0 [ha]", *layers, "---", BODY]))
    started = time.perf_counter()
    assert problems_of(path)[0].startswith("front matter: is not YAML: an alias")
    assert time.perf_counter() - started < 1


def test_a_megabyte_is_refused_unread(write: Write) -> None:
    path = write(body="长" * 350_000)
    assert problems_of(path) == [f"file: has {path.stat().st_size} bytes, more than {MAX_FILE_BYTES}"]


@pytest.mark.parametrize("text", ["标题".encode("gb18030"), b"---\n\xff\xfe\n---\n", "---\n标题".encode("utf-16")])
def test_what_is_not_utf8_says_so(write: Write, text: bytes) -> None:
    (problem,) = problems_of(write(text))
    assert problem.startswith("file: is not UTF-8 text (byte ")
    assert problem.endswith("); save it as UTF-8")


@pytest.mark.parametrize("name", ["Well.md", "a b.md", "水井.md", "a--b.md", ".md.md", f"{'a' * 81}.md"])
def test_the_name_of_the_file_must_be_a_slug(write: Write, name: str) -> None:
    assert problems_of(write(name=name))[0].startswith("slug: String should ")


def test_one_bad_file_harms_no_other(write: Write, tmp_path: Path) -> None:
    good = write(name="health/good.md")
    bad = write("nothing", name="health/bad.md")
    (tmp_path / "health" / "folder.md").mkdir()
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.md")
    write("not an article at all", name="health/readme.txt")
    found = read_folder(tmp_path)
    assert list(found.articles) == [good]
    assert {str(problem) for problem in found.problems} == {
        f"{bad}: front matter: must stand between two lines of ---",
        f"{tmp_path / 'gone.md'}: file: is not a file that can be read",
        f"{tmp_path / 'health' / 'folder.md'}: file: is not a file that can be read",
        f"{tmp_path / 'pipe.md'}: file: is not a file that can be read",
    }


def test_two_files_with_one_slug_are_both_refused(write: Write, tmp_path: Path) -> None:
    one, two = write(name="health/same.md"), write(name="fraud/same.md")
    good = write(name="fraud/other.md")
    found = read_folder(tmp_path)
    assert list(found.articles) == [good]
    assert {str(problem) for problem in found.problems} == {
        f"{one}: slug: is also that of {two}",
        f"{two}: slug: is also that of {one}",
    }


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    content = article_content(slug="well", topic="fraud", title="“是”: #井 - 'x' *y", when_to_call=None, season=[1, 12])
    path = write_file(tmp_path, content)
    assert path == tmp_path / "fraud" / "well.md"
    assert read_file(path) == content


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=LINE, claim=LINE, asked=st.lists(LINE, min_size=4, max_size=6), body=st.text(max_size=300), name=LINE)
def test_whatever_is_a_valid_article_survives_the_file(
    tmp_path: Path, title: str, claim: str, asked: list[str], body: str, name: str
) -> None:
    try:
        content = article_content(
            slug="well", title=title, claim=claim, asked_as=asked, body=body + BODY + body, sources=[source(title=name)]
        )
    except ValidationError:
        return
    assert read_file(write_file(tmp_path, content)) == content


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200) | st.text("-:[]{}&*!#|>'\"%@ \n\tax0,?", max_size=60).map(lambda t: f"---\n{t}\n---\n"))
def test_no_text_gets_past_as_anything_but_a_problem(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.md"
    path.write_text(text, encoding="utf-8", errors="replace")
    assert problems_of(path)


def test_line_ends_of_a_form_are_those_of_a_file() -> None:
    assert ArticleContent.model_validate(article_fields(body=BODY.replace("\n", "\r\n") + "\r\n")).body == BODY
