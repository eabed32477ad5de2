"""Bills on paper are counted, seen and frozen by jobs: where a printing stands, and what was counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

CHECKS = {
    "state_is_known": "state IN ('counting', 'counted', 'freezing', 'frozen')",
    "has_parts": "part_size > 0 AND (state = 'frozen') = (parts > 0)",
    "counted_or_being_counted": "(state = 'counting') = (counted_at IS NULL)",
    "frozen_by_somebody": "(state IN ('freezing', 'frozen')) = (frozen_by IS NOT NULL)",
    "frozen_on_a_day": (
        "(state = 'frozen') = (frozen_on IS NOT NULL) AND (state = 'frozen') = (frozen_at IS NOT NULL)"
    ),
    "made_when_frozen": "made_at IS NULL OR state = 'frozen'",
}
OF_LISTS_BEFORE = """
    UPDATE bill_printings p
       SET state = 'frozen', counted_at = frozen_at, begun_at = frozen_at, frozen_by = begun_by,
           bills = coalesce((SELECT count(*) FROM bill_printing_items WHERE printing_id = p.id), 0),
           seen = coalesce((SELECT count(*) FROM bill_printing_items WHERE printing_id = p.id AND outcome = 'printed'), 0),
           counts = coalesce((SELECT jsonb_object_agg(outcome, jsonb_build_array(n, asked, open)) FROM (
                        SELECT outcome, count(*) AS n, sum(amount_cents) AS asked, sum(open_cents) AS open
                          FROM bill_printing_items WHERE printing_id = p.id GROUP BY outcome) s), '{}')
                 || jsonb_build_object('reasons', coalesce((SELECT jsonb_object_agg(reason, n) FROM (
                        SELECT reason, count(*) AS n FROM bill_printing_items
                         WHERE printing_id = p.id AND outcome = 'held' GROUP BY reason) r), '{}'))"""
KEPT = """
    CREATE FUNCTION keep_frozen_printing() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        made text[] := ARRAY['made_at', 'list_sha256'];
    BEGIN
        IF OLD.made_at IS NOT NULL OR to_jsonb(NEW) - made IS DISTINCT FROM to_jsonb(OLD) - made THEN
            RAISE EXCEPTION 'the list of printing % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END;
    $$;
    CREATE TRIGGER keep_frozen BEFORE UPDATE ON bill_printings
       FOR EACH ROW WHEN (OLD.state = 'frozen') EXECUTE FUNCTION keep_frozen_printing();
    CREATE FUNCTION only_while_freezing() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM bill_printings p WHERE p.state <> 'freezing'
                      AND p.id IN (SELECT DISTINCT printing_id FROM added)) THEN
            RAISE EXCEPTION 'a list gets its bills while it is frozen' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END;
    $$;
    CREATE TRIGGER only_while_freezing AFTER INSERT ON bill_printing_items
       REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION only_while_freezing()"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_bill_printings_has_parts"), "bill_printings", type_="check")
    op.add_column("bill_printings", sa.Column("state", sa.Text()))
    op.add_column("bill_printings", sa.Column("bills", sa.BigInteger()))
    op.add_column(
        "bill_printings", sa.Column("last_account_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "bill_printings",
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("bill_printings", sa.Column("counted_at", sa.DateTime(timezone=True)))
    op.add_column(
        "bill_printings", sa.Column("has_changed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("bill_printings", sa.Column("seen", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("bill_printings", sa.Column("begun_at", sa.DateTime(timezone=True)))
    op.add_column("bill_printings", sa.Column("frozen_by", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_bill_printings_frozen_by"), "bill_printings", "actors", ["frozen_by"], ["id"])
    op.execute(OF_LISTS_BEFORE)
    for column in ("state", "bills", "begun_at"):
        op.alter_column("bill_printings", column, nullable=False)
    for column in ("frozen_on", "frozen_at"):
        op.alter_column("bill_printings", column, nullable=True)
    op.alter_column("bill_printings", "parts", server_default=sa.text("0"))
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_bill_printings_{name}"), "bill_printings", check)
    op.execute(KEPT)
