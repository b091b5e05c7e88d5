"""Related articles, single sources and second readings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("articles") as batch_op:
        batch_op.add_column(sa.Column("related", _JSON, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("single_source", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("second_reading", _JSON, nullable=True))
    # The defaults are for the rows that are there; new rows always say.
    with op.batch_alter_table("articles") as batch_op:
        batch_op.alter_column("related", server_default=None)
        batch_op.alter_column("single_source", server_default=None)
