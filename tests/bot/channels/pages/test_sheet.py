"""The sheet for the notice board: it is made, it fits, and without a font it says what to do."""

from __future__ import annotations

import asyncio
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.channels.pages.drawing import draw
from bot.channels.pages.fonts import Face, Font, FontUnusable, find_font
from bot.channels.pages.sheet import Sheet
from bot.channels.pages.sheets import Sheets
from bot.channels.pages.view import Words
from bot.conversation.wording import Wording
from bot.wiring import Parts
from knowledge.reading import whole
from tests.bot.channels.pages.conftest import Rewrite, browser
from tests.factories import NOON, saved_article

NOTICE = Sheet(
    notice="科普告示",
    site="求真",
    verdict="假",
    tone="false",
    title="“喝高度白酒可以杀死体内的病毒”",
    hook="",
    answer="不能。喝酒杀不死体内的病毒，反而伤身体。",
    regions="",
    steps_label="该怎么做",
    steps=("别靠喝酒防病。", "勤洗手，按时打疫苗。"),
    call="误喝了消毒酒精，马上拨打120。",
    notes=("来源：世界卫生组织", "更新日期：2026-11-22", "有效期至：2028-11-22"),
    scan="扫码看全文和来源",
    url="https://qiuzhen.example.org/a/liquor",
    language="zh-Hans",
    made_of=datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.fixture(scope="session")
def font() -> Font:
    """A font of the system's own."""
    found = find_font(None)
    assert found, "these tests need a Chinese font: apt-get install fonts-noto-cjk"
    return found


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def _first_page_of(pdf: bytes) -> bytes:
    """What is drawn on the first page, as the PDF says it."""
    streams = (zlib.decompress(found) for found in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL))
    return next(stream for stream in streams if b"BT" in stream)


def test_the_same_sheet_is_the_same_file_with_only_the_letters_it_needs(font: Font) -> None:
    pdf = draw(NOTICE, font)
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1
    assert len(pdf) < 150_000, "the whole font has some 20 MB"
    assert draw(NOTICE, font) == pdf


@pytest.mark.parametrize("tone", ["true", "misleading", "unproven", "scam", "plain"])
def test_every_verdict_can_be_drawn(font: Font, tone: str) -> None:
    assert pages_of(draw(replace(NOTICE, tone=tone), font)) == 1


def test_the_longest_an_article_may_be_still_fits_on_one_page(font: Font) -> None:
    longest = replace(
        NOTICE,
        title="长" * 30,
        hook="说" * 200,
        answer="答" * 60,
        regions="适用地区：" + "某某省、" * 6,
        steps=("步" * 40,) * 3,
        call="打" * 60,
        notes=(
            "来源：" + "、".join(["某某单位" * 30] * 3),
            "更新日期：2026-11-22",
            "有效期至：2028-11-22",
            "只找到一个来源。",
        ),
        url="https://" + "a" * 240 + "/a/" + "b" * 80,
    )
    assert pages_of(draw(longest, font)) == 1


def test_a_long_verdict_ends_before_the_name_of_the_site_and_a_long_name_is_shortened(font: Font) -> None:
    pdf = draw(replace(NOTICE, verdict="有误导" * 4, site="青河县科学技术协会" * 4), font)
    texts = re.findall(rb"Tf ET\nBT ([0-9.]+) [0-9.]+ Td", _first_page_of(pdf))
    sizes = re.findall(rb"/F\d+ ([0-9.]+) Tf", _first_page_of(pdf))
    (site, notice, verdict), size = map(float, texts[:3]), float(sizes[2])
    assert size < 46
    assert verdict + 12 * size <= min(site, notice) - 6 / 25.4 * 72 + 0.1
    assert site > 595 / 2


async def test_a_sheet_says_where_it_holds_and_that_there_is_one_source(quick_parts: Parts) -> None:
    words = Words(Wording("zh-Hans", "Asia/Shanghai"), "Asia/Shanghai")
    async with quick_parts.database.transaction() as session:
        await saved_article(session, slug="liquor", regions=["浙江省", "江西省"], single_source=True)
        await saved_article(session, slug="everywhere", single_source=False)
        here, everywhere = [
            Sheet.of(await whole(session, slug, NOON.date()), words, url="", site="", language="zh-Hans")
            for slug in ("liquor", "everywhere")
        ]
    assert (here.regions, here.notes[-1]) == ("适用地区：浙江省、江西省", "只找到一个权威来源。")
    assert (everywhere.regions, len(everywhere.notes)) == ("", 3)


def test_more_than_an_article_may_hold_goes_on_over_leaf(font: Font) -> None:
    assert pages_of(draw(replace(NOTICE, steps=("很长的一步。" * 20,) * 12), font)) > 1


def test_signs_without_a_letter_are_left_out(font: Font) -> None:
    assert pages_of(draw(replace(NOTICE, title="喝酒🍶🍶杀毒\u202e\x07吗", call="\U0010fffd"), font)) == 1


def test_a_named_font_is_used_or_missed_and_another_never_taken_instead(tmp_path: Path) -> None:
    here = tmp_path / "own.ttf"
    here.touch()
    assert find_font(here) == Font(Face(here), Face(here))
    assert find_font(tmp_path / "nowhere.ttf") is None


def test_the_first_known_font_that_is_here_is_taken_with_its_bold_if_that_is_here_too(tmp_path: Path) -> None:
    for name in ("b.ttc", "c.ttc", "c-bold.ttc"):
        (tmp_path / name).touch()
    first, second, third = (
        Font(Face(tmp_path / f"{letter}.ttc", 2), Face(tmp_path / f"{letter}-bold.ttc", 2)) for letter in "abc"
    )
    assert find_font(None, [first, second, third]) == Font(second.regular, second.regular)
    assert find_font(None, [first, third]) == third
    assert find_font(None, [first]) is None


# fontTools leaves a file it cannot read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["text.ttf", "text.ttc", "text.xyz"])
def test_what_is_no_font_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("not a font")
    with pytest.raises(FontUnusable, match=name):
        draw(NOTICE, Font(Face(file), Face(file)))


async def test_a_sheet_is_made_once_and_remembered() -> None:
    sheets = Sheets(None)
    first, second = await asyncio.gather(sheets.make(NOTICE), sheets.make(NOTICE))
    assert first is second
    assert await sheets.make(replace(NOTICE, url="https://other.example/a/liquor")) != first


async def test_the_sheet_is_a_pdf_and_others_are_answered_meanwhile(client: httpx.AsyncClient) -> None:
    making = asyncio.create_task(client.get("/a/liquor/sheet.pdf"))
    await asyncio.sleep(0)
    assert (await client.get("/robots.txt")).status_code == 200
    assert not making.done()
    response = await making
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == 'inline; filename="liquor.pdf"'
    assert response.headers["cache-control"] == "no-cache"
    assert response.content.startswith(b"%PDF-")


async def test_a_changed_article_has_another_sheet(client: httpx.AsyncClient, rewrite: Rewrite) -> None:
    before = (await client.get("/a/liquor/sheet.pdf")).content
    await rewrite(short_answer="不能，真的不能。")
    assert (await client.get("/a/liquor/sheet.pdf")).content != before


async def test_without_a_font_the_page_says_what_to_install(client: httpx.AsyncClient, quick_parts: Parts) -> None:
    quick_parts.settings.sheet_font = Path("/nowhere/font.ttf")
    async with browser(quick_parts) as client:
        response = await client.get("/a/liquor/sheet.pdf")
        assert response.status_code == 503
        assert "fonts-noto-cjk" in response.text
        assert 'href="/a/liquor"' in response.text
        assert (await client.get("/a/nowhere/sheet.pdf")).status_code == 404
