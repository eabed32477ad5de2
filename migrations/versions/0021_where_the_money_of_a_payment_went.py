"""Where the money of a payment went, as one function; drawers opened without a sale."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from migrations.append_only import keep_append_only

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('no_sales',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('form_key', sa.Text(), nullable=False),
    sa.Column('drawer_id', sa.BigInteger(), nullable=False),
    sa.Column('cashier_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_no_sales_reason_is_given')),
    sa.ForeignKeyConstraint(['drawer_id', 'cashier_id'], ['drawers.id', 'drawers.cashier_id'], name=op.f('fk_no_sales_drawer_id_cashier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_no_sales')),
    sa.UniqueConstraint('form_key', name=op.f('uq_no_sales_form_key'))
    )
    op.create_index(op.f('ix_no_sales_drawer_id'), 'no_sales', ['drawer_id'], unique=False)
    op.create_index(op.f('ix_no_sales_at'), 'no_sales', ['at'], unique=False)
    keep_append_only('no_sales')
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0021_payment_journals.sql").read_text())
