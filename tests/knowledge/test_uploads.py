"""Files people send: what is read of them, what is refused, and that nothing of them ever runs or harms another row."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import suppress
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from knowledge import article_files, exports, uploads
from knowledge.article_content import ArticleContent
from knowledge.errors import UnreadableUpload
from knowledge.models import Status
from knowledge.uploads import COLUMNS, Upload
from tests.factories import NOON, article_content, source

HEAD = ",".join(COLUMNS)
WRITERS = {"zip": exports.as_zip, "csv": exports.as_csv, "xlsx": exports.as_xlsx}
FULL = article_content(
    slug="full",
    claim="=1+1 说法",
    title="-5度会冻坏吗？",
    regions=["云南", "贵州"],
    season=[1, 12],
    audience=["elderly", "family"],
    sources=[source(title="甲 | 乙"), source(date=None, url="https://www.nhs.uk/b")],
)
PLAIN = article_content(
    slug="plain", kind="guide", when_to_call=None, second_reading=None, related=[], single_source=False
)


def zipped(files: dict[str, bytes | str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def table(*contents: ArticleContent, **overrides: str) -> list[list[str]]:
    """Rows as an export writes them; `overrides` change cells of the last one."""
    rows = list(csv.reader(io.StringIO(exports.as_csv([(c, Status.DRAFT) for c in contents]).decode("utf-8-sig"))))
    for name, text in overrides.items():
        rows[-1][rows[0].index(name)] = text
    return rows


def as_csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode(encoding)


def reasons(upload: Upload) -> dict[str, list[str]]:
    return {where: [str(problem) for problem in problems] for where, problems in upload.problems.items()}


@pytest.mark.parametrize("form", WRITERS)
def test_what_goes_out_comes_in_again_unchanged(form: str) -> None:
    data = WRITERS[form]([(FULL, Status.PUBLISHED), (PLAIN, Status.DRAFT)])
    upload = uploads.read(f"articles.{form.upper()}", data)
    assert upload.problems == {}
    assert list(upload.articles.values()) == [FULL, PLAIN]


@pytest.mark.parametrize("form", WRITERS)
def test_a_bad_row_is_named_and_the_others_are_unharmed(form: str) -> None:
    bad = PLAIN.model_copy(update={"slug": "bad", "title": "长" * 31, "body": "<script>alert(1)</script>"})
    upload = uploads.read(
        f"x.{form}", WRITERS[form]([(FULL, Status.DRAFT), (bad, Status.DRAFT), (PLAIN, Status.DRAFT)])
    )
    assert [content.slug for content in upload.articles.values()] == ["full", "plain"]
    [(where, problems)] = upload.problems.items()
    assert where == ("health/bad.md" if form == "zip" else "3")
    assert [problem.field for problem in problems] == ["title", "body"]


class TestTables:
    @pytest.mark.parametrize(
        ("encoding", "said"),
        [
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "UTF-8"),
            ("gbk", "GB 18030"),
            ("gb18030", "GB 18030"),
            ("utf-16", "UTF-16"),
        ],
    )
    def test_encodings_are_recognised(self, encoding: str, said: str) -> None:
        upload = uploads.read("x.csv", as_csv(table(FULL), encoding))
        assert (list(upload.articles.values()), upload.encoding) == ([FULL], said)

    @pytest.mark.parametrize(
        "data",
        [
            as_csv(table(PLAIN), "utf-16-le"),
            "、".join(["醫療健康與災害謠言"] * 20).encode("big5"),
            b"\xff\xff\xff",
            b"\x00\x01\x02\x03" * 20,
            HEAD.encode() + b"\n\x80\x81",
        ],
    )
    def test_other_encodings_are_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.csv", data)
        assert caught.value.reason == "encoding"

    def test_what_excel_calls_unicode_text_is_read(self) -> None:
        held = io.StringIO()
        csv.writer(held, delimiter="\t").writerows(table(PLAIN))
        assert list(uploads.read("x.csv", held.getvalue().encode("utf-16")).articles.values()) == [PLAIN]

    def test_missing_columns_are_named(self) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.csv", b"slug,title\na,b\n")
        assert caught.value.reason == "columns"
        assert "body" in caught.value.missing
        assert "slug" not in caught.value.missing

    @pytest.mark.parametrize("data", [b"", b"\n\n"])
    def test_an_empty_table_is_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableUpload):
            uploads.read("x.csv", data)

    def test_every_cell_is_told_of_by_its_field(self) -> None:
        rows = table(
            FULL,
            sources="只有标题\n甲 | 乙 | ftp://x | 2020 | 昨天",
            second_reading="2026-11-22",
            season="13",
            single_source="也许",
            review_by="明年",
        )
        assert reasons(uploads.read("x.csv", as_csv(rows)))["2"] == [
            "sources.0: must be five parts between |: title | publisher | url | date | accessed",
            "second_reading: must be a day and what was changed, between |",
            "season.0: Input should be less than or equal to 12",
            "single_source: Input should be a valid boolean, unable to interpret input",
            "review_by: must be a day such as 2027-05-31",
        ]

    def test_one_name_twice_is_refused_on_both_rows(self) -> None:
        upload = uploads.read("x.csv", as_csv(table(PLAIN, FULL, PLAIN)))
        assert reasons(upload) == {"2": ["slug: is also that of 4"], "4": ["slug: is also that of 2"]}
        assert list(upload.articles) == ["3"]

    def test_too_many_rows_are_refused(self) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.csv", (HEAD + "\n" * (uploads.MOST + 5)).encode())
        assert (caught.value.reason, caught.value.limit) == ("many", uploads.MOST)

    @pytest.mark.parametrize("data", [b'slug,"title', f'{HEAD}\na,"b"c'.encode(), f"{HEAD}\n{'x' * 200_000}".encode()])
    def test_a_broken_table_is_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.csv", data)
        assert caught.value.reason == "csv"


class TestFormulas:
    @pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
    def test_no_cell_of_an_export_begins_like_a_formula(self, sign: str) -> None:
        content = PLAIN.model_copy(update={"title": f"{sign}HYPERLINK(1)"})
        row = list(csv.reader(io.StringIO(exports.as_csv([(content, Status.DRAFT)]).decode("utf-8-sig"))))[1]
        assert f"'{sign}HYPERLINK(1)" in row
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        book = openpyxl.load_workbook(io.BytesIO(exports.as_xlsx([(content, Status.DRAFT)])))
        assert {cell.data_type for cell in book.worksheets[0][2]} <= {"s", "n"}

    def test_a_formula_in_a_sheet_is_text(self) -> None:
        held = io.BytesIO()
        book = xlsxwriter.Workbook(held, {"in_memory": True})
        sheet = book.add_worksheet()
        rows = table(PLAIN)
        for column, name in enumerate(rows[0]):
            sheet.write_string(0, column, name)
            sheet.write_string(1, column, rows[1][column])
        sheet.write_formula(1, rows[0].index("title"), '=HYPERLINK("https://evil.test","看")', value="看")
        book.close()
        upload = uploads.read("x.xlsx", held.getvalue())
        assert "title" in reasons(upload)["2"][0] or upload.articles["2"].title.startswith("=HYPERLINK")

    def test_numbers_and_days_of_a_sheet_are_read_as_they_look(self) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        rows: list[list[Any]] = [list(row) for row in table(PLAIN)]
        rows[1][rows[0].index("season")] = 7.0
        rows[1][rows[0].index("review_by")] = NOON.replace(tzinfo=None)
        rows[1][rows[0].index("single_source")] = True
        for row in rows:
            sheet.append(row)
        held = io.BytesIO()
        book.save(held)
        [content] = uploads.read("x.xlsx", held.getvalue()).articles.values()
        assert (content.season, content.review_by, content.single_source) == ((7,), NOON.date(), True)


class TestZips:
    @pytest.mark.parametrize(
        "name",
        ["../evil.md", "/etc/evil.md", "a/b/c.md", "c:\\evil.md", "a\\b.md", "a/inner.zip", "evil.sh", "a/../b.md"],
    )
    def test_only_plain_markdown_files_are_taken(self, name: str) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.zip", zipped({name: "x"}))
        assert caught.value.reason == "nested"

    def test_clutter_of_other_systems_is_passed_over(self) -> None:
        data = zipped({"__MACOSX/._a.md": b"\0", "health/.DS_Store": b"\0", "plain.md": article_files.written(PLAIN)})
        assert list(uploads.read("x.zip", data).articles.values()) == [PLAIN]

    def test_a_file_in_another_encoding_is_read_or_named(self) -> None:
        text = article_files.written(PLAIN)
        data = zipped({"plain.md": text.encode("gbk"), "other.md": text.encode("utf-16-le")})
        upload = uploads.read("x.zip", data)
        assert list(upload.articles.values()) == [PLAIN]
        assert list(upload.problems) == ["other.md"]

    @pytest.mark.parametrize("name", ["bomb.zip", "bomb.xlsx"])
    def test_a_bomb_is_not_unpacked(self, name: str) -> None:
        data = zipped({"a.md": b"0" * 70_000_000})
        assert len(data) < 100_000
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read(name, data)
        assert caught.value.reason == "bomb"

    def test_a_zip_that_lies_about_its_sizes_is_read_no_further(self) -> None:
        data = bytearray(zipped({"a.md": b"0" * 5_000_000}))
        true, lie = (5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
        assert true in data
        with suppress(UnreadableUpload):
            assert list(uploads.read("x.zip", bytes(data.replace(true, lie))).problems) == ["a.md"]

    def test_too_many_files_are_refused(self) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.zip", zipped({f"{number}.md": "" for number in range(uploads.MOST + 1)}))
        assert caught.value.reason == "many"

    def test_a_file_that_is_too_large_is_named(self) -> None:
        data = zipped({"large.md": "大" * 40_000, "plain.md": article_files.written(PLAIN)})
        upload = uploads.read("x.zip", data)
        assert list(upload.articles) == ["plain.md"]
        assert "bytes, more than" in reasons(upload)["large.md"][0]

    @pytest.mark.parametrize("cut", [10, 200, -30])
    @pytest.mark.parametrize("name", ["x.zip", "x.xlsx"])
    def test_a_damaged_file_is_refused(self, name: str, cut: int) -> None:
        data = WRITERS[name[2:]]([(PLAIN, Status.DRAFT)])
        with pytest.raises(UnreadableUpload):
            uploads.read(name, data[:cut])

    @pytest.mark.parametrize("name", ["x.zip", "x.xlsx"])
    def test_bits_that_flipped_break_nothing_else(self, name: str) -> None:
        data = WRITERS[name[2:]]([(PLAIN, Status.DRAFT)])
        for place in range(0, len(data), 97):
            broken = bytearray(data)
            broken[place] ^= 0xFF
            try:
                uploads.read(name, bytes(broken))
            except UnreadableUpload:
                continue

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    def test_entities_that_explode_are_not_expanded(self, part: str) -> None:
        held = io.BytesIO(exports.as_xlsx([(PLAIN, Status.DRAFT)]))
        with zipfile.ZipFile(held) as archive:
            files: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l11;</x>'
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read("x.xlsx", zipped(files | {part: bomb}))
        assert caught.value.reason in ("xlsx", "columns")

    @pytest.mark.parametrize("name", ["x.xls", "x", "x.md", "x.zip.exe"])
    def test_other_files_are_refused_by_name(self, name: str) -> None:
        with pytest.raises(UnreadableUpload) as caught:
            uploads.read(name, b"x")
        assert caught.value.reason == "kind"
