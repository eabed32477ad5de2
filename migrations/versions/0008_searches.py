"""The search index of accounts, and what only some staff may see."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.add_column(
        "customer_accounts", sa.Column("is_restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "search_documents",
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_search_documents_customer_account_id")
        ),
        sa.PrimaryKeyConstraint("customer_account_id", name=op.f("pk_search_documents")),
    )
    op.create_table(
        "search_spellings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_spellings")),
    )
    op.create_index(
        "ix_search_spellings_begins", "search_spellings", ["spelling", "word"],
        postgresql_ops={"spelling": "text_pattern_ops"},
    )
    # The driver's own cursor: procedural SQL is full of percent signs and colons that are not parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0008_searches.sql").read_text())
        cursor.execute("SELECT search_index(ARRAY(SELECT id FROM customer_accounts))")
    for turn in range(16):
        op.execute(
            f"CREATE INDEX ix_search_documents_words_{turn} ON search_documents USING gin (words)"
            f" WITH (fastupdate = off) WHERE mod(customer_account_id, 16) = {turn}"
        )
    _index_what_is_searched()


def _index_what_is_searched() -> None:
    op.create_index(op.f("ix_customer_accounts_premises_id"), "customer_accounts", ["premises_id"])
    op.create_index(
        "ix_customer_accounts_last_paid",
        "customer_accounts",
        ["last_paid_cents"],
        postgresql_where=sa.text("last_paid_cents IS NOT NULL"),
    )
    op.create_index("ix_charges_open_cents", "charges", ["open_cents"], postgresql_where=sa.text("open_cents > 0"))
    op.create_index(op.f("ix_receipts_total_cents_id"), "receipts", ["total_cents", "id"])
    for name, table, expression, where in (
        ("ix_customer_accounts_reference_begins", "customer_accounts", "reference", ""),
        ("ix_account_aliases_number_begins", "account_aliases", "number_key", ""),
        ("ix_customers_email", "customers", "lower(email)", " WHERE email <> ''"),
        ("ix_customers_phone", "customers", "search_phone(phone)", " WHERE phone <> ''"),
        ("ix_customers_phone_local", "customers", "right(search_phone(phone), 7)", " WHERE phone <> ''"),
        ("ix_citations_plate", "citations", "search_plate(plate)", " WHERE plate <> ''"),
    ):
        op.execute(f"CREATE INDEX {name} ON {table} (({expression}) text_pattern_ops){where}")
