"""The seal of each closed day."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('day_seals',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('previous_day', sa.Date(), nullable=True),
    sa.Column('form', sa.Text(), nullable=False),
    sa.Column('parts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('previous_chained', sa.LargeBinary(), nullable=False),
    sa.Column('chained', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('octet_length(digest) = 32 AND octet_length(previous_chained) = 32 AND octet_length(chained) = 32', name=op.f('ck_day_seals_digests_are_sha256')),
    sa.CheckConstraint('previous_day = day - 1', name=op.f('ck_day_seals_follows_the_day_before')),
    sa.ForeignKeyConstraint(['actor_id'], ['actors.id'], name=op.f('fk_day_seals_actor_id')),
    sa.ForeignKeyConstraint(['day'], ['business_days.day'], name=op.f('fk_day_seals_day')),
    sa.ForeignKeyConstraint(['previous_day'], ['day_seals.day'], name=op.f('fk_day_seals_previous_day')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_day_seals')),
    sa.UniqueConstraint('previous_day', name=op.f('uq_day_seals_previous_day'), postgresql_nulls_not_distinct=True),
    info={'append_only': True}
    )
    op.create_index(op.f('ix_charges_journal_id'), 'charges', ['journal_id'], unique=False)
    op.create_index(op.f('ix_adjustments_journal_id'), 'adjustments', ['journal_id'], unique=False)
    # The driver's own cursor: procedural SQL is full of percent signs and colons that are not parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0005_seals.sql").read_text())
        cursor.execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON day_seals "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON day_seals "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
        )
