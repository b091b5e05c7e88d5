from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.variants import (
    MAX_CHARACTERS,
    clean,
    fold,
    fold_all,
    has_han,
    is_traditional,
    terms,
    to_simplified,
    to_traditional,
)

ANYTHING = st.text(alphabet=st.characters(), max_size=300)  # lone surrogates and unassigned characters too
MIXED = st.text(
    alphabet="臺灣軟體滑鼠網路著裡乾發後麵檔案文件程式程序資訊薴苧說过ＡＢ１２①½℃🍺e\u0301\u200dİ，。 \n", max_size=60
)

FOLDED = {
    "full width": ("ＡＢＣ１２３，１００％", "abc123,100%"),
    "Traditional": ("微波爐加熱食物會致癌嗎", "微波炉加热食物会致癌吗"),
    "words of Taiwan": ("軟體、滑鼠、網路詐騙", "软件、鼠标、网络诈骗"),
    "words of Taiwan that mean something else here": ("這個檔案", "这个文件"),
    "words here that mean something else in Taiwan": ("这个文件、那个程序", "这个文件、那个程序"),
    "emoji": ("喝🍺能杀病毒👨\u200d👩\u200d👧吗", "喝 能杀病毒 吗"),
    "zero width": ("喝\u200b白\u200d酒\ufeff", "喝白酒"),
    "variation selectors": ("致\ufe0f癌\U000e0100", "致癌"),
    "a link with Chinese after it": ("看http://a.cn/x?y=1这个是真的吗", "看 这个是真的吗"),
    "a link in capitals and brackets": ("（HTTPS://A.B/c）真的", "( )真的"),
    "a link without scheme": ("www.x.com骗人", "骗人"),
    "lone surrogates": ("\ud800水\udc00", "水"),
    "a pair of surrogates that are one emoji": ("\ud83c\udf7a水", "水"),
    "line ends": ("第一行\r\n第二行\x00", "第一行 第二行"),
    "accents composed or not": ("cafe\u0301 café", "café café"),
    "capitals that grow when lowered": ("İ", "i"),
    "signs of units": ("１㎏ ５ＭＧ", "1kg 5mg"),
    "nothing but decoration": ("🙏🙏🙏\u200d️", ""),
}


@pytest.mark.parametrize(("text", "folded"), FOLDED.values(), ids=FOLDED)
def test_variants_fold_to_one_spelling(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANYTHING | MIXED)
@settings(deadline=None, max_examples=400)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert len(folded) <= MAX_CHARACTERS
    folded.encode("utf-8")


def test_every_single_character_folds_to_something_that_stays() -> None:
    moved = {chr(code) for code in range(0x20000) if fold(fold(chr(code))) != fold(chr(code))}
    assert moved == set()


@given(ANYTHING | MIXED)
@settings(deadline=None, max_examples=300)
def test_a_clean_text_shows_what_it_holds_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn") for character in cleaned)


@given(ANYTHING | MIXED)
@settings(deadline=None, max_examples=300)
def test_nothing_anyone_sends_is_refused(text: str) -> None:
    assert all(term and " " not in term for term in terms(fold(text)))
    assert is_traditional(text) in (True, False)
    assert has_han(text) in (True, False)
    to_traditional(text).encode("utf-8")


def test_a_clean_text_keeps_emoji_and_capitals_and_ends_at_the_limit() -> None:
    assert clean("  喝🍺 \u200bABC\n\n能\t杀毒\u2028  ") == "喝🍺 ABC 能 杀毒"
    assert clean("水" * 5000) == "水" * MAX_CHARACTERS
    assert clean("一二三四", limit=3) == "一二三"


LONG = {
    "one sign that becomes eighteen": "\ufdfa" * 4_000,
    "one sign that becomes eighteen, a hundred thousand times": "\ufdfa" * 100_000,
    "one character": "水" * 100_000,
    "one Latin word": "a" * 100_000,
    "a tower of accents": "e" + "\u0301" * 100_000,
    "links that never end": "http://" * 15_000,
    "nothing to see": "\u200b" * 100_000,
    "joined emoji": "👨\u200d👩\u200d👧" * 20_000,
    "Traditional": "臺灣軟體" * 25_000,
    "surrogates": "\ud800" * 100_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_hundred_thousand_characters_take_no_time(text: str) -> None:
    fold("臺灣")  # dictionaries are read at first use
    started = time.perf_counter()
    found = terms(fold(text))
    assert time.perf_counter() - started < 0.5
    assert sum(map(len, found)) <= 2 * MAX_CHARACTERS


def test_terms_are_pairs_of_neighbours_and_whole_words() -> None:
    assert terms("微波炉致癌") == ["微波", "波炉", "炉致", "致癌"]
    assert terms("hpv疫苗9价, 120 打") == ["hpv", "疫苗", "9", "价", "120", "打"]
    assert terms("喝酒，杀毒。") == ["喝酒", "杀毒"]
    assert terms("a_b c-d 0.5mg") == ["a", "b", "c", "d", "0", "5mg"]
    assert terms("，。!? ") == []


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("請問微波爐會致癌嗎", True),
        ("臺灣", True),
        ("请问微波炉会致癌吗", False),
        ("白酒", False),  # the same in both
        ("", False),
        ("hello", False),
        ("他说要转账，對方是銀行", False),  # more Simplified than Traditional
        ("\ud800請問", True),
    ],
)
def test_traditional_writing_is_told_from_simplified(text: str, traditional: bool) -> None:
    assert is_traditional(text) is traditional


def test_an_answer_is_shown_in_traditional_characters_with_the_words_of_the_mainland() -> None:
    assert to_traditional("软件里的鼠标，后面的网络") == "軟件裡的鼠標，後面的網絡"
    assert to_traditional("拨打120，12:30 www.example.com") == "撥打120，12:30 www.example.com"
    assert to_traditional("水\ud800") == "水?"


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("请专家会签，书签", "請專家會簽，書籤"),
        ("洗脸能干净，骨干网络", "洗臉能乾淨，骨幹網絡"),
        ("马上冲洗，用水冲15分钟，再冲奶粉", "馬上沖洗，用水沖15分鐘，再沖奶粉"),
        ("别冲动，冲突，往外冲", "別衝動，衝突，往外衝"),
        ("来台风，台风眼里", "來颱風，颱風眼裡"),
        ("一台风扇，舞台风格", "一臺風扇，舞臺風格"),
        ("里还有面粉，馒头面条，抹面包的油", "裡還有麵粉，饅頭麵條，抹麵包的油"),
        ("表面粉尘，方面条件，里面包着", "表面粉塵，方面條件，裡面包著"),
        ("别喂水，喂奶。喂，你好", "別餵水，餵奶。喂，你好"),
    ],
)
def test_words_that_the_dictionary_cuts_wrongly_are_written_rightly(simplified: str, traditional: str) -> None:
    assert to_traditional(simplified) == traditional
    assert to_simplified(traditional) == simplified


@pytest.mark.parametrize(("text", "han"), [("abc", False), ("a水", True), ("", False), ("。？", False), ("㐀", True)])
def test_chinese_characters_are_noticed(text: str, han: bool) -> None:
    assert has_han(text) is han


def test_a_long_line_of_a_document_is_folded_to_its_end() -> None:
    assert fold_all(f"{'水' * 5000}廠\n第二行") == f"{'水' * 2000} {'水' * 2000} {'水' * 1000}厂 第二行"
