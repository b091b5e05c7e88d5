from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.encoder import Encoder, load_encoder
from index.late import Tokens
from index.model.comparison import LONGEST, Comparison
from index.model.errors import WeightsMalformed


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison()


@pytest.fixture(scope="module")
def encoder(model_dir: Path) -> Encoder:
    return load_encoder(model_dir)


def joined(texts: tuple[Tokens, ...]) -> tuple[Tokens, np.ndarray]:
    """The texts one after the other, and their sizes."""
    directions = np.concatenate([text.directions for text in texts])
    ids = np.concatenate([text.ids for text in texts])
    return Tokens(directions, ids), np.array([len(text) for text in texts])


def compared(comparison: Comparison, encoder: Encoder, question: str, *others: str) -> list[float]:
    asked, *rest = encoder.encode_queries([question, *others]).tokens
    odds: list[float] = comparison.compare(asked, *joined(tuple(rest))).tolist()
    return odds


TRIPLES = [
    ("隔夜茶喝了会得癌症吗", "喝放了一晚上的茶会不会致癌", "隔夜茶可以浇花吗"),
    ("木耳泡久了能吃吗", "木耳泡了两天还能不能吃", "木耳和猪肉一起吃好吗"),
    ("被猫抓出血要打狂犬疫苗吗", "猫把我抓破了，用不用去打狂犬针", "猫要不要打狂犬疫苗"),
    ("手机贷款要先交保证金是不是骗子", "网上借钱让我先打保证金，是诈骗吗", "手机贷款利息多少合适"),
    ("微波炉热饭会致癌吗", "用微波炉加热饭菜得不得癌", "微波炉能不能热不锈钢碗"),
    ("地震时能不能坐电梯", "地震了能乘电梯下楼吗", "电梯多久检修一次"),
    ("二手烟对孩子有害吗", "大人在屋里抽烟，会不会伤到娃", "孩子学抽烟怎么管"),
    ("鱼刺卡喉咙喝醋有用吗", "卡了鱼刺，喝点醋能化掉不", "鱼刺最少的是哪种鱼"),
    ("医保卡停用的短信是真的吗", "收到信息说我医保被冻结，可信吗", "医保卡丢了去哪里补"),
    ("中风了要放血急救吗", "有人中风，扎手指放血能救命吗", "中风以后怎么锻炼"),
    ("打雷时能不能用手机", "雷雨天打电话会被雷劈吗", "手机进水了怎么办"),
    ("血糖高能吃西瓜吗", "糖尿病人可不可以吃西瓜", "西瓜怎么挑才甜"),
]
"""A question, the same in other words, and one that is only near; none of them was learned from."""


def test_another_wording_is_told_from_another_question(comparison: Comparison, encoder: Encoder) -> None:
    odds = [compared(comparison, encoder, *texts) for texts in TRIPLES]
    assert sum(wording > near + 0.5 for wording, near in odds) >= 11, odds
    wordings, near = zip(*odds, strict=True)
    assert np.mean(wordings) > np.mean(near) + 2.0, odds


def test_texts_do_not_depend_on_what_they_are_compared_beside(comparison: Comparison, encoder: Encoder) -> None:
    texts = ("木耳泡了两天还能不能吃", "地震来了怎么办，住在十二楼，电梯能不能坐，往哪里跑才对", "木耳")
    together = compared(comparison, encoder, "木耳泡久了能吃吗", *texts)
    alone = [compared(comparison, encoder, "木耳泡久了能吃吗", text)[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-3)


def test_nothing_is_known_of_what_has_no_tokens(comparison: Comparison, encoder: Encoder) -> None:
    (asked,) = encoder.encode_queries(["木耳"]).tokens
    nothing = Tokens(asked.directions[:0], asked.ids[:0])
    assert comparison.compare(nothing, asked, np.array([len(asked)])).tolist() == [0.0]
    found = comparison.compare(asked, asked, np.array([0, len(asked)]))
    assert found[0] == 0.0
    assert found[1] != 0.0
    assert comparison.compare(asked, nothing, np.array([0])).tolist() == [0.0]
    assert comparison.compare(asked, nothing, np.array([], dtype=np.int64)).tolist() == []


def test_a_very_long_text_is_read_from_its_beginning(comparison: Comparison, encoder: Encoder) -> None:
    asked, long = encoder.encode_queries(["木耳泡久了能吃吗", "木耳泡了两天还能不能吃，" * 60]).tokens
    beginning = Tokens(long.directions[:LONGEST], long.ids[:LONGEST])
    whole = comparison.compare(asked, long, np.array([len(long)]))
    assert whole == pytest.approx(comparison.compare(asked, beginning, np.array([LONGEST])))


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "comparison.onnx"
    with pytest.raises(WeightsMalformed, match=r"comparison\.onnx"):
        Comparison(path)
    path.write_bytes(b"no network")
    with pytest.raises(WeightsMalformed, match="cannot be read"):
        Comparison(path)
