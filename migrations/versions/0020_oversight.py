"""Findings of the rules against fraud, declared interests, kept and mailed reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APPEND_ONLY = ("finding_outcomes", "findings", "report_mailings")


def upgrade() -> None:
    op.create_table('findings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('subjects', sa.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('payment_id', sa.BigInteger(), nullable=True),
    sa.Column('drawer_id', sa.BigInteger(), nullable=True),
    sa.Column('amount_cents', sa.BigInteger(), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('authority', sa.Text(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f('ck_findings_severity_is_known')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_findings_customer_account_id')),
    sa.ForeignKeyConstraint(['drawer_id'], ['drawers.id'], name=op.f('fk_findings_drawer_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_findings_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_findings')),
    sa.UniqueConstraint('id', 'subjects', name=op.f('uq_findings_id_subjects')),
    sa.UniqueConstraint('key', name=op.f('uq_findings_key'))
    )
    op.create_index(op.f('ix_findings_found_at'), 'findings', ['found_at'], unique=False)
    op.create_index(op.f('ix_findings_customer_account_id'), 'findings', ['customer_account_id'], unique=False)
    op.create_table('finding_outcomes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('finding_id', sa.BigInteger(), nullable=False),
    sa.Column('subjects', sa.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('referred_to', sa.Text(), server_default='', nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_finding_outcomes_reason_is_given')),
    sa.CheckConstraint("verdict IN ('explained', 'referred')", name=op.f('ck_finding_outcomes_verdict_is_known')),
    sa.CheckConstraint('decided_by <> ALL (subjects)', name=op.f('ck_finding_outcomes_not_by_a_subject')),
    sa.ForeignKeyConstraint(['decided_by'], ['actors.id'], name=op.f('fk_finding_outcomes_decided_by')),
    sa.ForeignKeyConstraint(['finding_id', 'subjects'], ['findings.id', 'findings.subjects'], name=op.f('fk_finding_outcomes_finding_id_subjects')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding_outcomes')),
    sa.UniqueConstraint('finding_id', 'number', name=op.f('uq_finding_outcomes_finding_id_number'))
    )
    op.create_index('uq_finding_outcomes_explained_once', 'finding_outcomes', ['finding_id'], unique=True, postgresql_where=sa.text("verdict = 'explained'"))
    op.create_table('declared_interests',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('declared_by', sa.BigInteger(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("relation IN ('self', 'household', 'relative', 'business')", name=op.f('ck_declared_interests_relation_is_known')),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by IS NULL)', name=op.f('ck_declared_interests_ended_by_someone')),
    sa.CheckConstraint('declared_by <> actor_id', name=op.f('ck_declared_interests_written_by_another')),
    sa.CheckConstraint('ended_by <> actor_id', name=op.f('ck_declared_interests_ended_by_another')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_declared_interests_actor_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_declared_interests_customer_id')),
    sa.ForeignKeyConstraint(['declared_by'], ['actors.id'], name=op.f('fk_declared_interests_declared_by')),
    sa.ForeignKeyConstraint(['ended_by'], ['actors.id'], name=op.f('fk_declared_interests_ended_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declared_interests'))
    )
    op.create_index(op.f('ix_declared_interests_customer_id'), 'declared_interests', ['customer_id'], unique=False)
    op.create_index('uq_declared_interests_standing', 'declared_interests', ['actor_id', 'customer_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('saved_reports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('report', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('filters', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('cadence', sa.Text(), server_default='', nullable=False),
    sa.Column('recipients', sa.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('created_by', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(cadence = '') = (cardinality(recipients) = 0)", name=op.f('ck_saved_reports_mailed_to_somebody')),
    sa.CheckConstraint("cadence IN ('', 'daily', 'weekly', 'monthly')", name=op.f('ck_saved_reports_cadence_is_known')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_saved_reports_has_a_name')),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by IS NULL)', name=op.f('ck_saved_reports_ended_by_someone')),
    sa.ForeignKeyConstraint(['created_by'], ['actors.id'], name=op.f('fk_saved_reports_created_by')),
    sa.ForeignKeyConstraint(['ended_by'], ['actors.id'], name=op.f('fk_saved_reports_ended_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_reports'))
    )
    op.create_index('ix_saved_reports_standing', 'saved_reports', ['created_by'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('report_mailings',
    sa.Column('saved_report_id', sa.BigInteger(), nullable=False),
    sa.Column('period_until', sa.Date(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_report_mailings_actor_id')),
    sa.ForeignKeyConstraint(['saved_report_id'], ['saved_reports.id'], name=op.f('fk_report_mailings_saved_report_id')),
    sa.PrimaryKeyConstraint('saved_report_id', 'period_until', 'actor_id', name=op.f('pk_report_mailings'))
    )
    with op.get_bind().connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
