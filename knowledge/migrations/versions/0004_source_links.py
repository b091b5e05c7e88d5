"""Whether sources can still be opened"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=600), nullable=False),
        sa.Column(
            "state",
            sa.Enum("works", "dead", "unreachable", "unclear", name="linkstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=20), nullable=True),
        sa.Column("moved_to", sa.String(length=600), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name="fk_source_links_by_id_people", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_source_links"),
        sa.UniqueConstraint("url", name="uq_source_links_url"),
    )
