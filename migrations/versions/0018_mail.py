"""Mail, lockbox files, money in suspense, departments' turn-ins, books of manual receipts."""

from pathlib import Path


import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
APPEND_ONLY = (
    "identifications", "mail_explanations", "mail_remittances", "manual_books", "manual_receipts",
    "matching_rule_ends", "matching_rules", "suspense_clues", "turn_ins",
)  # fmt: skip


def upgrade() -> None:
    op.create_table('lockbox_files',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('items', sa.BigInteger(), nullable=False),
    sa.Column('total_cents', sa.BigInteger(), nullable=False),
    sa.Column('bank_reference', sa.Text(), server_default='', nullable=False),
    sa.Column('read_by', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('total_cents >= 0 AND items >= 0', name=op.f('ck_lockbox_files_is_not_negative')),
    sa.ForeignKeyConstraint(['read_by'], ['actors.id'], name=op.f('fk_lockbox_files_read_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lockbox_files')),
    sa.UniqueConstraint('sha256', name=op.f('uq_lockbox_files_sha256'))
    )
    op.create_table('manual_books',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('first_number', sa.BigInteger(), nullable=False),
    sa.Column('last_number', sa.BigInteger(), nullable=False),
    sa.Column('issued_to', sa.BigInteger(), nullable=False),
    sa.Column('issued_by', sa.BigInteger(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('first_number > 0 AND last_number >= first_number', name=op.f('ck_manual_books_numbers_rise')),
    sa.CheckConstraint('issued_to <> issued_by', name=op.f('ck_manual_books_issued_by_another')),
    sa.CheckConstraint('last_number - first_number < 1000', name=op.f('ck_manual_books_is_a_book')),
    sa.ForeignKeyConstraint(['issued_by'], ['actors.id'], name=op.f('fk_manual_books_issued_by')),
    sa.ForeignKeyConstraint(['issued_to'], ['actors.id'], name=op.f('fk_manual_books_issued_to')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manual_books')),
    sa.UniqueConstraint('code', name=op.f('uq_manual_books_code'))
    )
    op.create_table('matching_rules',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.Column('payer_key', sa.Text(), server_default='', nullable=False),
    sa.Column('payer', sa.Text(), server_default='', nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(fingerprint IS NULL) <> (payer_key = '')", name=op.f('ck_matching_rules_is_by_one_thing')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_matching_rules_reason_is_given')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_matching_rules_customer_account_id')),
    sa.ForeignKeyConstraint(['made_by'], ['actors.id'], name=op.f('fk_matching_rules_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matching_rules'))
    )
    op.create_index(op.f('ix_matching_rules_fingerprint'), 'matching_rules', ['fingerprint'], unique=False)
    op.create_index(op.f('ix_matching_rules_payer_key'), 'matching_rules', ['payer_key'], unique=False)
    op.create_table('matching_rule_ends',
    sa.Column('rule_id', sa.BigInteger(), nullable=False),
    sa.Column('ended_by', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_matching_rule_ends_reason_is_given')),
    sa.ForeignKeyConstraint(['ended_by'], ['actors.id'], name=op.f('fk_matching_rule_ends_ended_by')),
    sa.ForeignKeyConstraint(['rule_id'], ['matching_rules.id'], name=op.f('fk_matching_rule_ends_rule_id')),
    sa.PrimaryKeyConstraint('rule_id', name=op.f('pk_matching_rule_ends'))
    )
    op.create_table('identifications',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('undoes_id', sa.BigInteger(), nullable=True),
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(outcome = 'account') = (customer_account_id IS NOT NULL)", name=op.f('ck_identifications_account_has_one')),
    sa.CheckConstraint("outcome IN ('account', 'sender')", name=op.f('ck_identifications_outcome_is_known')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_identifications_amount_is_positive')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_identifications_customer_account_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_identifications_journal_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_identifications_payment_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_identifications_proposal_id')),
    sa.ForeignKeyConstraint(['undoes_id'], ['identifications.id'], name=op.f('fk_identifications_undoes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identifications')),
    sa.UniqueConstraint('journal_id', name=op.f('uq_identifications_journal_id')),
    sa.UniqueConstraint('payment_id', 'number', name=op.f('uq_identifications_payment_id_number')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_identifications_proposal_id')),
    sa.UniqueConstraint('undoes_id', name=op.f('uq_identifications_undoes_id'))
    )
    op.create_index(op.f('ix_identifications_customer_account_id'), 'identifications', ['customer_account_id'], unique=False)
    op.create_table('lockbox_items',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('line_no', sa.BigInteger(), nullable=False),
    sa.Column('batch', sa.Text(), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('deposited_on', sa.Date(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('check_number', sa.Text(), nullable=False),
    sa.Column('payer', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.Column('same_key', sa.LargeBinary(), nullable=False),
    sa.Column('parts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("(state = 'posted') = (payment_id IS NOT NULL)", name=op.f('ck_lockbox_items_posted_has_a_payment')),
    sa.CheckConstraint("state IN ('waits', 'held', 'posted')", name=op.f('ck_lockbox_items_state_is_known')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_lockbox_items_amount_is_positive')),
    sa.ForeignKeyConstraint(['file_id'], ['lockbox_files.id'], name=op.f('fk_lockbox_items_file_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_lockbox_items_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lockbox_items')),
    sa.UniqueConstraint('file_id', 'batch', 'item', name=op.f('uq_lockbox_items_file_id_batch_item')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_lockbox_items_payment_id'))
    )
    op.create_index(op.f('ix_lockbox_items_same_key'), 'lockbox_items', ['same_key'], unique=False)
    op.create_index('ix_lockbox_items_waiting', 'lockbox_items', ['file_id'], unique=False, postgresql_where=sa.text("state = 'waits'"))
    op.create_table('mail_bundles',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('postmarked_on', sa.Date(), nullable=True),
    sa.Column('opened_by', sa.BigInteger(), nullable=False),
    sa.Column('opened_with', sa.BigInteger(), nullable=False),
    sa.Column('remittances', sa.BigInteger(), nullable=False),
    sa.Column('total_cents', sa.BigInteger(), nullable=False),
    sa.Column('routed_to', sa.Text(), server_default='', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('follow_up_id', sa.BigInteger(), nullable=True),
    sa.Column('logged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('(remittances = 0) = (follow_up_id IS NOT NULL)', name=op.f('ck_mail_bundles_other_mail_is_routed')),
    sa.CheckConstraint('(remittances = 0) = (total_cents = 0)', name=op.f('ck_mail_bundles_count_fits_total')),
    sa.CheckConstraint('drawer_id IS NULL OR remittances > 0', name=op.f('ck_mail_bundles_only_money_is_worked')),
    sa.CheckConstraint('opened_by <> opened_with', name=op.f('ck_mail_bundles_opened_by_two')),
    sa.CheckConstraint('remittances >= 0 AND total_cents >= 0', name=op.f('ck_mail_bundles_is_not_negative')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_mail_bundles_drawer_id')),
    sa.ForeignKeyConstraint(['follow_up_id'], ['follow_ups.id'], name=op.f('fk_mail_bundles_follow_up_id')),
    sa.ForeignKeyConstraint(['opened_by'], ['actors.id'], name=op.f('fk_mail_bundles_opened_by')),
    sa.ForeignKeyConstraint(['opened_with'], ['actors.id'], name=op.f('fk_mail_bundles_opened_with')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_bundles')),
    sa.UniqueConstraint('drawer_id', name=op.f('uq_mail_bundles_drawer_id')),
    sa.UniqueConstraint('follow_up_id', name=op.f('uq_mail_bundles_follow_up_id'))
    )
    op.create_table('manual_receipts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('book_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('written_on', sa.Date(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=True),
    sa.Column('void_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('entered_by', sa.BigInteger(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(payment_id IS NULL) = (void_reason <> '')", name=op.f('ck_manual_receipts_entered_or_void')),
    sa.ForeignKeyConstraint(['book_id'], ['manual_books.id'], name=op.f('fk_manual_receipts_book_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['actors.id'], name=op.f('fk_manual_receipts_entered_by')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_manual_receipts_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manual_receipts')),
    sa.UniqueConstraint('book_id', 'number', name=op.f('uq_manual_receipts_book_id_number')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_manual_receipts_payment_id'))
    )
    op.create_table('suspense_clues',
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('payer', sa.Text(), server_default='', nullable=False),
    sa.Column('memo', sa.Text(), server_default='', nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_suspense_clues_payment_id')),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_suspense_clues'))
    )
    op.create_index(op.f('ix_suspense_clues_fingerprint'), 'suspense_clues', ['fingerprint'], unique=False)
    op.create_table('turn_ins',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('sheet_number', sa.Text(), server_default='', nullable=False),
    sa.Column('brought_by', sa.Text(), nullable=False),
    sa.Column('cash_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_count', sa.BigInteger(), nullable=False),
    sa.Column('denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('counted_by', sa.BigInteger(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("brought_by <> '' AND department <> ''", name=op.f('ck_turn_ins_says_whose_it_is')),
    sa.CheckConstraint('(checks_count = 0) = (checks_cents = 0)', name=op.f('ck_turn_ins_checks_have_a_total')),
    sa.CheckConstraint('cash_cents + checks_cents > 0', name=op.f('ck_turn_ins_is_something')),
    sa.CheckConstraint('cash_cents >= 0 AND checks_cents >= 0', name=op.f('ck_turn_ins_is_not_negative')),
    sa.ForeignKeyConstraint(['counted_by'], ['actors.id'], name=op.f('fk_turn_ins_counted_by')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_turn_ins_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_turn_ins')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_turn_ins_payment_id'))
    )
    op.create_table('mail_explanations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('bundle_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('cents', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind = 'miscounted' OR (count > 0 AND cents >= 0)", name=op.f('ck_mail_explanations_sent_back_is_something')),
    sa.CheckConstraint("kind IN ('sent-back', 'miscounted')", name=op.f('ck_mail_explanations_kind_is_known')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_mail_explanations_reason_is_given')),
    sa.CheckConstraint('count <> 0 OR cents <> 0', name=op.f('ck_mail_explanations_explains_something')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_mail_explanations_actor_id')),
    sa.ForeignKeyConstraint(['bundle_id'], ['mail_bundles.id'], name=op.f('fk_mail_explanations_bundle_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_explanations'))
    )
    op.create_index(op.f('ix_mail_explanations_bundle_id'), 'mail_explanations', ['bundle_id'], unique=False)
    op.create_table('mail_remittances',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('bundle_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('payment_id', sa.BigInteger(), nullable=False),
    sa.Column('postmarked_on', sa.Date(), nullable=True),
    sa.Column('paid_on', sa.Date(), nullable=False),
    sa.Column('by_postmark', sa.Boolean(), nullable=False),
    sa.Column('entered_by', sa.BigInteger(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['bundle_id'], ['mail_bundles.id'], name=op.f('fk_mail_remittances_bundle_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['actors.id'], name=op.f('fk_mail_remittances_entered_by')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_mail_remittances_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_remittances')),
    sa.UniqueConstraint('bundle_id', 'number', name=op.f('uq_mail_remittances_bundle_id_number')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_mail_remittances_payment_id'))
    )

    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0018_mail.sql").read_text())
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
