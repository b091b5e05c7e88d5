from __future__ import annotations

import pytest

from index.aspects import Aspect, asked_for, told_of


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("狂犬疫苗多少钱一针", {Aspect.PRICE}),
        ("哪个医院有蛇毒血清", {Aspect.PLACE}),
        ("社区医院几点开门", {Aspect.HOURS}),
        ("84一盆水兑多少", {Aspect.DOSE}),
        ("哪个牌子的报警器好", {Aspect.BRAND}),
        ("被狗咬了要打针吗", set()),
        ("隔夜菜能吃吗", set()),
        ("阿莫西林一次吃多少", {Aspect.DOSE}),
        ("布洛芬隔几个小时吃一次", {Aspect.DOSE}),
        ("盐要放多少克", {Aspect.DOSE}),
        ("剩菜放几个小时还能吃吗", set()),
        ("喝几口白酒能预防感冒吗", set()),
        ("三岁娃吃了十几颗白果", set()),
        ("误喝了几滴农药", set()),
        ("闻到煤气味，先开门还是先关阀", set()),
        ("没有牌子的散酒能喝吗", set()),
        ("包裹上名字地址都是我的", set()),
    ],
)
def test_what_is_asked_for_is_seen(question: str, aspects: set[Aspect]) -> None:
    assert asked_for(question) == aspects


def test_an_article_is_taken_at_its_words() -> None:
    assert told_of("一针要100元，到接种门诊打。") >= {Aspect.PRICE, Aspect.PLACE}
    assert told_of("伤口要冲洗。") == frozenset()
