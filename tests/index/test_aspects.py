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
        ("台风几级要停工", {Aspect.GRADE}),
        ("听说镇上水厂被人投毒了", {Aspect.CRIME}),
        ("医保给报吗，能报多少", {Aspect.REFUND}),
        ("拦着不给报警", set()),
        ("老人走丢，满一天才能报吗", set()),
        ("要注意哪几点，身上有几点红斑", set()),
        ("代办营业执照，营业厅能办吗", set()),
        ("钱去哪了，到底险在哪", set()),
        ("办这个要花多少时间", set()),
        ("再滴几滴白醋，先吃几粒头孢", set()),
        ("眼药水一次滴几滴", {Aspect.DOSE}),
    ],
)
def test_what_is_asked_for_is_seen(question: str, aspects: set[Aspect]) -> None:
    assert asked_for(question) == aspects


def test_an_article_is_taken_at_its_words() -> None:
    assert told_of("一针要100元，到接种门诊打。") >= {Aspect.PRICE, Aspect.PLACE}
    assert told_of("伤口要冲洗。") == frozenset()


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("打120，或者拨96110", {Aspect.PHONE}),
        ("2024年有300人，10000元，120毫克", {Aspect.PRICE, Aspect.DOSE}),
        ("元旦，二单元", set()),
        ("三百元", {Aspect.PRICE}),
        ("一次两片，吃五天", {Aspect.DOSE, Aspect.STAY}),
        ("七级大风", {Aspect.GRADE}),
    ],
)
def test_what_a_text_speaks_of_is_seen(text: str, aspects: set[Aspect]) -> None:
    assert told_of(text) == aspects
