"""Journal exports and the close of the day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APPEND_ONLY = ("closing_packets", "exported_journals", "journal_answers", "journal_batch_lines", "journal_batches")


def upgrade() -> None:
    op.create_table('closing_packets',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("encode(sha256(convert_to(content, 'UTF8')), 'hex') = sha256", name=op.f('ck_closing_packets_content_has_its_hash')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_closing_packets_actor_id')),
    sa.ForeignKeyConstraint(['day'], ['business_days.day'], name=op.f('fk_closing_packets_day')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_closing_packets'))
    )
    op.create_table('journal_batches',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('layout', sa.Text(), nullable=False),
    sa.Column('layout_content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('journal_count', sa.BigInteger(), nullable=False),
    sa.Column('line_count', sa.BigInteger(), nullable=False),
    sa.Column('debits_cents', sa.BigInteger(), nullable=False),
    sa.Column('credits_cents', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.CheckConstraint("encode(sha256(content), 'hex') = sha256", name=op.f('ck_journal_batches_content_has_its_hash')),
    sa.CheckConstraint('debits_cents = credits_cents AND debits_cents >= 0', name=op.f('ck_journal_batches_balances')),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_journal_batches_days_run_forward')),
    sa.CheckConstraint('number > 0', name=op.f('ck_journal_batches_number_is_positive')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_journal_batches_actor_id')),
    sa.ForeignKeyConstraint(['first_day'], ['business_days.day'], name=op.f('fk_journal_batches_first_day')),
    sa.ForeignKeyConstraint(['last_day'], ['business_days.day'], name=op.f('fk_journal_batches_last_day')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_batches')),
    sa.UniqueConstraint('number', name=op.f('uq_journal_batches_number'))
    )
    op.create_table('exported_journals',
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['journal_batches.id'], name=op.f('fk_exported_journals_batch_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_exported_journals_journal_id')),
    sa.PrimaryKeyConstraint('journal_id', name=op.f('pk_exported_journals'))
    )
    op.create_index(op.f('ix_exported_journals_batch_id'), 'exported_journals', ['batch_id'], unique=False)
    op.create_table('journal_answers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('ordinal', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), server_default='', nullable=False),
    sa.Column('message', sa.Text(), server_default='', nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("status = 'accepted' OR message <> ''", name=op.f('ck_journal_answers_rejected_with_a_reason')),
    sa.CheckConstraint("status IN ('accepted', 'rejected')", name=op.f('ck_journal_answers_status_is_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_journal_answers_actor_id')),
    sa.ForeignKeyConstraint(['batch_id'], ['journal_batches.id'], name=op.f('fk_journal_answers_batch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_answers')),
    sa.UniqueConstraint('batch_id', 'ordinal', name=op.f('uq_journal_answers_batch_id_ordinal'))
    )
    op.create_index('uq_journal_answers_accepted_once', 'journal_answers', ['batch_id'], unique=True, postgresql_where=sa.text("status = 'accepted'"))
    op.create_table('journal_batch_lines',
    sa.Column('batch_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('business_day', sa.Date(), nullable=False),
    sa.Column('fund', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('project', sa.Text(), server_default='', nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_cents <> 0', name=op.f('ck_journal_batch_lines_amount_is_not_zero')),
    sa.ForeignKeyConstraint(['batch_id'], ['journal_batches.id'], name=op.f('fk_journal_batch_lines_batch_id')),
    sa.PrimaryKeyConstraint('batch_id', 'number', name=op.f('pk_journal_batch_lines')),
    sa.UniqueConstraint('batch_id', 'business_day', 'account', 'project', name=op.f('uq_journal_batch_lines_batch_id_business_day_account_project'))
    )
    with op.get_bind().connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
