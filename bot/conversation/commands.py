"""Commands asked for in words.

Few residents know what a slash is for. They write "删除我的记录" or "转人工", and a search would make a rumour of that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.conversation.language import LANGUAGES
from bot.conversation.wording import Wording
from index.variants import to_simplified

_MINE = r"我的?(?:所有|全部)?(?:聊天)?(?:记录|信息|数据|资料)"
_DELETE = r"(?:删除|删掉|删了|清除|清空)"
_IN_WORDS = {
    name: re.compile(words, re.IGNORECASE)
    for name, words in (
        ("start", r"(?:从头)?开始|start"),
        ("help", r"帮助|使用(?:说明|方法|帮助)|这?个?(?:怎么|咋|如何)使?用[你您]?[啊呀呢]?|菜单|功能|menu"),
        ("privacy", r"隐私(?:政策|说明|权)?|privacy(?: policy)?"),
        ("mine", rf"[你您]?们?都?(?:存|记|收集)了(?:我的?)?(?:什么|啥|哪些)(?:信息|东西|数据)?|看?看?{_MINE}|my data"),
        # "忘了我吧" alone may be a farewell, and is none of these.
        (
            "forget",
            rf"(?:请|帮我)?(?:{_DELETE}{_MINE}|把(?:我|{_MINE}){_DELETE})[吧了]?|forget me|"
            r"delete (?:me|my (?:data|records?|messages|information))",
        ),
        (
            "stop",
            r"(?:请)?(?:不要|别|不用|停止|取消)(?:再)?(?:给我)?(?:通知|提醒|打扰|推送|发消息|发通知|告诉)(?:我|给我)?(?:了)?|停|停止|退订|td|"
            r"stop|unsubscribe",
        ),
        (
            "human",
            r"(?:我要|我想|请|帮我|能|可以)?(?:转|找|要|接|联系)?(?:个)?(?:人工|真人|客服|人工客服|在线客服)(?:服务|客服)?(?:在吗|吗|呢|有吗)?|"
            r"(?:有|是)(?:没有|不是)?(?:人工|真人)(?:客服)?(?:吗)?|"
            r"(?:talk to )?a? ?(?:human|agent|real person|customer service)",
        ),
        (
            "more",
            r"(?:那)?(?:为什么|为啥|凭什么|怎么说|什么意思|啥意思)(?:呢|啊|呀)?|(?:有)?(?:来源|出处|依据|根据)(?:呢|是什么|在哪|吗)?|(?:这)?谁说的|"
            r"(?:我)?(?:看不懂|没看懂|不懂|没听懂|听不懂|不明白)(?:啊|呀|了)?|(?:再|请)?(?:说|讲)(?:一遍|详细(?:点|些|一点)?|清楚(?:点|些)?|简单(?:点|些))|详细(?:点|些|一点)|"
            r"why|source|sources|i don'?t understand|more",
        ),
    )
}


def as_command(text: str) -> str:
    """The command that a whole message asks for in words, or with the slash of a Chinese keyboard; any other text as it
    is."""
    if text.startswith("／"):
        return f"/{text[1:]}"
    if by_name := _by_first_line().get(text):
        return by_name
    words = to_simplified(text).strip(" \t/／。.！!？?，,~～")
    return next((f"/{name}" for name, asked in _IN_WORDS.items() if asked.fullmatch(words)), text)


@lru_cache(maxsize=1)
def _by_first_line() -> dict[str, str]:
    """Help and privacy by the first line of what they say: it stands on a page as a link."""
    wordings = [Wording(language, "UTC") for language in LANGUAGES]
    return {
        wording.shown(wording.say(name, days=0).split("\n", 1)[0]): f"/{name}"
        for wording in wordings
        for name in ("help", "privacy")
    }
