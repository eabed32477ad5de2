"""Links of residents to accounts, invitations, shares."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account_links',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('standing', sa.Text(), nullable=False),
    sa.Column('rights', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('gets_copies', sa.Boolean(), nullable=False),
    sa.Column('nickname', sa.Text(), nullable=False),
    sa.Column('proven_by', sa.Text(), nullable=False),
    sa.Column('shared_by', sa.BigInteger(), nullable=True),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("'see' = ANY (rights) AND rights <@ ARRAY['see', 'pay', 'manage']::text[]", name=op.f('ck_account_links_rights_begin_with_see')),
    sa.CheckConstraint("standing <> 'holder' OR shared_by IS NULL", name=op.f('ck_account_links_holder_is_nobodys_guest')),
    sa.CheckConstraint("standing IN ('holder', 'owner', 'tenant', 'agent', 'family')", name=op.f('ck_account_links_standing_is_known')),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by IS NULL)', name=op.f('ck_account_links_end_has_its_person')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_account_links_actor_id')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_account_links_customer_account_id')),
    sa.ForeignKeyConstraint(['ended_by'], ['actors.id'], name=op.f('fk_account_links_ended_by')),
    sa.ForeignKeyConstraint(['shared_by'], ['account_links.id'], name=op.f('fk_account_links_shared_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_links'))
    )
    op.create_index(op.f('ix_account_links_customer_account_id'), 'account_links', ['customer_account_id'], unique=False)
    op.create_index('ix_account_links_shared_by', 'account_links', ['shared_by'], unique=False, postgresql_where=sa.text('shared_by IS NOT NULL'))
    op.create_index('uq_account_links_alive', 'account_links', ['actor_id', 'customer_account_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('link_invitations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('token_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('to_masked', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('customer_account_id', sa.BigInteger(), nullable=False),
    sa.Column('link_id', sa.BigInteger(), nullable=True),
    sa.Column('invited_by', sa.BigInteger(), nullable=False),
    sa.Column('standing', sa.Text(), nullable=False),
    sa.Column('rights', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('gets_copies', sa.Boolean(), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.BigInteger(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("'see' = ANY (rights) AND rights <@ ARRAY['see', 'pay', 'manage']::text[]", name=op.f('ck_link_invitations_rights_begin_with_see')),
    sa.CheckConstraint("standing IN ('holder', 'owner', 'tenant', 'agent', 'family')", name=op.f('ck_link_invitations_standing_is_known')),
    sa.CheckConstraint('(accepted_at IS NULL) = (accepted_by IS NULL)', name=op.f('ck_link_invitations_taker_is_named')),
    sa.CheckConstraint('accepted_at IS NULL OR withdrawn_at IS NULL', name=op.f('ck_link_invitations_is_taken_or_taken_back')),
    sa.ForeignKeyConstraint(['accepted_by'], ['actors.id'], name=op.f('fk_link_invitations_accepted_by')),
    sa.ForeignKeyConstraint(['customer_account_id'], ['customer_accounts.id'], name=op.f('fk_link_invitations_customer_account_id')),
    sa.ForeignKeyConstraint(['invited_by'], ['actors.id'], name=op.f('fk_link_invitations_invited_by')),
    sa.ForeignKeyConstraint(['link_id'], ['account_links.id'], name=op.f('fk_link_invitations_link_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_invitations')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_link_invitations_token_sha256'))
    )
    op.create_index(op.f('ix_link_invitations_customer_account_id'), 'link_invitations', ['customer_account_id'], unique=False)
