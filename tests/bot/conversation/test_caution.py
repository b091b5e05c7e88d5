"""What is said to do meanwhile, where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from bot.conversation.caution import advice, smells_of_scam, tells_to_leave

NOWHERE = np.zeros(384, dtype=np.float32)
"""A vector that speaks for nothing, so that the words alone are looked at."""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("大便黑得像沥青，没劲", "advice-doctor"),
        ("娃在肚子里一天没动了，胎动没有", "advice-doctor"),
        ("奶奶昨天还清楚，今天迷糊乱答", "advice-doctor"),
        ("化療後發燒三十八度五", "advice-doctor"),
        ("打完胰島素忘了吃飯", "advice-doctor"),
        ("把降糖药吃错了", "advice-doctor"),
        ("网友收了钱把我拉黑了怎么办", "advice-general"),
        ("油锅着火可以倒水吗", "advice-danger"),
        ("what are the signs of a heart attack", "advice-danger"),
        ("黑芝麻能让头发变黑吗", "advice-general"),
        ("血糖6.1算高吗", "advice-general"),
        ("昨天还好好的手机今天开不了机", "advice-general"),
    ],
)
def test_what_cannot_wait_is_said_to_be_so(text: str, name: str) -> None:
    assert advice(text, NOWHERE) == name


def test_nobody_below_a_dam_is_told_to_wait() -> None:
    assert tells_to_leave("青龙水库出现管涌，下游全部撤离")
    assert tells_to_leave("今晚特大山洪，沿河住戶馬上往高處走")
    assert not tells_to_leave("癌症转移了吃灵芝能好")
    assert not tells_to_leave("高处作业不用办证")


def test_a_smell_of_scam_is_noticed_in_a_question() -> None:
    assert smells_of_scam("让我先交保证金再放款，是真的吗")
    assert not smells_of_scam("隔夜菜能吃吗")
