"""What every text has in common for an encoder, taken out before vectors are compared.

The vectors of a sentence encoder lie in a narrow cone: any two texts look alike. Without the mean vector, cosines
spread out and compare across topics (Mu and Viswanath 2018, "All-but-the-Top").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.encoder import FloatMatrix
from index.vector_cache import CachedEncoder
from index.vectors import unit_rows

_PRIOR_WEIGHT = 200
"""As how many passages the everyday sentences count; a small knowledge base would otherwise be its own centre."""

_EVERYDAY = (
    "今天天气不错，我们出去走走吧。",
    "这件衣服多少钱？",
    "明天上午九点开会，请大家准时参加。",
    "孩子放学了，记得去接他。",
    "晚饭吃什么？冰箱里还有鸡蛋和西红柿。",
    "手机没电了，充电器放在哪里？",
    "村里的路修好了，开车方便多了。",
    "听说隔壁老王家的儿子考上大学了。",
    "这个药一天吃几次，饭前还是饭后？",
    "地里的玉米该浇水了。",
    "公交车什么时候来？",
    "银行几点关门，需要带身份证吗？",
    "新闻里说下周要降温，注意保暖。",
    "昨晚没睡好，头有点疼。",
    "超市鸡蛋打折，早点去排队。",
    "怎么把字调大一点？",
    "网上说的这个办法到底管不管用？",
    "老人家身体怎么样，最近还好吗？",
    "大家注意安全，不要靠近河边。",
    "请问这个表格应该怎么填？",
    "感谢各位亲朋好友的关心和帮助。",
    "他昨天从城里回来，带了很多东西。",
    "电视坏了，找人来修一下。",
    "请转告家里人，收到请回复。",
)


@dataclass(frozen=True, slots=True)
class Centre:
    """The mean vector [dimension] of an encoder's texts, one for passages and queries alike."""

    mean: npt.NDArray[np.float32]

    @staticmethod
    def of(encoder: CachedEncoder, passages: FloatMatrix | None = None) -> Centre:
        """The mean of some everyday sentences and of these passages [n, dimension], if any."""
        everyday = encoder.encode_passages(_EVERYDAY).mean(axis=0)
        if passages is None or not len(passages):
            return Centre(everyday)
        total = everyday * _PRIOR_WEIGHT + passages.sum(axis=0)
        return Centre((total / (_PRIOR_WEIGHT + len(passages))).astype(np.float32))

    def remove(self, vectors: FloatMatrix) -> FloatMatrix:
        """Rows [n, dimension] without what they have in common, at unit length."""
        return unit_rows(vectors - self.mean)
