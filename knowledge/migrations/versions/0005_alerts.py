"""Alerts: what the people at the desk are told in their own chat"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_REASONS = ("hot", "assigned", "due", "question", "review", "signed")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rumour_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Enum(*_REASONS, name="alertreason", native_enum=False, length=20), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_alerts_person_id_people", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["rumour_id"], ["rumours.id"], name="fk_alerts_rumour_id_rumours", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_alerts_turn_id_turns", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint(
            "person_id", "rumour_id", "reason", "change", name="uq_alerts_person_id_rumour_id_reason_change"
        ),
        sa.UniqueConstraint("turn_id", name="uq_alerts_turn_id"),
    )
    with op.batch_alter_table("alerts") as batch_op:
        batch_op.create_index("ix_alerts_rumour_id", ["rumour_id"])
