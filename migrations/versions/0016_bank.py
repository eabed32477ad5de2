"""Bank deposits, bank statements, and what matches what."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
APPEND_ONLY = (
    "bank_deposit_handovers", "bank_files", "bank_lines", "bank_match_parts", "bank_match_undoings", "bank_matches",
    "bank_namings", "bank_sign_offs", "bank_statements",
)  # fmt: skip


def upgrade() -> None:
    op.create_table('bank_files',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('imported_by', sa.BigInteger(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("format IN ('bai2', 'csv')", name=op.f('ck_bank_files_format_is_known')),
    sa.ForeignKeyConstraint(['imported_by'], ['actors.id'], name=op.f('fk_bank_files_imported_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_files')),
    sa.UniqueConstraint('sha256', name=op.f('uq_bank_files_sha256')),
    info={'append_only': True}
    )
    op.create_table('bank_deposits',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('bank_account', sa.Text(), nullable=False),
    sa.Column('ledger_account', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('cash_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_cents', sa.BigInteger(), nullable=False),
    sa.Column('checks_count', sa.BigInteger(), nullable=False),
    sa.Column('terminal_cents', sa.BigInteger(), nullable=False),
    sa.Column('denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('bag_number', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('prepared_by', sa.BigInteger(), nullable=False),
    sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verified_by', sa.BigInteger(), nullable=True),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verified_denominations', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('journal_id', sa.BigInteger(), nullable=True),
    sa.Column('given_up_by', sa.BigInteger(), nullable=True),
    sa.Column('given_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_up_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("(state = 'given-up') = (given_up_by IS NOT NULL AND given_up_reason <> '')", name=op.f('ck_bank_deposits_given_up_with_a_reason')),
    sa.CheckConstraint("(state = 'sealed') = (verified_by IS NOT NULL AND verified_at IS NOT NULL AND journal_id IS NOT NULL)", name=op.f('ck_bank_deposits_sealed_by_somebody_and_posted')),
    sa.CheckConstraint("kind = 'bag' AND terminal_cents = 0 AND bag_number <> '' OR kind = 'terminal' AND cash_cents + checks_cents = 0 AND bag_number = ''", name=op.f('ck_bank_deposits_holds_what_its_kind_holds')),
    sa.CheckConstraint("kind IN ('bag', 'terminal')", name=op.f('ck_bank_deposits_kind_is_known')),
    sa.CheckConstraint("state IN ('prepared', 'sealed', 'given-up')", name=op.f('ck_bank_deposits_state_is_known')),
    sa.CheckConstraint('cash_cents + checks_cents + terminal_cents > 0', name=op.f('ck_bank_deposits_is_not_empty')),
    sa.CheckConstraint('cash_cents >= 0 AND checks_cents >= 0 AND terminal_cents >= 0', name=op.f('ck_bank_deposits_is_not_negative')),
    sa.CheckConstraint('verified_by <> prepared_by', name=op.f('ck_bank_deposits_counted_by_two')),
    sa.ForeignKeyConstraint(['given_up_by'], ['actors.id'], name=op.f('fk_bank_deposits_given_up_by')),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_bank_deposits_journal_id')),
    sa.ForeignKeyConstraint(['prepared_by'], ['actors.id'], name=op.f('fk_bank_deposits_prepared_by')),
    sa.ForeignKeyConstraint(['verified_by'], ['actors.id'], name=op.f('fk_bank_deposits_verified_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_deposits')),
    sa.UniqueConstraint('journal_id', name=op.f('uq_bank_deposits_journal_id')),
    info={'updates': ('state', 'verified_by', 'verified_at', 'verified_denominations', 'journal_id', 'given_up_by', 'given_up_at', 'given_up_reason', 'version')}
    )
    op.create_index('ix_bank_deposits_prepared', 'bank_deposits', ['id'], unique=False, postgresql_where=sa.text("state = 'prepared'"))
    op.create_index('uq_bank_deposits_bag_number', 'bank_deposits', ['bag_number'], unique=True, postgresql_where=sa.text("bag_number <> '' AND state <> 'given-up'"))
    op.create_table('bank_statements',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('bank_account', sa.Text(), nullable=False),
    sa.Column('ledger_account', sa.Text(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('through_on', sa.Date(), nullable=False),
    sa.Column('opening_cents', sa.BigInteger(), nullable=False),
    sa.Column('closing_cents', sa.BigInteger(), nullable=False),
    sa.Column('lines', sa.BigInteger(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('from_on <= through_on', name=op.f('ck_bank_statements_days_are_forward')),
    sa.ForeignKeyConstraint(['file_id'], ['bank_files.id'], name=op.f('fk_bank_statements_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_statements')),
    sa.UniqueConstraint('file_id', 'bank_account', 'from_on', name=op.f('uq_bank_statements_file_id_bank_account_from_on')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_bank_statements_bank_account_through_on'), 'bank_statements', ['bank_account', 'through_on'], unique=False)
    op.create_table('bank_deposit_handovers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('deposit_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('handed_by', sa.BigInteger(), nullable=False),
    sa.Column('to_kind', sa.Text(), nullable=False),
    sa.Column('to_actor_id', sa.BigInteger(), nullable=True),
    sa.Column('to_name', sa.Text(), server_default='', nullable=False),
    sa.Column('reference', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(to_kind = 'staff') = (to_actor_id IS NOT NULL)", name=op.f('ck_bank_deposit_handovers_colleague_is_named')),
    sa.CheckConstraint("to_kind = 'staff' OR to_name <> ''", name=op.f('ck_bank_deposit_handovers_stranger_is_named')),
    sa.CheckConstraint("to_kind IN ('staff', 'courier', 'bank')", name=op.f('ck_bank_deposit_handovers_receiver_is_known')),
    sa.CheckConstraint('to_actor_id <> handed_by', name=op.f('ck_bank_deposit_handovers_receiver_is_another')),
    sa.ForeignKeyConstraint(['deposit_id'], ['bank_deposits.id'], name=op.f('fk_bank_deposit_handovers_deposit_id')),
    sa.ForeignKeyConstraint(['handed_by'], ['actors.id'], name=op.f('fk_bank_deposit_handovers_handed_by')),
    sa.ForeignKeyConstraint(['to_actor_id'], ['actors.id'], name=op.f('fk_bank_deposit_handovers_to_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_deposit_handovers')),
    sa.UniqueConstraint('deposit_id', 'number', name=op.f('uq_bank_deposit_handovers_deposit_id_number')),
    info={'append_only': True}
    )
    op.create_table('bank_lines',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('statement_id', sa.BigInteger(), nullable=False),
    sa.Column('bank_account', sa.Text(), nullable=False),
    sa.Column('ledger_account', sa.Text(), nullable=False),
    sa.Column('ordinal', sa.BigInteger(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='line', nullable=False),
    sa.Column('occurrence', sa.BigInteger(), nullable=False),
    sa.Column('type_code', sa.Text(), server_default='', nullable=False),
    sa.Column('bank_reference', sa.Text(), server_default='', nullable=False),
    sa.Column('customer_reference', sa.Text(), server_default='', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("kind IN ('line', 'opening', 'gap')", name=op.f('ck_bank_lines_kind_is_known')),
    sa.ForeignKeyConstraint(['statement_id'], ['bank_statements.id'], name=op.f('fk_bank_lines_statement_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_lines')),
    sa.UniqueConstraint('bank_account', 'on_day', 'amount_cents', 'kind', 'occurrence', name=op.f('uq_bank_lines_bank_account_on_day_amount_cents_kind_occurrence')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_bank_lines_statement_id'), 'bank_lines', ['statement_id'], unique=False)
    op.create_index('uq_bank_lines_one_opening', 'bank_lines', ['bank_account'], unique=True, postgresql_where=sa.text("kind = 'opening'"))
    op.create_table('bank_sign_offs',
    sa.Column('statement_id', sa.BigInteger(), nullable=False),
    sa.Column('signed_by', sa.BigInteger(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['signed_by'], ['actors.id'], name=op.f('fk_bank_sign_offs_signed_by')),
    sa.ForeignKeyConstraint(['statement_id'], ['bank_statements.id'], name=op.f('fk_bank_sign_offs_statement_id')),
    sa.PrimaryKeyConstraint('statement_id', name=op.f('pk_bank_sign_offs')),
    info={'append_only': True}
    )
    op.create_table('bank_deposit_batches',
    sa.Column('deposit_id', sa.BigInteger(), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('is_live', sa.Boolean(), server_default='true', nullable=False),
    sa.CheckConstraint("kind IN ('bag', 'terminal')", name=op.f('ck_bank_deposit_batches_kind_is_known')),
    sa.ForeignKeyConstraint(['batch_id'], ['vault_batches.id'], name=op.f('fk_bank_deposit_batches_batch_id')),
    sa.ForeignKeyConstraint(['deposit_id'], ['bank_deposits.id'], name=op.f('fk_bank_deposit_batches_deposit_id')),
    sa.PrimaryKeyConstraint('deposit_id', 'batch_id', name=op.f('pk_bank_deposit_batches')),
    info={'updates': ('is_live',)}
    )
    op.create_index('uq_bank_deposit_batches_deposited_once', 'bank_deposit_batches', ['batch_id', 'kind'], unique=True, postgresql_where=sa.text('is_live'))
    op.create_table('bank_matches',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), server_default='', nullable=False),
    sa.Column('made_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("way <> 'by-hand' OR reason <> ''", name=op.f('ck_bank_matches_reason_is_given')),
    sa.CheckConstraint("way IN ('automatic', 'by-hand', 'booked')", name=op.f('ck_bank_matches_way_is_known')),
    sa.ForeignKeyConstraint(['line_id'], ['bank_lines.id'], name=op.f('fk_bank_matches_line_id')),
    sa.ForeignKeyConstraint(['made_by'], ['actors.id'], name=op.f('fk_bank_matches_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_matches')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_bank_matches_line_id'), 'bank_matches', ['line_id'], unique=False)
    op.create_table('bank_namings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('named_by', sa.BigInteger(), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['bank_lines.id'], name=op.f('fk_bank_namings_line_id')),
    sa.ForeignKeyConstraint(['named_by'], ['actors.id'], name=op.f('fk_bank_namings_named_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_namings')),
    sa.UniqueConstraint('line_id', 'number', name=op.f('uq_bank_namings_line_id_number')),
    info={'append_only': True}
    )
    op.create_table('bank_match_parts',
    sa.Column('match_id', sa.BigInteger(), nullable=False),
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_bank_match_parts_journal_id')),
    sa.ForeignKeyConstraint(['match_id'], ['bank_matches.id'], name=op.f('fk_bank_match_parts_match_id')),
    sa.PrimaryKeyConstraint('match_id', 'journal_id', name=op.f('pk_bank_match_parts')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_bank_match_parts_journal_id'), 'bank_match_parts', ['journal_id'], unique=False)
    op.create_table('bank_match_undoings',
    sa.Column('match_id', sa.BigInteger(), nullable=False),
    sa.Column('undone_by', sa.BigInteger(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_bank_match_undoings_reason_is_given')),
    sa.ForeignKeyConstraint(['match_id'], ['bank_matches.id'], name=op.f('fk_bank_match_undoings_match_id')),
    sa.ForeignKeyConstraint(['undone_by'], ['actors.id'], name=op.f('fk_bank_match_undoings_undone_by')),
    sa.PrimaryKeyConstraint('match_id', name=op.f('pk_bank_match_undoings')),
    info={'append_only': True}
    )
    op.create_table('bank_matched_journals',
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('ledger_account', sa.Text(), nullable=False),
    sa.Column('match_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_bank_matched_journals_journal_id')),
    sa.ForeignKeyConstraint(['match_id'], ['bank_matches.id'], name=op.f('fk_bank_matched_journals_match_id')),
    sa.PrimaryKeyConstraint('journal_id', 'ledger_account', name=op.f('pk_bank_matched_journals')),
    info={'deletes': True}
    )
    op.create_index(op.f('ix_bank_matched_journals_match_id'), 'bank_matched_journals', ['match_id'], unique=False)
    op.create_table('bank_matched_lines',
    sa.Column('line_id', sa.BigInteger(), nullable=False),
    sa.Column('match_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['line_id'], ['bank_lines.id'], name=op.f('fk_bank_matched_lines_line_id')),
    sa.ForeignKeyConstraint(['match_id'], ['bank_matches.id'], name=op.f('fk_bank_matched_lines_match_id')),
    sa.PrimaryKeyConstraint('line_id', name=op.f('pk_bank_matched_lines')),
    sa.UniqueConstraint('match_id', name=op.f('uq_bank_matched_lines_match_id')),
    info={'deletes': True}
    )
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0016_bank.sql").read_text())
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
