"""Notes, contacts, changes of customers, returned mail and mergers; the audit as it is asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "account_notes",
    "contacts",
    "customer_change_outcomes",
    "customer_changes",
    "follow_up_ends",
    "follow_ups",
    "merger_accounts",
    "merger_ends",
    "merger_roles",
    "mergers",
    "note_pins",
    "returned_mail",
    "returned_mail_events",
)


def upgrade() -> None:
    op.create_table('customer_changes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('wanted', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('document_note', sa.Text(), nullable=False),
    sa.Column('forgets_old_name', sa.Boolean(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_customer_changes_actor_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_customer_changes_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_changes')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_customer_changes_customer_id_id'), 'customer_changes', ['customer_id', 'id'], unique=False)
    op.create_index(op.f('ix_customer_changes_effective_on'), 'customer_changes', ['effective_on'], unique=False)
    op.create_table('mergers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('from_id', sa.BigInteger(), nullable=False),
    sa.Column('into_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('approved_by <> actor_id', name=op.f('ck_mergers_maker_is_not_checker')),
    sa.CheckConstraint('from_id <> into_id', name=op.f('ck_mergers_are_two')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_mergers_actor_id')),
    sa.ForeignKeyConstraint(['approved_by'], ['actors.id'], name=op.f('fk_mergers_approved_by')),
    sa.ForeignKeyConstraint(['from_id'], ['customers.id'], name=op.f('fk_mergers_from_id')),
    sa.ForeignKeyConstraint(['into_id'], ['customers.id'], name=op.f('fk_mergers_into_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mergers')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_mergers_from_id'), 'mergers', ['from_id'], unique=False)
    op.create_index(op.f('ix_mergers_into_id'), 'mergers', ['into_id'], unique=False)
    op.create_table('account_notes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("text <> ''", name=op.f('ck_account_notes_says_something')),
    sa.ForeignKeyConstraint(['author_id'], ['actors.id'], name=op.f('fk_account_notes_author_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_account_notes_customer_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_notes')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_account_notes_customer_account_id_id'), 'account_notes', ['customer_account_id', 'id'], unique=False)
    op.create_table('contacts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('verified_by', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('spoke_with', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("direction IN ('in', 'out')", name=op.f('ck_contacts_direction_is_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_contacts_actor_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_contacts_customer_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_contacts_actor_id_id'), 'contacts', ['actor_id', 'id'], unique=False)
    op.create_index(op.f('ix_contacts_customer_account_id_id'), 'contacts', ['customer_account_id', 'id'], unique=False)
    op.create_table('customer_change_outcomes',
    sa.Column('change_id', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(outcome = 'applied') = (version IS NOT NULL)", name=op.f('ck_customer_change_outcomes_applied_made_a_version')),
    sa.CheckConstraint("outcome IN ('applied', 'withdrawn')", name=op.f('ck_customer_change_outcomes_outcome_is_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_customer_change_outcomes_actor_id')),
    sa.ForeignKeyConstraint(['change_id'], ['customer_changes.id'], name=op.f('fk_customer_change_outcomes_change_id')),
    sa.PrimaryKeyConstraint('change_id', name=op.f('pk_customer_change_outcomes')),
    info={'append_only': True}
    )
    op.create_table('merger_accounts',
    sa.Column('merger_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_merger_accounts_customer_account_id')),
    sa.ForeignKeyConstraint(['merger_id'], ['mergers.id'], name=op.f('fk_merger_accounts_merger_id')),
    sa.PrimaryKeyConstraint('merger_id', 'customer_account_id', name=op.f('pk_merger_accounts')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_merger_accounts_customer_account_id'), 'merger_accounts', ['customer_account_id'], unique=False)
    op.create_table('merger_ends',
    sa.Column('merger_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('approved_by', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('approved_by <> actor_id', name=op.f('ck_merger_ends_maker_is_not_checker')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_merger_ends_actor_id')),
    sa.ForeignKeyConstraint(['approved_by'], ['actors.id'], name=op.f('fk_merger_ends_approved_by')),
    sa.ForeignKeyConstraint(['merger_id'], ['mergers.id'], name=op.f('fk_merger_ends_merger_id')),
    sa.PrimaryKeyConstraint('merger_id', name=op.f('pk_merger_ends')),
    info={'append_only': True}
    )
    op.create_table('merger_roles',
    sa.Column('merger_id', sa.BigInteger(), nullable=False),
    sa.Column('premises_role_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['merger_id'], ['mergers.id'], name=op.f('fk_merger_roles_merger_id')),
    sa.ForeignKeyConstraint(['premises_role_id'], ['premises_roles.id'], name=op.f('fk_merger_roles_premises_role_id')),
    sa.PrimaryKeyConstraint('merger_id', 'premises_role_id', name=op.f('pk_merger_roles')),
    info={'append_only': True}
    )
    op.create_table('returned_mail',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('returned_on', sa.Date(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('address_key', sa.Text(), nullable=False),
    sa.Column('mail_kind', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("address_key <> ''", name=op.f('ck_returned_mail_names_an_address')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_returned_mail_actor_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_returned_mail_customer_account_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_returned_mail_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returned_mail')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_returned_mail_customer_id_id'), 'returned_mail', ['customer_id', 'id'], unique=False)
    op.create_table('source_statements',
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('stated', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_source_statements_customer_account_id')),
    sa.PrimaryKeyConstraint('customer_account_id', 'field', name=op.f('pk_source_statements')),
    info={'deletes': True}
    )
    op.create_table('follow_ups',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=True),
    sa.Column('contact_id', sa.BigInteger(), nullable=True),
    sa.Column('follows_id', sa.BigInteger(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('for_actor_id', sa.BigInteger(), nullable=True),
    sa.Column('for_division', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("for_actor_id IS NOT NULL OR for_division <> ''", name=op.f('ck_follow_ups_is_for_somebody')),
    sa.CheckConstraint("kind IN ('call-back', 'hand-off', 'escalation')", name=op.f('ck_follow_ups_kind_is_known')),
    sa.CheckConstraint("text <> ''", name=op.f('ck_follow_ups_says_why')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_follow_ups_actor_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_follow_ups_contact_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_follow_ups_customer_account_id')),
    sa.ForeignKeyConstraint(['follows_id'], ['follow_ups.id'], name=op.f('fk_follow_ups_follows_id')),
    sa.ForeignKeyConstraint(['for_actor_id'], ['actors.id'], name=op.f('fk_follow_ups_for_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_ups')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_follow_ups_contact_id'), 'follow_ups', ['contact_id'], unique=False)
    op.create_index(op.f('ix_follow_ups_customer_account_id_id'), 'follow_ups', ['customer_account_id', 'id'], unique=False)
    op.create_index(op.f('ix_follow_ups_due_on'), 'follow_ups', ['due_on'], unique=False)
    op.create_index(op.f('ix_follow_ups_for_actor_id_due_on'), 'follow_ups', ['for_actor_id', 'due_on'], unique=False)
    op.create_table('note_pins',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('note_id', sa.BigInteger(), nullable=False),
    sa.Column('is_pinned', sa.Boolean(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_note_pins_actor_id')),
    sa.ForeignKeyConstraint(['note_id'], ['account_notes.id'], name=op.f('fk_note_pins_note_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note_pins')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_note_pins_note_id_id'), 'note_pins', ['note_id', 'id'], unique=False)
    op.create_table('returned_mail_events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('returned_mail_id', sa.BigInteger(), nullable=False),
    sa.Column('handling', sa.Text(), nullable=False),
    sa.Column('handled_on', sa.Date(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("handling IN ('visited', 'new-address', 're-mailed', 'not-needed', 'mistake')", name=op.f('ck_returned_mail_events_handling_is_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_returned_mail_events_actor_id')),
    sa.ForeignKeyConstraint(['returned_mail_id'], ['returned_mail.id'], name=op.f('fk_returned_mail_events_returned_mail_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_returned_mail_events')),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_returned_mail_events_returned_mail_id_id'), 'returned_mail_events', ['returned_mail_id', 'id'], unique=False)
    op.create_index('uq_returned_mail_events_one_end', 'returned_mail_events', ['returned_mail_id'], unique=True, postgresql_where=sa.text("handling IN ('re-mailed', 'not-needed', 'mistake')"))
    op.create_table('follow_up_ends',
    sa.Column('follow_up_id', sa.BigInteger(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("how IN ('done', 'handed-on')", name=op.f('ck_follow_up_ends_how_is_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_follow_up_ends_actor_id')),
    sa.ForeignKeyConstraint(['follow_up_id'], ['follow_ups.id'], name=op.f('fk_follow_up_ends_follow_up_id')),
    sa.PrimaryKeyConstraint('follow_up_id', name=op.f('pk_follow_up_ends')),
    info={'append_only': True}
    )
    op.add_column('account_proofs', sa.Column('good_until', sa.Date(), nullable=True))
    op.create_index('ix_account_proofs_good_until', 'account_proofs', ['good_until'], unique=False, postgresql_where=sa.text('good_until IS NOT NULL'))
    op.drop_index(op.f('ix_audit_entries_subject_kind_subject_id'), table_name='audit_entries')
    op.create_index(op.f('ix_audit_entries_actor_id_id'), 'audit_entries', ['actor_id', 'id'], unique=False)
    op.create_index(op.f('ix_audit_entries_at'), 'audit_entries', ['at'], unique=False)
    op.create_index(op.f('ix_audit_entries_subject_kind_subject_id_id'), 'audit_entries', ['subject_kind', 'subject_id', 'id'], unique=False)
    op.add_column('customers', sa.Column('version', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('customers', sa.Column('merged_into', sa.BigInteger(), nullable=True))
    op.create_index('ix_customers_mailing_address', 'customers', [sa.text('lower(mailing_address)')], unique=False, postgresql_where=sa.text("mailing_address <> ''"))
    op.create_index('ix_customers_merged_into', 'customers', ['merged_into'], unique=False, postgresql_where=sa.text('merged_into IS NOT NULL'))
    op.create_foreign_key(op.f('fk_customers_merged_into'), 'customers', 'customers', ['merged_into'], ['id'])
    op.create_check_constraint(op.f('ck_customers_is_not_merged_into_itself'), 'customers', 'merged_into <> id')
    with op.get_bind().connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
