"""The JSON API for other programs, and the feeds of debunks."""

from bot.api.app import Api

__all__ = ["Api"]
