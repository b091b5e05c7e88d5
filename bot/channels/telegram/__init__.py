"""Telegram: private chats with the bot, by polling or by webhook.

channel.py   start, stop, the handlers
webhook.py   the endpoint Telegram calls
polling.py   fetching updates, acknowledged only once they are committed
sending.py   replies on their way out: in order in one chat, independent between chats
updates.py   an update narrowed to an `IncomingMessage`
text.py      lengths in UTF-16 units, splitting, the bold headline
commands.py  the command menu
api.py       the HTTP side of python-telegram-bot, time-outs and pauses
errors.py    what can go wrong for good
"""

from bot.channels.telegram.api import Timing
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import BadToken, BadWebhook, TelegramChannelError
from bot.channels.telegram.updates import incoming

__all__ = ["BadToken", "BadWebhook", "TelegramChannel", "TelegramChannelError", "Timing", "incoming"]
