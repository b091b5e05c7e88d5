"""The public pages: every article that may be read, the lists of them, and sheets to print.

They work without a script and set no cookie. What is shown is read from the database at that moment, as in the chat:
a retired or overdue article is never shown from a copy.
"""

from bot.channels.pages.site import Pages

__all__ = ["Pages"]
