"""Reports: the page, the workbook and the Word report show the same numbers, and each number leads to its rows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import update

from bot.channels.pages.fonts import find_font
from bot.channels.web.wording import Language
from bot.console.report_files import Heading, word_report
from bot.console.report_pictures import Pictures
from bot.console.report_tables import Number, Table, shown_cell, tables
from bot.console.reports import PRESETS, ReportPages, preset
from bot.console.visit import Page
from bot.console.words import ConsoleWords
from bot.conversation.routing import Route
from knowledge import rumours, turns
from knowledge.database import Database
from knowledge.figures import counts
from knowledge.figures.counts import Figures
from knowledge.figures.scope import Period, Scope
from knowledge.models import Band, Role, Rumour, RumourStatus, Turn
from tests.bot.console.conftest import Browser, SignIn
from tests.factories import NOON, resident, saved_article, seen, turn

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Period(date(2026, 11, 16), date(2026, 11, 22), SHANGHAI)
DAYS = "from=2026-11-16&to=2026-11-22"
LINK = r'<a href="([^"]+/rows\?[^"]+)">([^<]+)</a>'
FORMULA = '=HYPERLINK("http://evil.test","点我")'


@pytest.fixture
def pages() -> list[Page]:
    return ReportPages(site_name="求真", timezone="Asia/Shanghai", public_url="https://desk.test/").pages()


@pytest.fixture
async def week(database: Database) -> Database:
    """Some messages, ratings and rumours; one says something that looks like a formula."""
    async with database.transaction() as session:
        who = await resident(session)
        wine = (await saved_article(session, slug="wine")).id
        for number in range(12):
            asked = await turn(session, who, received_at=NOON - timedelta(days=number % 3))
            answer = {"band": Band.SURE, "article_id": wine} if number % 3 else {"band": Band.UNKNOWN}
            await session.execute(update(Turn).where(Turn.id == asked).values(**answer))
            if number < 5:
                await turns.rate(session, asked, helpful=number > 1, reason=None if number > 1 else "unclear")
        formula = await rumours.open_rumour(session, await seen(session, who, FORMULA))
        await rumours.join(session, await seen(session, who, FORMULA), formula)
        done = await rumours.open_rumour(
            session, await seen(session, who, "井水\x0b有毒<b>", received_at=NOON - timedelta(hours=30))
        )
        settled = {"status": RumourStatus.ANSWERED, "settled_at": NOON, "region": "江山"}
        await session.execute(update(Rumour).where(Rumour.id == done).values(**settled))
    return database


async def figures_of(database: Database) -> Figures:
    async with database.reading() as session:
        return await counts.of(session, Scope(WEEK))


async def made(database: Database) -> list[Table]:
    return tables(await figures_of(database), ConsoleWords(Language.SIMPLIFIED, "Asia/Shanghai"))


def numbers(table: Table) -> Iterator[Number]:
    return (cell for row in table.rows for cell in row if isinstance(cell, Number))


async def editor(sign_in: SignIn, language: str = "zh-CN", **where: str) -> Browser:
    browser = await sign_in(Role.EDITOR, **where)
    browser.client.headers["accept-language"] = language
    return browser


class TestOverview:
    @pytest.mark.usefixtures("week")
    async def test_it_shows_every_number_with_a_link_to_as_many_rows(self, sign_in: SignIn, database: Database) -> None:
        browser = await editor(sign_in)
        page = (await browser.get(f"/console/reports?{DAYS}")).text
        links = [(html.unescape(address), text) for address, text in re.findall(LINK, page)]
        counted = [cell for table in await made(database) for cell in numbers(table) if cell.value is not None]
        assert sorted(text for _, text in links) == sorted(shown_cell(cell) for cell in counted)
        counts_only = {address: text for address, text in links if re.fullmatch(r"[\d,]+", text)}
        assert len(counts_only) > 30
        for address, text in counts_only.items():
            rows = (await browser.get(address)).text
            assert f"共 {text} 条" in rows, address

    @pytest.mark.usefixtures("week")
    async def test_it_draws_charts_beside_tables(self, sign_in: SignIn) -> None:
        page = (await (await editor(sign_in)).get(f"/console/reports?{DAYS}")).text
        assert page.count('<svg class="chart"') >= 6
        assert page.count("<h1>") == 1
        assert "style=" not in page

    async def test_nothing_is_said_to_be_nothing(self, sign_in: SignIn) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports?{DAYS}")
        assert answer.status_code == 200
        assert "没有收到消息" in answer.text

    @pytest.mark.parametrize(
        "query",
        [
            "from=2026-11-22&to=2026-11-16",
            "from=x&to=y",
            "from=2026-11-16",
            "from=0001-01-01&to=9999-12-31",
            "preset=x",
        ],
    )
    async def test_nonsense_is_said_and_this_month_shown(self, sign_in: SignIn, query: str) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports?{query}")
        assert answer.status_code == 422
        assert "日期没有看懂" in answer.text
        assert "2026-11-01 至 2026-11-22" in answer.text

    @pytest.mark.parametrize(("language", "word"), [("zh-TW", "主要數據"), ("en", "Main figures")])
    @pytest.mark.usefixtures("week")
    async def test_it_speaks_the_readers_language(self, sign_in: SignIn, language: str, word: str) -> None:
        page = (await (await editor(sign_in, language)).get(f"/console/reports?{DAYS}")).text
        assert word in page

    @pytest.mark.usefixtures("week")
    async def test_somebody_of_one_region_sees_its_rumours(self, sign_in: SignIn) -> None:
        browser = await editor(sign_in, region="龙游")
        page = (await browser.get(f"/console/reports/rows?figure=new&{DAYS}")).text
        assert "HYPERLINK" in page
        assert "井水" not in page
        assert (await browser.get(f"/console/reports?{DAYS}&region=江山")).status_code == 403


class TestRows:
    @pytest.mark.usefixtures("week")
    async def test_what_was_written_is_text(self, sign_in: SignIn) -> None:
        page = (await (await editor(sign_in)).get(f"/console/reports/rows?figure=verdicts&{DAYS}")).text
        assert "有毒&lt;b&gt;" in page
        assert "30.0" in page

    @pytest.mark.parametrize("query", ["", "figure=x", "figure=band&of=x", "figure=article&of=1e9"])
    async def test_no_such_figure_is_not_found(self, sign_in: SignIn, query: str) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports/rows?{query}&{DAYS}")
        assert answer.status_code == 404

    @pytest.mark.usefixtures("week")
    async def test_pages_keep_what_was_asked_for(self, sign_in: SignIn, database: Database) -> None:
        async with database.transaction() as session:
            who = await resident(session)
            for _ in range(60):
                await turn(session, who)
        browser = await editor(sign_in)
        page = (await browser.get(f"/console/reports/rows?figure=route&of=question&{DAYS}")).text
        (following,) = re.findall(r'href="([^"]+page=2[^"]*)"', page)
        second = (await browser.get(html.unescape(following))).text
        assert "2 / 2" in second
        assert (await browser.get(f"/console/reports/rows?figure=messages&page=-3&{DAYS}")).status_code == 200


class TestWorkbook:
    @pytest.mark.usefixtures("week")
    async def test_it_holds_the_very_numbers_and_leads_to_their_rows(self, sign_in: SignIn, database: Database) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports/report.xlsx?{DAYS}")
        book = load_workbook(BytesIO(answer.content))
        report = await made(database)
        assert book.sheetnames == [table.title for table in report]
        for table in report:
            sheet = book[table.title]
            assert [cell.value for cell in sheet[1]] == list(table.heads)
            for line, row in enumerate(table.rows, start=2):
                for column, cell in enumerate(row, start=1):
                    found = sheet.cell(line, column)
                    if isinstance(cell, Number) and cell.value is not None:
                        assert found.value == pytest.approx(cell.value)
                        assert found.hyperlink.target.startswith("https://desk.test/console/reports/rows?")
                    elif isinstance(cell, date):
                        assert found.value.date() == cell
                    else:
                        assert found.value == shown_cell(cell)

    @pytest.mark.usefixtures("week")
    async def test_nothing_in_it_is_a_formula(self, sign_in: SignIn) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports/report.xlsx?{DAYS}")
        cells = [cell for sheet in load_workbook(BytesIO(answer.content)) for row in sheet for cell in row]
        assert any("HYPERLINK" in str(cell.value) for cell in cells)
        assert all(cell.data_type != "f" for cell in cells)


class TestWordReport:
    @pytest.mark.usefixtures("week")
    async def test_it_holds_the_very_numbers_each_with_where_it_comes_from(
        self, sign_in: SignIn, database: Database
    ) -> None:
        browser = await editor(sign_in)
        answer = await browser.get(f"/console/reports/report.docx?{DAYS}")
        document = Document(BytesIO(answer.content))
        *grids, references = document.tables
        addresses = {row.cells[0].text: row.cells[3].text for row in references.rows[1:]}
        report = [table for table in await made(database) if table.rows]
        assert len(grids) == len(report)
        for grid, table in zip(grids, report, strict=True):
            for line, row in zip(grid.rows[1:], table.rows, strict=True):
                for found, cell in zip(line.cells, row, strict=True):
                    text, mark = re.fullmatch(r"(.*?)(\[\d+\])?", found.text).groups()  # type: ignore[union-attr]
                    assert text == shown_cell(cell).replace("\x0b", " ")
                    assert (mark in addresses) == (isinstance(cell, Number) and cell.value is not None)
        for mark, address in list(addresses.items())[:5]:
            assert (await browser.get(address.removeprefix("https://desk.test"))).status_code == 200, mark

    @pytest.mark.usefixtures("week")
    async def test_its_sentences_are_built_from_the_numbers(self, sign_in: SignIn, database: Database) -> None:
        answer = await (await editor(sign_in)).get(f"/console/reports/report.docx?{DAYS}")
        document = Document(BytesIO(answer.content))
        text = re.sub(r"\[\d+\]", "", "\n".join(paragraph.text for paragraph in document.paragraphs))
        totals = (await figures_of(database)).totals
        assert "求真工作报告" in text
        assert f"共收到居民消息 {totals.messages} 条" in text
        assert f"当场有把握地答复 {totals.sure} 条，占 {totals.sure_share:.1%}" in text
        assert "一半不超过 30.0 小时" in text
        assert len(document.inline_shapes) >= 6
        assert 'w:instr="PAGE"' in document.sections[0].footer._element.xml

    async def test_an_empty_period_says_so(self, sign_in: SignIn) -> None:
        answer = await (await editor(sign_in, "en")).get(f"/console/reports/report.docx?{DAYS}")
        text = "\n".join(paragraph.text for paragraph in Document(BytesIO(answer.content)).paragraphs)
        assert "Work report of 求真" in text
        assert "No message and no rumour came in" in text

    async def test_without_a_font_there_are_no_pictures_and_it_says_so(self, week: Database) -> None:
        words = ConsoleWords(Language.ENGLISH, "Asia/Shanghai")
        figures = await figures_of(week)
        heading = Heading("求真", WEEK, "all regions", NOON)
        content = word_report(figures, tables(figures, words), words, heading, lambda _: "", None)
        document = Document(BytesIO(content))
        assert len(document.inline_shapes) == 0
        assert any("no font" in paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("language", [Language.SIMPLIFIED, Language.ENGLISH])
def test_every_route_has_a_name(language: Language) -> None:
    words = ConsoleWords(language, "Asia/Shanghai")
    assert all(words.say(f"reports-route-{route.value}") for route in Route)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("week", date(2026, 11, 16), date(2026, 11, 18)),
        ("month", date(2026, 11, 1), date(2026, 11, 18)),
        ("quarter", date(2026, 10, 1), date(2026, 11, 18)),
        ("year", date(2026, 1, 1), date(2026, 11, 18)),
        ("last-week", date(2026, 11, 9), date(2026, 11, 15)),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("last-quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("last-year", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_presets(name: str, first: date, last: date) -> None:
    assert preset(name, date(2026, 11, 18), SHANGHAI) == Period(first, last, SHANGHAI)
    assert name in PRESETS


def test_pictures_are_in_proportion() -> None:
    font = find_font(None)
    assert font is not None, "the tests need a font with Chinese characters"
    image = Image.open(BytesIO(Pictures(font).rows([("健康", 40), ("防骗", 10)])))
    lengths = [sum(image.getpixel((x, y)) == (13, 80, 72) for x in range(image.width)) for y in (45, 109)]
    assert lengths[0] / lengths[1] == pytest.approx(4, abs=0.05)
