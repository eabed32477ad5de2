"""Consents are found by who gave them: a mail that comes back ends those of its reader."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

CUSTOMER = "evidence ->> 'customer'"


def upgrade() -> None:
    op.create_index(op.f("ix_consents_actor_id"), "consents", ["actor_id"])
    op.create_index(
        "ix_consents_customer", "consents", [sa.text(f"({CUSTOMER})")],
        postgresql_where=sa.text(f"({CUSTOMER}) IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_consents_customer", table_name="consents")
    op.drop_index(op.f("ix_consents_actor_id"), table_name="consents")
