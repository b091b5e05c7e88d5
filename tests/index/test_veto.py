"""What a question has against an article that lies near."""

from __future__ import annotations

import pytest

from index.aspects import Aspect
from index.passages import Document
from index.variants import fold
from index.veto import Stated, Veto
from knowledge.article_files import CONTENT, read_folder

VACCINE = Document(
    1,
    "65岁以上能免费打流感疫苗吗？",
    ("老人打流感疫苗要钱吗", "我妈七十岁，流感疫苗能免费打吗"),
    body="由各地规定，问社区的接种门诊。",
)


@pytest.mark.parametrize(
    ("question", "veto"),
    [
        ("65岁的人打流感疫苗免费吗", Veto(contradicts=False, lacks=frozenset())),
        ("爸爸去村口卫生室打流感疫苗，花了30块，免费的怎么打", Veto(contradicts=False, lacks=frozenset())),
        ("60岁以上打流感疫苗免费吗", Veto(contradicts=False, lacks=frozenset())),
        ("石塘村老人流感疫苗免费吗", Veto(contradicts=True, lacks=frozenset())),
        ("被狗咬了能免费打疫苗吗", Veto(contradicts=True, lacks=frozenset())),
        ("流感疫苗一次打几毫升", Veto(contradicts=False, lacks=frozenset({Aspect.DOSE}))),
    ],
)
def test_only_what_goes_against_an_article_is_a_veto(question: str, veto: Veto) -> None:
    found = Stated.of(VACCINE).veto(fold(question))
    assert found == veto
    assert bool(found) is (veto.contradicts or bool(veto.lacks))


def test_an_amount_is_somebody_s_story() -> None:
    honey = Document(1, "一岁以内的孩子能喝蜂蜜水吗？", ("娃还没满一岁，能喂点蜂蜜吗",))
    assert not Stated.of(honey).veto(fold("我妈六十五岁，非要给八个月的孙子喝蜂蜜水"))


def test_what_a_phrasing_tells_answers_nothing() -> None:
    about = Document(1, "流感疫苗能打吗？", ("我花了30元打的流感疫苗，能打吗",), body="能打。")
    assert Stated.of(about).veto(fold("打流感疫苗多少钱")).lacks == {Aspect.PRICE}


def test_a_bare_text_is_not_refused_for_a_place_or_for_what_it_seems_to_deny() -> None:
    bare = Document(1, "流感疫苗", body="六十岁以上的人不能免费打流感疫苗。大家都可以自费打。")
    found = Stated.of(bare)
    assert not found.veto(fold("石塘村的老人能免费打流感疫苗，大家快去"))
    assert found.veto(fold("被狗咬了打什么疫苗"))
    assert found.veto(fold("流感疫苗一次打几毫升"))


def test_places_are_shared_wherever_the_document_names_them() -> None:
    found = Stated.of(Document(1, "流感疫苗", body="衢州的社区门诊和龙游县詹家镇卫生院都能打。"))
    assert found.shares_places(fold("在詹家镇能打流感疫苗吗")) == 1.0
    assert found.shares_places(fold("石塘村能打流感疫苗吗")) == -1.0
    assert found.shares_places(fold("衢州和武汉能打流感疫苗吗")) == 0.0
    assert found.shares_places(fold("流感疫苗能打吗")) == 0.0


def test_no_article_refuses_its_own_wordings() -> None:
    refused = []
    for number, content in enumerate(read_folder(CONTENT).articles.values()):
        document = Document.of(number, content)
        stated = Stated.of(document)
        refused += [text for text in document.asked if stated.veto(fold(text))]
    assert refused == []


def test_no_article_refuses_its_title_after_ordinary_words() -> None:
    words = (
        "昨天",
        "刚才村上说",
        "上个月镇上",
        "年底",
        "告诉村干部",
        "先问县里",
        "自称县医院的",
        "附近水库",
        "城乡居民",
    )
    refused = []
    for number, content in enumerate(read_folder(CONTENT).articles.values()):
        said = fold(words[number % len(words)] + content.title)
        refused += [said] if Stated.of(Document.of(number, content)).veto(said) else []
    assert refused == []
