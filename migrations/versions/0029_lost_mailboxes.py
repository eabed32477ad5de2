"""Another address for residents who have lost the former mailbox: asked for at the counter, by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE = "resident_email_changes"
CHECKS = (
    (
        "the_counter_saw_a_document",
        "num_nulls(asked_by, customer_account_id) IN (0, 2) AND (asked_by IS NULL) = (document = '')",
    ),
    ("two_people_approve", "approved_by <> asked_by"),
    (
        "who_approves_gives_time",
        "(approved_by IS NULL) = (waits_until IS NULL) AND (approved_by IS NULL OR asked_by IS NOT NULL)",
    ),
)


def upgrade() -> None:
    for name, table in (
        ("asked_by", "actors"), ("customer_account_id", "customer_accounts"), ("approved_by", "actors"),
    ):  # fmt: skip
        op.add_column(TABLE, sa.Column(name, sa.BigInteger()))
        op.create_foreign_key(op.f(f"fk_{TABLE}_{name}"), TABLE, table, [name], ["id"])
    for name in ("document", "new_masked"):
        op.add_column(TABLE, sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column(TABLE, sa.Column("waits_until", sa.DateTime(timezone=True)))
    for name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, condition)
    op.create_index(
        "ix_resident_email_changes_counter", TABLE, ["id"], postgresql_where=sa.text("asked_by IS NOT NULL")
    )
