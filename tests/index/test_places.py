"""Which places a text names."""

from __future__ import annotations

import pytest

from index.places import places_in, places_of_a_kind
from index.variants import fold


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("龙游县詹家镇水厂", {"龙游", "詹家"}),
        ("咱们柳河镇的水", {"柳河"}),
        ("青石桥小学", {"石桥"}),
        ("龙潭水库要垮了", {"龙潭"}),
        ("盐城市昨晚地震", {"盐城"}),
        ("重庆市市民几时能回江西省", {"重庆", "江西"}),
        ("湖北省医疗队", {"湖北"}),
        ("上海市浦东新区、和平区", {"上海", "东新", "和平"}),
        ("广西壮族自治区和西藏自治区", {"广西", "西藏"}),
        ("香港特别行政区", {"香港"}),
    ],
)
def test_a_name_stands_before_its_kind(text: str, places: set[str]) -> None:
    assert places_of_a_kind(fold(text)) == places


@pytest.mark.parametrize(
    "text",
    [
        "我们县里停水",
        "县里的化工厂",
        "我老头子天天去村口打酒",
        "我们小区、菜市场、大超市都封了",
        "三甲医院的医生说河豚有毒",
        "爬山的时候见过山垮，后面山上掉石头",
        "正规医院",
        "衢州人民医院",
        "哪家医院、这家医院和一家医院",
        "为保障市民、中小学生和居民区",
        "累计向湖北调拨，对赴湖北的人",
        "国家和省里的规定，支援江西",
        "邻居们都说唐山那年就是这样",
        "把银行卡接给老乡过账",
        "我爹在信阳乡下，住湛江边上",
        "暴发山洪前有什么征兆，空腹吃山楂柿子，爬野山",
        "城镇居民医保、冰镇西瓜、服务区、禁放区，怎么省电",
        "下湾村(178)",
        "上海市第一人民医院的专家说，我在武汉市第三医院住院",
        "误食河豚怎么办，河边和江边的人",
    ],
)
def test_what_stands_before_a_kind_need_not_be_a_name(text: str) -> None:
    assert not places_of_a_kind(fold(text))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("武汉的医生说广东人常喝", {"武汉", "广东"}),
        ("內蒙古和臺灣的雪", {"内蒙古", "台湾"}),
        ("衢州人民医院", {"衢州"}),
        ("詹家镇，在衢州", {"詹家", "衢州"}),
        ("开封后要冷藏的三明治和哈密瓜", set()),
        ("没有地方", set()),
    ],
)
def test_provinces_and_prefectures_are_known_by_name(text: str, places: set[str]) -> None:
    assert places_in(fold(text)) == places
