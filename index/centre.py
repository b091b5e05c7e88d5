"""What every text has in common for an encoder, taken out before vectors are compared.

The vectors of a sentence encoder lie in a narrow cone: any two texts look alike. Without the mean vector, cosines
spread out and compare across topics (Mu and Viswanath 2018, "All-but-the-Top").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.vector_cache import CachedEncoder
from index.vectors import FloatMatrix, unit_rows

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
    """The mean vectors [dimension] of an encoder's texts.

    What is asked and what is told are encoded differently and have different means. A question is compared with both,
    so its mean lies between them, as many of the one and of the other as there are.
    """

    asked: npt.NDArray[np.float32]
    told: npt.NDArray[np.float32]
    between: npt.NDArray[np.float32]

    @staticmethod
    def of(encoder: CachedEncoder, asked: FloatMatrix | None = None, told: FloatMatrix | None = None) -> Centre:
        """The means of these texts [n, dimension], if any, and of some everyday sentences."""
        counts = [0 if texts is None else len(texts) for texts in (asked, told)]
        share = counts[0] / sum(counts) if any(counts) else 1.0
        of_asked = _mean(encoder.encode_kept_queries(_EVERYDAY).vectors, asked)
        of_told = _mean(encoder.encode_passages(_EVERYDAY).vectors, told)
        return Centre(of_asked, of_told, share * of_asked + (1 - share) * of_told)

    def of_queries(self, vectors: FloatMatrix) -> FloatMatrix:
        """Vectors [n, dimension] of questions to be searched with, without what they have in common, at unit length."""
        return unit_rows(vectors - self.between)

    def of_asked(self, vectors: FloatMatrix) -> FloatMatrix:
        """The same for what is searched and asks, such as a title."""
        return unit_rows(vectors - self.asked)

    def of_told(self, vectors: FloatMatrix) -> FloatMatrix:
        """The same for what is searched and answers, such as a piece of a body."""
        return unit_rows(vectors - self.told)


def _mean(everyday: FloatMatrix, texts: FloatMatrix | None) -> npt.NDArray[np.float32]:
    mean: npt.NDArray[np.float32] = everyday.mean(axis=0)
    if texts is None or not len(texts):
        return mean
    weighted: npt.NDArray[np.float32] = (mean * _PRIOR_WEIGHT + texts.sum(axis=0)) / (_PRIOR_WEIGHT + len(texts))
    return weighted.astype(np.float32)
