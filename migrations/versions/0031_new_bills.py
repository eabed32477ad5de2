"""The bills of a day are found by the day, not by reading all bills there ever were."""

from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_bills_billed_on_id"), "bills", ["billed_on", "id"])
