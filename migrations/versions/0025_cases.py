"""Cases of one general kind, their documents and messages; pauses of accounts; refunds of credits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "account_pause_ends", "account_pauses", "case_decisions", "case_events", "case_messages", "case_sign_offs",
    "case_submissions", "credit_refunds", "documents",
)


def upgrade() -> None:
    op.create_table('documents',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sent_by', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_documents_has_a_digest')),
    sa.CheckConstraint('size > 0', name=op.f('ck_documents_is_not_empty')),
    sa.ForeignKeyConstraint(['sent_by'], ['actors.id'], name=op.f('fk_documents_sent_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents'))
    )
    op.create_index(op.f('ix_documents_sha256'), 'documents', ['sha256'], unique=False)
    op.create_table('account_pauses',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('stops', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('words', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('authority', sa.Text(), nullable=False),
    sa.Column('cause_kind', sa.Text(), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('since_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("stops IN ('shut-off', 'penalties')", name=op.f('ck_account_pauses_stops_something_known')),
    sa.CheckConstraint('until_on >= since_on', name=op.f('ck_account_pauses_ends_after_it_begins')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_account_pauses_actor_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_account_pauses_customer_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_pauses')),
    sa.UniqueConstraint('cause_kind', 'cause_id', 'stops', name=op.f('uq_account_pauses_cause_kind_cause_id_stops'))
    )
    op.create_index(op.f('ix_account_pauses_customer_account_id'), 'account_pauses', ['customer_account_id'], unique=False)
    op.create_table('cases',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('customer_id', sa.BigInteger(), nullable=True),
    sa.Column('asked_by', sa.BigInteger(), nullable=True),
    sa.Column('guest', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('draft', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('terms', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('waiting_since', sa.Date(), nullable=True),
    sa.Column('assignee_id', sa.BigInteger(), nullable=True),
    sa.Column('division', sa.Text(), server_default='', nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'waiting') = (waiting_since IS NOT NULL)", name=op.f('ck_cases_waits_since_a_day')),
    sa.CheckConstraint("asked_by IS NOT NULL OR guest <> '{}'", name=op.f('ck_cases_somebody_asks')),
    sa.CheckConstraint("state IN ('draft', 'submitted', 'in-review', 'waiting', 'decided', 'done', 'withdrawn')", name=op.f('ck_cases_state_is_known')),
    sa.CheckConstraint("state IN ('draft', 'withdrawn') OR (number IS NOT NULL AND terms IS NOT NULL)", name=op.f('ck_cases_submitted_has_a_number')),
    sa.ForeignKeyConstraint(['asked_by'], ['actors.id'], name=op.f('fk_cases_asked_by')),
    sa.ForeignKeyConstraint(['assignee_id'], ['actors.id'], name=op.f('fk_cases_assignee_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_cases_customer_account_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_cases_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('number', name=op.f('uq_cases_number'))
    )
    op.create_index(op.f('ix_cases_asked_by_id'), 'cases', ['asked_by', 'id'], unique=False)
    op.create_index(op.f('ix_cases_customer_account_id_id'), 'cases', ['customer_account_id', 'id'], unique=False)
    op.create_index('ix_cases_decided', 'cases', ['id'], unique=False, postgresql_where=sa.text("state = 'decided'"))
    op.create_index('ix_cases_to_do', 'cases', ['due_on', 'id'], unique=False, postgresql_where=sa.text("state IN ('submitted', 'in-review', 'waiting')"))
    op.create_table('account_pause_ends',
    sa.Column('pause_id', sa.BigInteger(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_account_pause_ends_actor_id')),
    sa.ForeignKeyConstraint(['pause_id'], ['account_pauses.id'], name=op.f('fk_account_pause_ends_pause_id')),
    sa.PrimaryKeyConstraint('pause_id', name=op.f('pk_account_pause_ends'))
    )
    op.create_table('case_decisions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('authority', sa.Text(), nullable=False),
    sa.Column('effect', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=True),
    sa.Column('asked_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_by', sa.BigInteger(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("outcome IN ('granted', 'partly', 'denied', 'answered')", name=op.f('ck_case_decisions_outcome_is_known')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_case_decisions_reason_is_given')),
    sa.CheckConstraint('decided_by <> asked_by', name=op.f('ck_case_decisions_not_by_who_asks')),
    sa.ForeignKeyConstraint(['asked_by'], ['actors.id'], name=op.f('fk_case_decisions_asked_by')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_decisions_case_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['actors.id'], name=op.f('fk_case_decisions_decided_by')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_case_decisions_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_decisions')),
    sa.UniqueConstraint('case_id', 'number', name=op.f('uq_case_decisions_case_id_number')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_case_decisions_proposal_id'))
    )
    op.create_table('case_documents',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('document_id', sa.BigInteger(), nullable=False),
    sa.Column('wanted', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_case_documents_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_documents_case_id')),
    sa.ForeignKeyConstraint(['document_id'], ['documents.id'], name=op.f('fk_case_documents_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_documents'))
    )
    op.create_index(op.f('ix_case_documents_case_id_id'), 'case_documents', ['case_id', 'id'], unique=False)
    op.create_index(op.f('ix_case_documents_document_id'), 'case_documents', ['document_id'], unique=False)
    op.create_table('case_events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_case_events_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_events_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_events')),
    sa.UniqueConstraint('case_id', 'version', name=op.f('uq_case_events_case_id_version'))
    )
    op.create_table('case_messages',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), server_default='', nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("direction IN ('to-resident', 'from-resident', 'note')", name=op.f('ck_case_messages_direction_is_known')),
    sa.CheckConstraint("text <> ''", name=op.f('ck_case_messages_says_something')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_case_messages_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_messages_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_messages'))
    )
    op.create_index(op.f('ix_case_messages_case_id_id'), 'case_messages', ['case_id', 'id'], unique=False)
    op.create_table('case_sign_offs',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('is_fine', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("is_fine OR note <> ''", name=op.f('ck_case_sign_offs_refused_with_a_reason')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_case_sign_offs_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_sign_offs_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_sign_offs'))
    )
    op.create_index(op.f('ix_case_sign_offs_case_id_id'), 'case_sign_offs', ['case_id', 'id'], unique=False)
    op.create_table('case_submissions',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('city_release_id', sa.BigInteger(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_case_submissions_actor_id')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_submissions_case_id')),
    sa.ForeignKeyConstraint(['city_release_id'], ['city_releases.id'], name=op.f('fk_case_submissions_city_release_id')),
    sa.PrimaryKeyConstraint('case_id', 'version', name=op.f('pk_case_submissions'))
    )
    op.create_table('credit_refunds',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger(), nullable=False),
    sa.Column('payee', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('pay_by', sa.Text(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('journal_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("pay_by IN ('check', 'counter')", name=op.f('ck_credit_refunds_pay_by_is_known')),
    sa.CheckConstraint('amount_cents > 0', name=op.f('ck_credit_refunds_amount_is_positive')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_credit_refunds_case_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_credit_refunds_customer_account_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['journals.id'], name=op.f('fk_credit_refunds_journal_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_credit_refunds_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_refunds')),
    sa.UniqueConstraint('journal_id', name=op.f('uq_credit_refunds_journal_id')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_credit_refunds_proposal_id'))
    )
    op.create_index(op.f('ix_credit_refunds_customer_account_id'), 'credit_refunds', ['customer_account_id'], unique=False)
    with op.get_bind().connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
