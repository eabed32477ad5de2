"""The rules that the database itself keeps are still there, and the application still has no way around them."""

from __future__ import annotations

from portal.tables import metadata
from portal.verification.questions import Question

APPEND_ONLY = sorted(table.name for table in metadata.sorted_tables if table.info.get("append_only"))
_TRIGGERS = [
    *((table, trigger) for table in APPEND_ONLY for trigger in ("append_only", "append_only_truncate")),
    ("business_days", "business_day_closes"),
    ("business_days", "business_day_is_new"),
    ("customer_accounts", "search_indexes_account"),
    ("customer_accounts", "search_indexes_opened"),
    ("customers", "search_indexes_holder"),
    ("day_seals", "day_seal_follows"),
    ("journals", "business_day_is_open"),
    ("journals", "journal_balances"),
    ("licenses", "search_indexes_business"),
    ("licenses", "search_indexes_licensed"),
    ("payout_movements", "movement_stays"),
    ("payout_movements", "movement_stays_kept"),
    ("payouts", "payout_stays"),
    ("payouts", "payout_stays_kept"),
    ("postings", "postings_belong"),
    ("premises", "search_indexes_place"),
]
_FROZEN_COLUMNS = sorted(
    (table.name, column.name)
    for table in metadata.sorted_tables
    if "updates" in table.info
    for column in table.columns
    if column.name not in table.info["updates"]
)

TRIGGERS = Question(
    "the database guards the books",
    """SELECT format('%s triggers on %s tables, %s constraints', cardinality(CAST(:triggers AS text[])),
                     (SELECT count(DISTINCT t) FROM unnest(CAST(:tables AS text[])) AS t),
                     (SELECT count(*) FROM pg_constraint
                       WHERE conrelid = ANY (SELECT to_regclass(t) FROM unnest(CAST(:tables AS text[])) AS t)))""",
    """SELECT format('trigger %s on %s is %s', w.trigger, w.table_name,
                     CASE WHEN g.oid IS NULL THEN 'not there' ELSE 'disabled' END)
         FROM unnest(CAST(:tables AS text[]), CAST(:triggers AS text[])) AS w (table_name, trigger)
         LEFT JOIN pg_trigger g ON g.tgrelid = to_regclass(w.table_name) AND g.tgname = w.trigger
        WHERE g.oid IS NULL OR g.tgenabled NOT IN ('O', 'A')
        UNION ALL
       SELECT format('trigger %s on %s is disabled', g.tgname, g.tgrelid::regclass)
         FROM pg_trigger g
        WHERE g.tgisinternal AND g.tgenabled NOT IN ('O', 'A')
          AND g.tgrelid = ANY (SELECT to_regclass(t) FROM unnest(CAST(:tables AS text[])) AS t)
        UNION ALL
       SELECT format('constraint %s on %s was never validated', c.conname, c.conrelid::regclass)
         FROM pg_constraint c WHERE NOT c.convalidated""",
    {"tables": [table for table, _ in _TRIGGERS], "triggers": [trigger for _, trigger in _TRIGGERS]},
)
RIGHTS = Question(
    "the application may not change the books",
    "SELECT format('role %s on %s tables', current_user, cardinality(CAST(:tables AS text[])))",
    """SELECT format('role %s may %s %s', current_user, lower(w.act), t)
         FROM unnest(CAST(:tables AS text[])) AS t,
              unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS w (act)
        WHERE has_table_privilege(t, w.act)
           OR (w.act = 'UPDATE' AND has_any_column_privilege(t, w.act))
        UNION ALL
       SELECT format('role %s may update %s.%s', current_user, f.table_name, f.column_name)
         FROM unnest(CAST(:frozen_tables AS text[]), CAST(:frozen_columns AS text[])) AS f (table_name, column_name)
        WHERE has_column_privilege(f.table_name, f.column_name, 'UPDATE')
        UNION ALL
       SELECT format('role %s is a superuser', rolname) FROM pg_roles WHERE rolname = current_user AND rolsuper
        UNION ALL
       SELECT format('role %s may act as %s, which owns %s', current_user, pg_get_userbyid(c.relowner), c.relname)
         FROM pg_class c
        WHERE c.oid = ANY (SELECT to_regclass(t) FROM unnest(CAST(:tables AS text[])) AS t)
          AND pg_has_role(c.relowner, 'MEMBER')""",
    {
        "tables": APPEND_ONLY,
        "frozen_tables": [table for table, _ in _FROZEN_COLUMNS],
        "frozen_columns": [column for _, column in _FROZEN_COLUMNS],
    },
)

QUESTIONS = (TRIGGERS, RIGHTS)
