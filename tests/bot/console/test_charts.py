"""Charts: well-formed SVG whose shapes are as high as their numbers."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from bot.console import charts

SVG = "{http://www.w3.org/2000/svg}"
WEEK = ["11-16", "11-17", "11-18", "11-19"]


def parsed(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314 - our own


def heights(chart: str) -> list[float]:
    return [float(bar.get("height", "")) for bar in parsed(chart).iter(f"{SVG}rect")]


def texts(chart: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(chart).iter(f"{SVG}text")]


class TestBars:
    def test_heights_are_in_proportion(self) -> None:
        high, none, half = heights(charts.bars("按天", [("一", 40), ("二", 0), ("三", 20)]))
        assert (round(high / half, 3), none) == (2.0, 0)

    def test_bars_stand_on_the_axis_and_inside_the_drawing(self) -> None:
        svg = parsed(charts.bars("按天", [("一", 7), ("二", 3)]))
        bottoms = {float(bar.get("y", "")) + float(bar.get("height", "")) for bar in svg.iter(f"{SVG}rect")}
        axis = next(path for path in svg.iter(f"{SVG}path") if path.get("class") == "chart-axis")
        assert bottoms == {float(re.findall(r"M\d+ ([\d.]+)", axis.get("d", ""))[0])}
        assert all(float(bar.get("y", "")) >= 0 for bar in svg.iter(f"{SVG}rect"))

    def test_it_is_told_in_words_too(self) -> None:
        svg = parsed(charts.bars("每天收到", [("11-20", 3), ("11-21", 5)], unit="次"))
        assert svg.findtext(f"{SVG}title") == "每天收到"
        assert svg.findtext(f"{SVG}desc") == "11-20 3次; 11-21 5次"
        assert svg.get("role") == "img"

    def test_few_bars_carry_their_numbers_many_do_not(self) -> None:
        assert "17" in texts(charts.bars("几个", [("a", 17), ("b", 3)]))
        assert "17" not in texts(charts.bars("很多", [(str(day), 17) for day in range(100, 150)]))

    @pytest.mark.parametrize("days", [7, 10, 31, 90, 91, 366])
    def test_labels_do_not_touch(self, days: int) -> None:
        svg = parsed(charts.bars("很多天", [(f"11-{day:02}", 1) for day in range(days)]))
        below = sorted(float(t.get("x", "")) for t in svg.iter(f"{SVG}text") if (t.text or "").startswith("11-"))
        assert len(below) > 2
        assert all(right - left > 33 for left, right in itertools.pairwise(below))

    def test_nothing_to_show_is_an_empty_chart(self) -> None:
        assert heights(charts.bars("没有", [])) == []
        assert heights(charts.bars("全是零", [("一", 0)])) == [0]

    def test_what_is_written_is_never_markup(self) -> None:
        chart = charts.bars("<script>", [("<b>&", 1)], unit="<i>")
        assert "<script>" not in chart
        assert "<b>" not in chart
        assert parsed(chart).findtext(f"{SVG}title") == "<script>"

    def test_no_styles_and_no_scripts_inside(self) -> None:
        chart = charts.bars("一", [("一", 1)]) + charts.lines("二", {"甲": [1]}, ["一"])
        assert "style" not in chart
        assert "<script" not in chart

    @pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
    def test_what_cannot_be_drawn_is_refused(self, value: float) -> None:
        with pytest.raises(ValueError, match="finite"):
            charts.bars("错", [("一", value)])


@pytest.mark.parametrize(
    ("greatest", "ticks"),
    [
        (1, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (7, ["0", "2", "4", "6", "8"]),
        (100, ["0", "50", "100"]),
        (1234, ["0", "500", "1000", "1500"]),
        (0.3, ["0", "0.1", "0.2", "0.3"]),
        (2_000_000, ["0", "500k", "1M", "1.5M", "2M"]),
    ],
)
def test_ticks_are_round(greatest: float, ticks: list[str]) -> None:
    svg = parsed(charts.bars("刻度", [("x", greatest)]))
    assert [t.text for t in svg.iter(f"{SVG}text") if t.get("text-anchor") == "end"] == ticks


class TestLines:
    def test_heights_are_in_proportion(self) -> None:
        svg = parsed(charts.lines("趋势", {"提问": [0, 5, 10, 10]}, WEEK))
        line = next(path for path in svg.iter(f"{SVG}path") if "chart-line-1" in (path.get("class") or ""))
        ys = [float(y) for _, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", line.get("d", ""))]
        assert ys[0] - ys[1] == pytest.approx(ys[1] - ys[2], abs=0.02)
        assert ys[2] == ys[3]

    def test_lines_differ_in_more_than_colour(self) -> None:
        svg = parsed(charts.lines("趋势", {"甲": [1, 2, 3, 4], "乙": [4, 3, 2, 1]}, WEEK))
        shapes = {path.get("class"): path.get("d") for path in svg.iter(f"{SVG}path") if path.get("transform")}
        assert len(set(shapes.values())) == 2
        assert {"甲", "乙"} <= set(texts(charts.lines("趋势", {"甲": [1], "乙": [2]}, ["x"])))

    def test_a_missing_value_is_a_gap(self) -> None:
        svg = parsed(charts.lines("趋势", {"甲": [1, None, 3, 4]}, WEEK))
        line = next(path for path in svg.iter(f"{SVG}path") if "chart-line-1" in (path.get("class") or ""))
        assert re.findall("[ML]", line.get("d", "")) == ["M", "M", "L"]
        assert "11-17 —" in (svg.findtext(f"{SVG}desc") or "")

    def test_too_many_lines_and_uneven_ones_are_refused(self) -> None:
        with pytest.raises(ValueError, match="told apart"):
            charts.lines("趋势", {str(n): [1] for n in range(5)}, ["x"])
        with pytest.raises(ValueError, match="each label"):
            charts.lines("趋势", {"甲": [1, 2]}, ["x"])


class TestRows:
    def test_widths_are_in_proportion_and_stay_inside(self) -> None:
        svg = parsed(charts.rows("文章", [("喝高度白酒能杀死病毒吗？", 40), ("安全账户", 10), ("没有", 0)]))
        widths = [float(bar.get("width", "")) for bar in svg.iter(f"{SVG}rect")]
        assert (round(widths[0] / widths[1], 2), widths[2]) == (4.0, 0)
        assert widths[0] < float(svg.get("viewBox", "").split()[2])

    def test_every_bar_has_its_label_and_number(self) -> None:
        assert texts(charts.rows("文章", [("甲", 40), ("乙", 10)], unit="次")) == ["甲", "40次", "乙", "10次"]
