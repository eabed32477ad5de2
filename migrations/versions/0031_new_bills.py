"""The bills of a day, and its messages, are found by the day, not by reading all there ever were."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_bills_billed_on_id"), "bills", ["billed_on", "id"])
    op.create_index(op.f("ix_messages_sent_at"), "messages_sent", ["at"])
