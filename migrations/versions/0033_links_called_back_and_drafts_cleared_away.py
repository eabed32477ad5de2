"""Links of guests are called back; requests that nobody handed in are cleared away, with their files."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

SOMEBODY_ASKS = "asked_by IS NOT NULL OR guest <> '{}' OR erased_at IS NOT NULL"
ERASED_SAYS_NOTHING = "erased_at IS NULL OR (number IS NULL AND guest = '{}' AND draft = '{}')"


def upgrade() -> None:
    op.add_column("cases", sa.Column("links", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("cases", sa.Column("kept_at", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("reminded_at", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE cases SET kept_at = begun_at")
    op.alter_column("cases", "kept_at", nullable=False)
    op.drop_constraint(op.f("ck_cases_somebody_asks"), "cases", type_="check")
    op.create_check_constraint(op.f("ck_cases_somebody_asks"), "cases", SOMEBODY_ASKS)
    op.create_check_constraint(op.f("ck_cases_erased_says_nothing"), "cases", ERASED_SAYS_NOTHING)
    op.create_index(
        "ix_cases_not_handed_in", "cases", ["kept_at"],
        postgresql_where=sa.text("number IS NULL AND erased_at IS NULL"),
    )  # fmt: skip
    op.add_column("documents", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("ck_documents_erased_has_no_name"), "documents", "erased_at IS NULL OR name = ''"
    )
    op.execute("DROP TRIGGER append_only ON documents")
    op.execute("DROP TRIGGER append_only_truncate ON documents")
