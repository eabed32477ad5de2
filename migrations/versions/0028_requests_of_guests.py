"""Drafts of guests are found again; cases that one form asked for know the first of them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("asked_with", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_cases_asked_with"), "cases", "cases", ["asked_with"], ["id"])
    op.create_index(
        op.f("ix_cases_asked_with"), "cases", ["asked_with"], postgresql_where=sa.text("asked_with IS NOT NULL")
    )
    op.create_index(
        "ix_cases_of_guests", "cases", ["id"], postgresql_where=sa.text("asked_by IS NULL AND state = 'draft'")
    )
