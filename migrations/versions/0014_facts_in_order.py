"""Facts on which money or a person waits go ahead of others: a due date's thousand receipts kept none of them waiting."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION announce_fact(fact text, details jsonb, priority integer) RETURNS bigint LANGUAGE sql AS $$
            SELECT (procrastinate_defer_jobs_v1(ARRAY[
                ROW('facts', fact, priority, NULL, NULL, details, NULL)::procrastinate_job_to_defer_v1
            ]))[1];
        $$""")
