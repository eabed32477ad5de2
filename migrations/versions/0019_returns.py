"""Returned payments and links to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


APPEND_ONLY = ("installation_marks", "pay_link_lines", "presentments", "returned_accounts", "returned_payments")


def upgrade() -> None:
    _cash_only()
    _tables()
    with op.get_bind().connection.cursor() as cursor:
        # What has receipts was not meant for training.
        cursor.execute(
            "INSERT INTO installation_marks (id, purpose) SELECT 1, 'real' WHERE EXISTS (SELECT FROM receipts)"
        )
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )


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


def _tables() -> None:
    op.create_table(
        "installation_marks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("purpose IN ('real', 'training')", name=op.f("ck_installation_marks_purpose_is_known")),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_marks_there_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_marks")),
    )
    op.create_table(
        "pay_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("to_masked", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=True),
        sa.Column("basket_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("channel IN ('mail', 'text', 'qr')", name=op.f("ck_pay_links_channel_is_known")),
        sa.CheckConstraint(
            "(canceled_at IS NULL) = (canceled_by IS NULL)", name=op.f("ck_pay_links_canceled_by_somebody")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_pay_links_lives_a_while")),
        sa.ForeignKeyConstraint(["basket_id"], ["baskets.id"], name=op.f("fk_pay_links_basket_id")),
        sa.ForeignKeyConstraint(["canceled_by"], ["actors.id"], name=op.f("fk_pay_links_canceled_by")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_pay_links_sale_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["actors.id"], name=op.f("fk_pay_links_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_links")),
        sa.UniqueConstraint("basket_id", name=op.f("uq_pay_links_basket_id")),
        sa.UniqueConstraint("form_key", name=op.f("uq_pay_links_form_key")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_pay_links_token_sha256")),
    )
    op.create_index(op.f("ix_pay_links_sale_id"), "pay_links", ["sale_id"], unique=False)
    op.create_index(op.f("ix_pay_links_sender_id_id"), "pay_links", ["sender_id", "id"], unique=False)
    op.create_table(
        "pay_link_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pay_link_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_pay_link_lines_amount_is_positive")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_pay_link_lines_customer_account_id")
        ),
        sa.ForeignKeyConstraint(["pay_link_id"], ["pay_links.id"], name=op.f("fk_pay_link_lines_pay_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_link_lines")),
        sa.UniqueConstraint(
            "pay_link_id", "customer_account_id", name=op.f("uq_pay_link_lines_pay_link_id_customer_account_id")
        ),
    )
    op.create_index(
        op.f("ix_pay_link_lines_customer_account_id"), "pay_link_lines", ["customer_account_id"], unique=False
    )
    op.create_table(
        "returned_payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("tender_id", sa.BigInteger(), nullable=False),
        sa.Column("reversal_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("earlier", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_charge_id", sa.BigInteger(), nullable=True),
        sa.Column("no_fee", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_returned_payments_amount_is_positive")),
        sa.CheckConstraint("earlier >= 0", name=op.f("ck_returned_payments_earlier_is_not_negative")),
        sa.CheckConstraint(
            "fee_cents >= 0 AND (fee_cents > 0) = (fee_charge_id IS NOT NULL)",
            name=op.f("ck_returned_payments_fee_is_a_charge"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_returned_payments_actor_id")),
        sa.ForeignKeyConstraint(["fee_charge_id"], ["charges.id"], name=op.f("fk_returned_payments_fee_charge_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_returned_payments_payment_id")),
        sa.ForeignKeyConstraint(
            ["reversal_id"], ["payment_reversals.id"], name=op.f("fk_returned_payments_reversal_id")
        ),
        sa.ForeignKeyConstraint(["tender_id"], ["payment_tenders.id"], name=op.f("fk_returned_payments_tender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_payments")),
        sa.UniqueConstraint("fee_charge_id", name=op.f("uq_returned_payments_fee_charge_id")),
        sa.UniqueConstraint("reversal_id", name=op.f("uq_returned_payments_reversal_id")),
        sa.UniqueConstraint("tender_id", name=op.f("uq_returned_payments_tender_id")),
    )
    op.create_index(op.f("ix_returned_payments_payment_id"), "returned_payments", ["payment_id"], unique=False)
    op.create_index(op.f("ix_returned_payments_returned_on"), "returned_payments", ["returned_on"], unique=False)
    op.create_table(
        "returned_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("returned_payment_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("flag_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_returned_accounts_amount_is_positive")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_returned_accounts_customer_account_id")
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["cash_only_flags.id"], name=op.f("fk_returned_accounts_flag_id")),
        sa.ForeignKeyConstraint(
            ["returned_payment_id"], ["returned_payments.id"], name=op.f("fk_returned_accounts_returned_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_accounts")),
        sa.UniqueConstraint("flag_id", name=op.f("uq_returned_accounts_flag_id")),
        sa.UniqueConstraint(
            "returned_payment_id",
            "customer_account_id",
            name=op.f("uq_returned_accounts_returned_payment_id_customer_account_id"),
        ),
    )
    op.create_index(
        op.f("ix_returned_accounts_customer_account_id"), "returned_accounts", ["customer_account_id"], unique=False
    )
    op.create_table(
        "presentments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("returned_payment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("presented_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_presentments_number_counts")),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_presentments_actor_id")),
        sa.ForeignKeyConstraint(
            ["returned_payment_id"], ["returned_payments.id"], name=op.f("fk_presentments_returned_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentments")),
        sa.UniqueConstraint("returned_payment_id", "number", name=op.f("uq_presentments_returned_payment_id_number")),
    )
