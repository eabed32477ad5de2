"""The window: drawers, tenders, items, sales, reversals, accounts that pay in cash only."""

from pathlib import Path


import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
APPEND_ONLY = (
    "cash_only_flags", "cash_only_lifts", "drawer_counts", "drawer_movements", "drawer_verdicts", "payment_items",
    "payment_reversals", "payment_tenders", "sale_overrides", "vault_batches",
)  # fmt: skip


def upgrade() -> None:
    op.create_table('drawers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('till', sa.Text(), nullable=False),
    sa.Column('series', sa.Text(), nullable=False),
    sa.Column('business_day', sa.Date(), nullable=False),
    sa.Column('cashier_id', sa.BigInteger(), nullable=False),
    sa.Column('float_cents', sa.BigInteger(), nullable=False),
    sa.Column('control_cents', sa.BigInteger(), nullable=True),
    sa.Column('control_count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('verified_by', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("(kind = 'mail') = (control_cents IS NOT NULL)", name=op.f('ck_drawers_mail_has_a_control_total')),
    sa.CheckConstraint("kind IN ('counter', 'mail')", name=op.f('ck_drawers_kind_is_known')),
    sa.CheckConstraint("state = 'float' OR verified_by IS NOT NULL OR (kind = 'mail' AND float_cents = 0)", name=op.f('ck_drawers_open_after_it_was_verified')),
    sa.CheckConstraint("state IN ('float', 'open', 'counted', 'closed')", name=op.f('ck_drawers_state_is_known')),
    sa.CheckConstraint('float_cents >= 0', name=op.f('ck_drawers_float_is_not_negative')),
    sa.CheckConstraint('verified_by <> cashier_id', name=op.f('ck_drawers_float_is_counted_by_two')),
    sa.ForeignKeyConstraint(['business_day'], ['business_days.day'], name=op.f('fk_drawers_business_day')),
    sa.ForeignKeyConstraint(['cashier_id'], ['actors.id'], name=op.f('fk_drawers_cashier_id')),
    sa.ForeignKeyConstraint(['verified_by'], ['actors.id'], name=op.f('fk_drawers_verified_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drawers')),
    sa.UniqueConstraint('id', 'cashier_id', name=op.f('uq_drawers_id_cashier_id'))
    )
    op.create_index(op.f('ix_drawers_business_day'), 'drawers', ['business_day'], unique=False)
    op.create_index('uq_drawers_cashier_at_one', 'drawers', ['cashier_id', 'kind'], unique=True, postgresql_where=sa.text("state IN ('float', 'open')"))
    op.create_index('uq_drawers_till_in_use', 'drawers', ['till'], unique=True, postgresql_where=sa.text("kind = 'counter' AND state IN ('float', 'open')"))
    op.create_table('cash_only_flags',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('authority', sa.Text(), server_default='', nullable=False),
    sa.Column('raised_by', sa.BigInteger(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_cash_only_flags_reason_is_given')),
    sa.CheckConstraint('until_on >= since_on', name=op.f('ck_cash_only_flags_ends_after_it_begins')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_cash_only_flags_customer_account_id')),
    sa.ForeignKeyConstraint(['raised_by'], ['actors.id'], name=op.f('fk_cash_only_flags_raised_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cash_only_flags'))
    )
    op.create_index(op.f('ix_cash_only_flags_customer_account_id'), 'cash_only_flags', ['customer_account_id'], unique=False)
    op.create_table('drawer_counts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('counted_by', sa.BigInteger(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('cash_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_count', sa.BigInteger(), nullable=False),
    sa.Column('checks_cents', sa.BigInteger(), nullable=False),
    sa.Column('terminal_cents', sa.BigInteger(), nullable=False),
    sa.Column('expected', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0', name=op.f('ck_drawer_counts_is_not_negative')),
    sa.ForeignKeyConstraint(['counted_by'], ['actors.id'], name=op.f('fk_drawer_counts_counted_by')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_drawer_counts_drawer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drawer_counts')),
    sa.UniqueConstraint('drawer_id', 'number', name=op.f('uq_drawer_counts_drawer_id_number')),
    sa.UniqueConstraint('id', 'counted_by', name=op.f('uq_drawer_counts_id_counted_by'))
    )
    op.create_table('drawer_movements',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('cash_cents', sa.BigInteger(), nullable=False),
    sa.Column('denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('witness_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("cash_cents <> 0 AND (kind = 'change') = (cash_cents > 0)", name=op.f('ck_drawer_movements_sign_fits_the_kind')),
    sa.CheckConstraint("kind <> 'pickup' OR witness_id IS NOT NULL", name=op.f('ck_drawer_movements_pickup_has_two')),
    sa.CheckConstraint("kind IN ('drop', 'pickup', 'change')", name=op.f('ck_drawer_movements_kind_is_known')),
    sa.CheckConstraint('witness_id <> actor_id', name=op.f('ck_drawer_movements_witness_is_another')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_drawer_movements_actor_id')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_drawer_movements_drawer_id')),
    sa.ForeignKeyConstraint(['witness_id'], ['actors.id'], name=op.f('fk_drawer_movements_witness_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drawer_movements'))
    )
    op.create_index(op.f('ix_drawer_movements_drawer_id'), 'drawer_movements', ['drawer_id'], unique=False)
    op.create_table('cash_only_lifts',
    sa.Column('flag_id', sa.BigInteger(), nullable=False),
    sa.Column('lifted_by', sa.BigInteger(), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_cash_only_lifts_reason_is_given')),
    sa.ForeignKeyConstraint(['flag_id'], ['cash_only_flags.id'], name=op.f('fk_cash_only_lifts_flag_id')),
    sa.ForeignKeyConstraint(['lifted_by'], ['actors.id'], name=op.f('fk_cash_only_lifts_lifted_by')),
    sa.PrimaryKeyConstraint('flag_id', name=op.f('pk_cash_only_lifts'))
    )
    op.create_table('drawer_verdicts',
    sa.Column('count_id', sa.BigInteger(), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=False),
    sa.Column('cashier_id', sa.BigInteger(), nullable=False),
    sa.Column('counted_by', sa.BigInteger(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("verdict = 'accepted' OR reason <> ''", name=op.f('ck_drawer_verdicts_rejected_with_a_reason')),
    sa.CheckConstraint("verdict IN ('accepted', 'rejected')", name=op.f('ck_drawer_verdicts_verdict_is_known')),
    sa.CheckConstraint('decided_by <> counted_by AND decided_by <> cashier_id', name=op.f('ck_drawer_verdicts_second_person')),
    sa.ForeignKeyConstraint(['count_id', 'counted_by'], ['drawer_counts.id', 'drawer_counts.counted_by'], name=op.f('fk_drawer_verdicts_count_id_counted_by')),
    sa.ForeignKeyConstraint(['decided_by'], ['actors.id'], name=op.f('fk_drawer_verdicts_decided_by')),
    sa.ForeignKeyConstraint(['drawer_id', 'cashier_id'], ['drawers.id', 'drawers.cashier_id'], name=op.f('fk_drawer_verdicts_drawer_id_cashier_id')),
    sa.PrimaryKeyConstraint('count_id', name=op.f('pk_drawer_verdicts'))
    )
    op.create_index('uq_drawer_verdicts_accepted_once', 'drawer_verdicts', ['drawer_id'], unique=True, postgresql_where=sa.text("verdict = 'accepted'"))
    op.create_table('vault_batches',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=False),
    sa.Column('count_id', sa.BigInteger(), nullable=True),
    sa.Column('movement_id', sa.BigInteger(), nullable=True),
    sa.Column('business_day', sa.Date(), nullable=False),
    sa.Column('cash_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_count', sa.BigInteger(), nullable=False),
    sa.Column('terminal_cents', sa.BigInteger(), nullable=False),
    sa.Column('denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('(count_id IS NULL) <> (movement_id IS NULL)', name=op.f('ck_vault_batches_has_one_origin')),
    sa.CheckConstraint('cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0', name=op.f('ck_vault_batches_is_not_negative')),
    sa.CheckConstraint('movement_id IS NULL OR checks_cents + terminal_cents = 0', name=op.f('ck_vault_batches_movements_are_cash')),
    sa.ForeignKeyConstraint(['business_day'], ['business_days.day'], name=op.f('fk_vault_batches_business_day')),
    sa.ForeignKeyConstraint(['count_id'], ['drawer_counts.id'], name=op.f('fk_vault_batches_count_id')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_vault_batches_drawer_id')),
    sa.ForeignKeyConstraint(['movement_id'], ['drawer_movements.id'], name=op.f('fk_vault_batches_movement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vault_batches')),
    sa.UniqueConstraint('count_id', name=op.f('uq_vault_batches_count_id')),
    sa.UniqueConstraint('movement_id', name=op.f('uq_vault_batches_movement_id'))
    )
    op.create_index(op.f('ix_vault_batches_drawer_id'), 'vault_batches', ['drawer_id'], unique=False)
    op.create_table('payment_items',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('ordinal', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('ledger_account', sa.Text(), nullable=False),
    sa.Column('fund', sa.Text(), nullable=False),
    sa.Column('project', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payment_items_amount_is_positive')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_payment_items_quantity_is_positive')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_items_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_items')),
    sa.UniqueConstraint('payment_id', 'ordinal', name=op.f('uq_payment_items_payment_id_ordinal'))
    )
    op.create_index(op.f('ix_payment_items_code'), 'payment_items', ['code'], unique=False)
    op.create_table('payment_tenders',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('ordinal', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('given_cents', sa.BigInteger(), nullable=False),
    sa.Column('brand', sa.Text(), server_default='', nullable=False),
    sa.Column('last4', sa.Text(), server_default='', nullable=False),
    sa.Column('reference', sa.Text(), server_default='', nullable=False),
    sa.Column('bank', sa.Text(), server_default='', nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("kind = 'lockbox' OR drawer_id IS NOT NULL", name=op.f('ck_payment_tenders_stands_in_a_drawer')),
    sa.CheckConstraint("kind IN ('cash', 'check', 'money_order', 'terminal', 'lockbox')", name=op.f('ck_payment_tenders_kind_is_taken_by_people')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payment_tenders_amount_is_positive')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_payment_tenders_drawer_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_tenders_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_tenders')),
    sa.UniqueConstraint('payment_id', 'ordinal', name=op.f('uq_payment_tenders_payment_id_ordinal'))
    )
    op.create_index(op.f('ix_payment_tenders_drawer_id'), 'payment_tenders', ['drawer_id'], unique=False)
    op.create_table('sales',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('form_key', sa.Text(), nullable=False),
    sa.Column('cashier_id', sa.BigInteger(), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("(state = 'taken') = (payment_id IS NOT NULL)", name=op.f('ck_sales_taken_has_a_payment')),
    sa.CheckConstraint("state IN ('open', 'parked', 'taken', 'dropped')", name=op.f('ck_sales_state_is_known')),
    sa.ForeignKeyConstraint(['cashier_id'], ['actors.id'], name=op.f('fk_sales_cashier_id')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_sales_drawer_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_sales_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sales')),
    sa.UniqueConstraint('form_key', name=op.f('uq_sales_form_key')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_sales_payment_id'))
    )
    op.create_index('ix_sales_unfinished', 'sales', ['cashier_id'], unique=False, postgresql_where=sa.text("state IN ('open', 'parked')"))
    op.create_table('payment_reversals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('tender_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=True),
    sa.Column('proposal_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(kind = 'void') = (drawer_id IS NOT NULL)", name=op.f('ck_payment_reversals_void_leaves_its_drawer')),
    sa.CheckConstraint("kind IN ('void', 'correction', 'returned')", name=op.f('ck_payment_reversals_kind_is_known')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_payment_reversals_reason_is_given')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_payment_reversals_amount_is_positive')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_payment_reversals_actor_id')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_payment_reversals_drawer_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_payment_reversals_journal_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_reversals_payment_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_payment_reversals_proposal_id')),
    sa.ForeignKeyConstraint(['tender_id'], ['payment_tenders.id'], name=op.f('fk_payment_reversals_tender_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_reversals')),
    sa.UniqueConstraint('payment_id', 'number', name=op.f('uq_payment_reversals_payment_id_number')),
    sa.UniqueConstraint('tender_id', name=op.f('uq_payment_reversals_tender_id'))
    )
    op.create_index(op.f('ix_payment_reversals_drawer_id'), 'payment_reversals', ['drawer_id'], unique=False)
    op.create_index(op.f('ix_payment_reversals_journal_id'), 'payment_reversals', ['journal_id'], unique=False)
    op.create_table('sale_overrides',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sale_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('asked_by', sa.BigInteger(), nullable=False),
    sa.Column('granted_by', sa.BigInteger(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('cash-only')", name=op.f('ck_sale_overrides_kind_is_known')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_sale_overrides_reason_is_given')),
    sa.CheckConstraint('granted_by <> asked_by', name=op.f('ck_sale_overrides_granted_by_another')),
    sa.ForeignKeyConstraint(['asked_by'], ['actors.id'], name=op.f('fk_sale_overrides_asked_by')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_sale_overrides_customer_account_id')),
    sa.ForeignKeyConstraint(['granted_by'], ['actors.id'], name=op.f('fk_sale_overrides_granted_by')),
    sa.ForeignKeyConstraint(['sale_id'], ['sales.id'], name=op.f('fk_sale_overrides_sale_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale_overrides')),
    sa.UniqueConstraint('sale_id', 'kind', 'customer_account_id', name=op.f('uq_sale_overrides_sale_id_kind_customer_account_id'))
    )
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0015_window.sql").read_text())
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
