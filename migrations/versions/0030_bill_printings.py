"""Bills of a run on paper: what becomes of each bill, and the files that are made."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import keep_append_only

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bill_printings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('billing_run_id', sa.BigInteger(), nullable=False),
    sa.Column('city_release_id', sa.BigInteger(), nullable=False),
    sa.Column('part_size', sa.BigInteger(), nullable=False),
    sa.Column('parts', sa.BigInteger(), nullable=False),
    sa.Column('frozen_on', sa.Date(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('list_sha256', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("(made_at IS NULL) = (list_sha256 = '')", name=op.f('ck_bill_printings_made_with_its_list')),
    sa.CheckConstraint('part_size > 0 AND parts > 0', name=op.f('ck_bill_printings_has_parts')),
    sa.ForeignKeyConstraint(['begun_by'], ['actors.id'], name=op.f('fk_bill_printings_begun_by')),
    sa.ForeignKeyConstraint(['billing_run_id'], ['billing_runs.id'], name=op.f('fk_bill_printings_billing_run_id')),
    sa.ForeignKeyConstraint(['city_release_id'], ['city_releases.id'], name=op.f('fk_bill_printings_city_release_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bill_printings')),
    sa.UniqueConstraint('billing_run_id', name=op.f('uq_bill_printings_billing_run_id'))
    )
    op.create_table('bill_print_parts',
    sa.Column('printing_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('pages', sa.ARRAY(sa.Integer()), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_bill_print_parts_has_a_digest')),
    sa.CheckConstraint('cardinality(pages) > 0 AND size > 0', name=op.f('ck_bill_print_parts_is_not_empty')),
    sa.ForeignKeyConstraint(['printing_id'], ['bill_printings.id'], name=op.f('fk_bill_print_parts_printing_id')),
    sa.PrimaryKeyConstraint('printing_id', 'number', name=op.f('pk_bill_print_parts'))
    )
    op.create_table('bill_printing_items',
    sa.Column('bill_id', sa.BigInteger(), nullable=False),
    sa.Column('printing_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('consent_id', sa.BigInteger(), nullable=True),
    sa.Column('sequence', sa.BigInteger(), nullable=True),
    sa.Column('part', sa.BigInteger(), nullable=True),
    sa.Column('language', sa.Text(), server_default='', nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('address', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('service_address', sa.Text(), server_default='', nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('open_cents', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("(outcome = 'paperless') = (consent_id IS NOT NULL)", name=op.f('ck_bill_printing_items_paperless_by_consent')),
    sa.CheckConstraint("(outcome = 'printed') = (reason = '')", name=op.f('ck_bill_printing_items_not_printed_with_a_reason')),
    sa.CheckConstraint("(outcome = 'printed') = (sequence IS NOT NULL)", name=op.f('ck_bill_printing_items_printed_in_order')),
    sa.CheckConstraint("outcome IN ('printed', 'paperless', 'held')", name=op.f('ck_bill_printing_items_outcome_is_known')),
    sa.CheckConstraint('(sequence IS NULL) = (part IS NULL)', name=op.f('ck_bill_printing_items_in_order_in_a_part')),
    sa.ForeignKeyConstraint(['bill_id'], ['bills.id'], name=op.f('fk_bill_printing_items_bill_id')),
    sa.ForeignKeyConstraint(['consent_id'], ['consents.id'], name=op.f('fk_bill_printing_items_consent_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_bill_printing_items_customer_account_id')),
    sa.ForeignKeyConstraint(['printing_id'], ['bill_printings.id'], name=op.f('fk_bill_printing_items_printing_id')),
    sa.PrimaryKeyConstraint('bill_id', name=op.f('pk_bill_printing_items'))
    )
    op.create_index(op.f('ix_bill_printing_items_printing_id_outcome_customer_account_id'), 'bill_printing_items', ['printing_id', 'outcome', 'customer_account_id'], unique=False)
    op.create_index('uq_bill_printing_items_sequence', 'bill_printing_items', ['printing_id', 'sequence'], unique=True, postgresql_where=sa.text('sequence IS NOT NULL'))
    keep_append_only("bill_print_parts", "bill_printing_items")
