"""Returned payments and links to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cash_only()


def _cash_only() -> None:
    """A flag is lifted by somebody else than who raised it, and the database knows both."""
    op.create_unique_constraint(op.f("uq_cash_only_flags_id_raised_by"), "cash_only_flags", ["id", "raised_by"])
    op.add_column("cash_only_lifts", sa.Column("raised_by", sa.BigInteger(), nullable=False))
    op.drop_constraint(op.f("fk_cash_only_lifts_flag_id"), "cash_only_lifts", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_cash_only_lifts_flag_id_raised_by"),
        "cash_only_lifts", "cash_only_flags", ["flag_id", "raised_by"], ["id", "raised_by"],
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_cash_only_lifts_lifted_by_another"), "cash_only_lifts", "lifted_by <> raised_by"
    )
