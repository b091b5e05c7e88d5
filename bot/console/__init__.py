"""The web console of the people behind the bot: rumour desk, editors' room, reports."""

from bot.console.console import Console

__all__ = ["Console"]
