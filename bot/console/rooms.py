"""The rooms of the console, as the top of every page lists them to whoever may enter."""

from __future__ import annotations

from knowledge.models import Role

ROOMS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("room-desk", "/desk", frozenset({Role.DEBUNKER, Role.EXPERT})),
    ("room-articles", "/articles", frozenset({Role.EDITOR, Role.DEBUNKER, Role.EXPERT})),
    ("room-reports", "/reports", frozenset(Role)),
    ("room-people", "/people", frozenset({Role.ADMINISTRATOR})),
)
"""Name of the sentence, address below the console's, and roles."""
