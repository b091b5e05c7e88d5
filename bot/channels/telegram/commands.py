"""The command menu residents see beside the text box."""

from __future__ import annotations

from telegram import Bot, BotCommand

_CHINESE = (
    BotCommand("start", "开始使用"),
    BotCommand("help", "怎么用"),
    BotCommand("privacy", "你的信息如何处理"),
    BotCommand("mine", "查看我留下的信息"),
    BotCommand("forget", "删除我的信息"),
    BotCommand("language", "切换语言"),
)
_ENGLISH = (
    BotCommand("start", "Start"),
    BotCommand("help", "How to use this bot"),
    BotCommand("privacy", "How your data is handled"),
    BotCommand("mine", "See what is stored about me"),
    BotCommand("forget", "Delete my data"),
    BotCommand("language", "Change language"),
)


async def set_commands(bot: Bot) -> None:
    """Publish the menu: Chinese for everybody, English for those whose Telegram speaks it."""
    await bot.set_my_commands(_CHINESE)
    await bot.set_my_commands(_CHINESE, language_code="zh")
    await bot.set_my_commands(_ENGLISH, language_code="en")
