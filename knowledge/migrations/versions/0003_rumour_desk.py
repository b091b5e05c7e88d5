"""The rumour desk: work on rumours, signing in, notices"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_HALF_LIFE = timedelta(days=2)


def upgrade() -> None:
    _add()
    _fill()
    # The defaults were for the rows that were there; new rows always say.
    with op.batch_alter_table("residents") as batch_op:
        batch_op.alter_column("is_told", server_default=None)
    with op.batch_alter_table("rumours") as batch_op:
        for name in ("trend", "harm", "region", "version"):
            batch_op.alter_column(name, server_default=None)
    for columns in (["sightings"], ["trend"], ["harm", "sightings"], ["first_seen"], ["answer_due"]):
        _index(f"ix_rumours_queue_{columns[0]}", columns, "settled_at IS NULL")
    _index("ix_rumours_settled", ["settled_at"], "settled_at IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "rumours", [*columns, "id"], sqlite_where=condition, postgresql_where=condition)


def _fill() -> None:
    """Give the rumours that are there their trend, as if all of it had been received when last seen, and due times."""
    rumours = sa.table(
        "rumours",
        sa.column("id", sa.Integer),
        sa.column("status", sa.String),
        sa.column("sightings", sa.Integer),
        sa.column("first_seen", sa.DateTime(timezone=True)),
        sa.column("last_seen", sa.DateTime(timezone=True)),
        sa.column("trend", sa.Double),
        sa.column("acknowledge_due", sa.DateTime(timezone=True)),
        sa.column("answer_due", sa.DateTime(timezone=True)),
        sa.column("settled_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    connection.execute(
        sa.update(rumours).where(rumours.c.status == "closed").values(status="answered", settled_at=rumours.c.last_seen)
    )
    for row in connection.execute(sa.select(rumours)).all():
        first, last = (_aware(moment) for moment in (row.first_seen, row.last_seen))
        connection.execute(
            sa.update(rumours)
            .where(rumours.c.id == row.id)
            .values(
                trend=(last - _SINCE) / _HALF_LIFE + math.log2(max(row.sightings, 1)),
                acknowledge_due=first + timedelta(days=1),
                answer_due=first + timedelta(days=3),
            )
        )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _add() -> None:

    op.create_table(
        "failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_failures"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_api_tokens_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    with op.batch_alter_table("api_tokens") as batch_op:
        batch_op.create_index("ix_api_tokens_person_id", ["person_id"])

    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_invitations_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitations"),
    )
    with op.batch_alter_table("invitations") as batch_op:
        batch_op.create_index("ix_invitations_person_id", ["person_id"])

    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_saved_views_person_id_people", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("person_id", "room", "name", name="uq_saved_views_person_id_room_name"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sign_ins_person_id_people", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("token_hash", name="uq_sign_ins_token_hash"),
    )
    with op.batch_alter_table("sign_ins") as batch_op:
        batch_op.create_index("ix_sign_ins_person_id", ["person_id"])

    op.create_table(
        "sign_offs",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_sign_offs_article_id_articles", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sign_offs_person_id_people", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "revision", "person_id", name="pk_sign_offs"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("rumour_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "verdict",
                "correction",
                "withdrawal",
                "still_unsure",
                "not_a_claim",
                name="reason",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_notices_article_id_articles", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["residents.id"], name="fk_notices_resident_id_residents", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["rumour_id"], ["rumours.id"], name="fk_notices_rumour_id_rumours", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_notices_turn_id_turns", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint(
            "resident_id", "rumour_id", "reason", "change", name="uq_notices_resident_id_rumour_id_reason_change"
        ),
        sa.UniqueConstraint("turn_id", name="uq_notices_turn_id"),
    )
    with op.batch_alter_table("notices") as batch_op:
        batch_op.create_index("ix_notices_article_id", ["article_id"])
        batch_op.create_index("ix_notices_rumour_id", ["rumour_id"])

    op.create_table(
        "rumour_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rumour_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("note", "question", "answer", name="notekind", native_enum=False, length=20), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name="fk_rumour_notes_by_id_people", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["rumour_id"], ["rumours.id"], name="fk_rumour_notes_rumour_id_rumours", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["to_id"], ["people.id"], name="fk_rumour_notes_to_id_people", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_rumour_notes"),
    )
    with op.batch_alter_table("rumour_notes") as batch_op:
        batch_op.create_index("ix_rumour_notes_rumour_id", ["rumour_id"])
        batch_op.create_index("ix_rumour_notes_to_id", ["to_id"])

    op.create_table(
        "originals",
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sightings.id"], name="fk_originals_sighting_id_sightings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sighting_id", name="pk_originals"),
    )
    with op.batch_alter_table("originals") as batch_op:
        batch_op.create_index("ix_originals_kept_until", ["kept_until"])

    with op.batch_alter_table("people") as batch_op:
        batch_op.add_column(sa.Column("password_hash", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("resident_id", sa.Integer(), nullable=True))
        batch_op.create_unique_constraint("uq_people_resident_id", ["resident_id"])
        batch_op.create_foreign_key(
            "fk_people_resident_id_residents", "residents", ["resident_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("residents") as batch_op:
        batch_op.add_column(sa.Column("is_told", sa.Boolean(), nullable=False, server_default=sa.true()))

    with op.batch_alter_table("rumours") as batch_op:
        batch_op.add_column(sa.Column("trend", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("harm", sa.SmallInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("region", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("assigned_to_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("acknowledge_due", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer_due", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("article_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("canned", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_rumours_article_id", ["article_id"])
        batch_op.create_index("ix_rumours_assigned_to_id", ["assigned_to_id"])
        batch_op.drop_index("ix_rumours_status_sightings")
        batch_op.create_foreign_key(
            "fk_rumours_merged_into_id_rumours", "rumours", ["merged_into_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            "fk_rumours_article_id_articles", "articles", ["article_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            "fk_rumours_assigned_to_id_people", "people", ["assigned_to_id"], ["id"], ondelete="SET NULL"
        )
