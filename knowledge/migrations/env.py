"""Alembic's entry: migrates the connection it is handed by `Database.migrate`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from knowledge.models import Base


def run(connection: Connection) -> None:
    """Run the migrations on `connection` in the caller's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
