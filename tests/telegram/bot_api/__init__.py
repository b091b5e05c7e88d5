"""A fake Telegram Bot API over real HTTP on 127.0.0.1, for tests and for trying the bot by hand.

state.py    what Telegram knows: chats, messages, updates; and what a test does as a resident
faults.py   errors a test orders in advance
methods.py  the Bot API methods, checked as strictly as Telegram does or more
webhook.py  bringing updates to a webhook, again and again until it takes them
server.py   the HTTP server, the control endpoints

By hand: ``python -m tests.telegram.bot_api --port 8081``, give the bot ``http://127.0.0.1:8081`` as its API address and
the token it prints, then::

    curl -d '{"chat": 7, "text": "喝白酒能预防感冒吗"}' http://127.0.0.1:8081/control/send
    curl 'http://127.0.0.1:8081/control/sent?chat=7'
"""

from tests.telegram.bot_api.faults import Fault, dropped, garbled, refused, slow, too_many_requests
from tests.telegram.bot_api.server import FakeBotApi
from tests.telegram.bot_api.state import TOKEN, Call, SentMessage

__all__ = [
    "TOKEN",
    "Call",
    "FakeBotApi",
    "Fault",
    "SentMessage",
    "dropped",
    "garbled",
    "refused",
    "slow",
    "too_many_requests",
]
