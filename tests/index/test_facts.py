"""Facts: numbers by value, places by name, and when two texts contradict each other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.facts import Facts
from index.variants import fold


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("补两万", {20_000}),
        ("补2万", {20_000}),
        ("三万块", {30_000}),
        ("2.5万元", {25_000}),
        ("满九十岁", {90}),
        ("一百二十三人", {123}),
        ("三千零五十", {3050}),
        ("一亿二千万", {120_000_000}),
        ("二〇二六年", {2026}),
        ("晚上十二点", {12}),
        ("下午3点", {3, 15}),
        ("12月8日", {12, 8}),
        ("千万不要喝", set()),
        ("一起去看一下", set()),
        ("没有数字", set()),
        ("被骗了三万五", {35_000}),
        ("月租三千二", {3200}),
        ("三千零二", {3002}),
        ("转了1,234,000元", {1_234_000}),
        ("六七十岁的老人", set()),
        ("喝了两三天", set()),
        ("三四百块", set()),
        ("几十元的团", set()),
        ("零点五克", {0.5}),
        ("三十八度五", {38.5}),
        ("39度2", {39.2}),
        ("五点八级", {5.8}),
        ("三点五十分", {3, 50}),
        ("1万5", {15_000}),
        ("1万5千元", {15_000}),
        ("2万5月1日", {20_000}),
        ("三百多万", {3_000_000}),
        ("一万亿", {1e12}),
        ("二两", {2}),
        ("三三两两", set()),
        ("三七粉", set()),
        ("壹万元", {10_000}),
        ("伍仟元", {5000}),
        ("大陆", set()),
        ("万一停电", set()),
        ("二" * 400, set()),
    ],
)
def test_numbers_are_read_by_their_value(text: str, numbers: set[float]) -> None:
    assert Facts.of(fold(text)).numbers == numbers


@pytest.mark.parametrize(
    ("left", "right", "contradict"),
    [
        ("明天下午三点地震", "8日夜里两点地震", True),
        ("每平方补两万", "一平方米赔2万", False),
        ("詹家镇水厂有毒", "辉埠镇水厂有毒", True),
        ("詹家镇水厂有毒", "龙游县詹家镇水厂有毒", False),
        ("水厂有毒", "詹家镇水厂有毒", False),
        ("下午3点停电", "15点停电", False),
        ("万一停电了", "停电500户", False),
        ("老街明年要拆迁了", "老街不拆迁了，放心", True),
        ("这病更容易传给孩子", "这病更不容易传给孩子", True),
        ("千万别喝井水", "井水不能喝", False),
        ("井水能喝吗", "井水是不是不能喝", False),
        ("要特别注意孩子", "请注意孩子", False),
    ],
)
def test_texts_contradict_only_when_both_say_and_nothing_agrees(left: str, right: str, contradict: bool) -> None:
    assert Facts.of(fold(left)).contradict(Facts.of(fold(right))) is contradict


@pytest.mark.parametrize(
    ("left", "right", "differ"),
    [
        ("8月5日早上8点停电", "8月9日早上8点停电", True),
        ("60岁以上补贴500元", "60岁以上补贴800元", True),
        ("北京的水厂被投毒", "武汉的水厂被投毒", True),
        ("龙游县詹家镇停水", "龙游县辉埠镇停水", True),
        ("8月5日停电", "8月5日早上8点停电", False),
    ],
)
def test_one_number_or_place_that_differs_is_enough_between_copies(left: str, right: str, differ: bool) -> None:
    assert Facts.of(fold(left)).differ(Facts.of(fold(right))) is differ


@pytest.mark.parametrize(
    ("text", "injuries"),
    [
        ("手被开水烫了", {"burn"}),
        ("被火烧伤了", {"burn"}),
        ("被热水烫脱皮", {"burn"}),
        ("怎么让孩子退烧", set()),
        ("孩子发高烧会不会烧坏脑子", set()),
        ("打雷会把电视烧坏吗", set()),
        ("孩子被传染发烧了", set()),
        ("叫救护车烧钱", set()),
        ("被蝎子蜇了", {"bite"}),
        ("叫蜈蚣咬了手", {"bite"}),
        ("蛇胆泡酒抓紧喝", set()),
        ("被猫抓了", {"bite"}),
        ("狗咬了36小时，被虫子咬了，老鼠咬了手指", {"bite"}),
        ("会叫的狗不咬人，小狗爱咬鞋", set()),
        ("老鼠咬坏电线，被老鼠咬过的粮食，虫子咬的水果", set()),
        ("油锅烧着了，电动车烧着了，烧了纸", set()),
        ("手被火烧了", {"burn"}),
        ("扭了秧歌", set()),
        ("脚扭了", {"sprain"}),
    ],
)
def test_injuries_are_named(text: str, injuries: set[str]) -> None:
    assert Facts.of(fold(text)).injuries == injuries


@given(st.text(alphabet="〇零一二两三四五六七八九十百千万亿0123456789.点", max_size=40))
def test_any_run_of_numerals_is_read_without_error(text: str) -> None:
    assert all(number >= 0 for number in Facts.of(text).numbers)


def test_a_long_run_of_digits_takes_no_time() -> None:
    started = time.perf_counter()
    for text in ("千" * 2000, "1,111" * 400, "三万" * 1000, "恩施" + "族" * 2000, "叫狗" * 1000, "下午一点" * 500):
        Facts.of(text)
    assert time.perf_counter() - started < 0.3
