"""What stops the Telegram channel for good; everything else is retried.

TelegramChannelError
├── BadToken      Telegram does not know the bot
└── BadWebhook    the webhook cannot work as it is configured
"""


class TelegramChannelError(Exception):
    """The channel cannot work until somebody mends its settings."""


class BadToken(TelegramChannelError):
    """Telegram refused the token. Says how to mend it, and never holds the token."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram 不接受这个机器人令牌。请在 Telegram 里向 @BotFather 发送 /token 取得正确的令牌，"
            "写入设置后重新启动；如果使用自建的 Bot API 服务器，请同时检查它的地址。"
        )


class BadWebhook(TelegramChannelError):
    """The webhook's address or secret is missing or refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Telegram webhook 无法使用：{reason}")
