"""Billing runs, meter exchanges, bills that explain themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('meter_exchanges',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('premises_id', sa.BigInteger(), nullable=False),
    sa.Column('old_meter_id', sa.BigInteger(), nullable=False),
    sa.Column('new_meter_id', sa.BigInteger(), nullable=False),
    sa.Column('exchanged_on', sa.Date(), nullable=False),
    sa.Column('old_value', sa.BigInteger(), nullable=False),
    sa.Column('new_value', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('old_meter_id <> new_meter_id', name=op.f('ck_meter_exchanges_meters_differ')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_meter_exchanges_actor_id')),
    sa.ForeignKeyConstraint(['new_meter_id'], ['meters.id'], name=op.f('fk_meter_exchanges_new_meter_id')),
    sa.ForeignKeyConstraint(['old_meter_id'], ['meters.id'], name=op.f('fk_meter_exchanges_old_meter_id')),
    sa.ForeignKeyConstraint(['premises_id'], ['premises.id'], name=op.f('fk_meter_exchanges_premises_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meter_exchanges')),
    sa.UniqueConstraint('new_meter_id', name=op.f('uq_meter_exchanges_new_meter_id')),
    sa.UniqueConstraint('old_meter_id', name=op.f('uq_meter_exchanges_old_meter_id'))
    )
    op.create_index(op.f('ix_meter_exchanges_premises_id'), 'meter_exchanges', ['premises_id'], unique=False)
    op.create_table('billing_runs',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('cycle', sa.Text(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_to', sa.Date(), nullable=False),
    sa.Column('bill_date', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('delinquent_on', sa.Date(), nullable=False),
    sa.Column('city_release_id', sa.BigInteger(), nullable=False),
    sa.Column('corrects_bill_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('last_account_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewed_by', sa.BigInteger(), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('canceled_by', sa.BigInteger(), nullable=True),
    sa.Column('canceled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("corrects_bill_id IS NULL OR reason <> ''", name=op.f('ck_billing_runs_correction_has_a_reason')),
    sa.CheckConstraint("state IN ('drafting', 'draft', 'reviewed', 'approved', 'posted', 'canceled')", name=op.f('ck_billing_runs_state_is_known')),
    sa.CheckConstraint("state NOT IN ('approved', 'posted') OR approved_by IS NOT NULL", name=op.f('ck_billing_runs_posted_when_approved')),
    sa.CheckConstraint("state NOT IN ('reviewed', 'approved', 'posted') OR reviewed_by IS NOT NULL", name=op.f('ck_billing_runs_approved_when_reviewed')),
    sa.CheckConstraint('approved_by <> made_by', name=op.f('ck_billing_runs_approved_by_another')),
    sa.CheckConstraint('approved_by <> reviewed_by', name=op.f('ck_billing_runs_approved_by_another_than_reviewed')),
    sa.CheckConstraint('period_from <= period_to AND period_to < bill_date', name=op.f('ck_billing_runs_days_run_forward')),
    sa.ForeignKeyConstraint(['approved_by'], ['actors.id'], name=op.f('fk_billing_runs_approved_by')),
    sa.ForeignKeyConstraint(['canceled_by'], ['actors.id'], name=op.f('fk_billing_runs_canceled_by')),
    sa.ForeignKeyConstraint(['city_release_id'], ['city_releases.id'], name=op.f('fk_billing_runs_city_release_id')),
    sa.ForeignKeyConstraint(['corrects_bill_id'], ['bills.id'], name=op.f('fk_billing_runs_corrects_bill_id')),
    sa.ForeignKeyConstraint(['made_by'], ['actors.id'], name=op.f('fk_billing_runs_made_by')),
    sa.ForeignKeyConstraint(['reviewed_by'], ['actors.id'], name=op.f('fk_billing_runs_reviewed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_billing_runs'))
    )
    op.create_index(op.f('ix_billing_runs_made_at'), 'billing_runs', ['made_at'], unique=False)
    op.create_index('uq_billing_runs_corrects_once', 'billing_runs', ['corrects_bill_id'], unique=True, postgresql_where=sa.text("state <> 'canceled'"))
    op.create_table('billing_items',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('period_to', sa.Date(), nullable=False),
    sa.Column('is_correction', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('problems', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('used', sa.Numeric(precision=14, scale=3), nullable=True),
    sa.Column('total_cents', sa.BigInteger(), nullable=False),
    sa.Column('lines', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('resolution', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('worked_by', sa.BigInteger(), nullable=True),
    sa.Column('worked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bill_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("(state = 'posted') = (bill_id IS NOT NULL)", name=op.f('ck_billing_items_posted_with_its_bill')),
    sa.CheckConstraint("resolution IN ('', 'reread', 'estimate', 'accept', 'leave_out', 'elsewhere', 'canceled')", name=op.f('ck_billing_items_resolution_is_known')),
    sa.CheckConstraint("state IN ('ready', 'held', 'left_out', 'posted')", name=op.f('ck_billing_items_state_is_known')),
    sa.CheckConstraint('total_cents >= 0', name=op.f('ck_billing_items_total_is_not_negative')),
    sa.ForeignKeyConstraint(['bill_id'], ['bills.id'], name=op.f('fk_billing_items_bill_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_billing_items_customer_account_id')),
    sa.ForeignKeyConstraint(['run_id'], ['billing_runs.id'], name=op.f('fk_billing_items_run_id')),
    sa.ForeignKeyConstraint(['worked_by'], ['actors.id'], name=op.f('fk_billing_items_worked_by')),
    sa.PrimaryKeyConstraint('run_id', 'customer_account_id', name=op.f('pk_billing_items'))
    )
    op.create_index(op.f('ix_billing_items_run_id_state_customer_account_id'), 'billing_items', ['run_id', 'state', 'customer_account_id'], unique=False)
    op.create_index('uq_billing_items_bill_id', 'billing_items', ['bill_id'], unique=True, postgresql_where=sa.text('bill_id IS NOT NULL'))
    op.create_index('uq_billing_items_once_a_period', 'billing_items', ['customer_account_id', 'period_to'], unique=True, postgresql_where=sa.text("state <> 'left_out' AND NOT is_correction"))
    op.create_table('billing_totals',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('revenue_line', sa.Text(), nullable=False),
    sa.Column('fund', sa.Text(), nullable=False),
    sa.Column('lines', sa.BigInteger(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['billing_runs.id'], name=op.f('fk_billing_totals_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'revenue_line', 'fund', name=op.f('pk_billing_totals'))
    )
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON meter_exchanges "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON meter_exchanges "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        )
