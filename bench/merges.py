"""The statements of the raw merge, by table; ``f`` is a fresh row of the file."""

from __future__ import annotations

PLACED = (
    """INSERT INTO premises (id, address, city, state, zip_code, parcel, dwelling_units, address_key)
       OVERRIDING SYSTEM VALUE
       SELECT f.premises, f.address, f.city, f.state, f.zip, '', 1, lower(f.address) FROM fresh f""",
)
ACCOUNTS = (
    """INSERT INTO customers (id, kind, name, last_name, email, phone, mailing_address, language)
       OVERRIDING SYSTEM VALUE
       SELECT f.customer, 'person', <holder>, '', f.email, f.phone, '', f.language FROM fresh f""",
    """INSERT INTO customer_accounts (id, kind, reference, customer_id, premises_id, system_of_record, source_system,
              source_key, status, is_protected, credit_cents)
       OVERRIDING SYSTEM VALUE
       SELECT f.account, '<account_kind>', 'R' || f.account, f.customer, <premises>, 'ventanilla', '<system>-<kind>',
              f.number, f.status, false, 0
         FROM fresh f""",
    """INSERT INTO account_aliases (customer_account_id, number, number_key, source)
       SELECT f.account, f.number, upper(f.number), '<system>' FROM fresh f""",
    """INSERT INTO account_proofs (customer_account_id, kind, digest)
       SELECT f.account, k, sha256(convert_to(f.account || k || p, 'UTF8'))
         FROM fresh f, LATERAL (VALUES ('bill_code', f.bill_code), ('second', <second_proof>)) AS v (k, p)
        WHERE p <> ''""",
    """INSERT INTO imported_rows (source_system, kind, source_key, row_sha256, customer_account_id, run_id, content)
       SELECT '<system>', '<kind>', f.number, f.digest, f.account, (SELECT max(id) FROM import_runs), '{}'
         FROM fresh f""",
)
DETAILS = {
    "utilities": (
        """INSERT INTO utility_accounts (customer_account_id, cycle, route, customer_class)
           SELECT f.account, f.cycle, f.route, f.customer_class FROM fresh f""",
        """INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)
           SELECT f.account, service, rate, quantity::bigint, f.opened_on::date
             FROM fresh f, LATERAL (VALUES ('water', f.water_rate, f.water_quantity),
                  ('sewer', f.sewer_rate, f.sewer_quantity), ('refuse', f.refuse_rate, f.refuse_quantity),
                  ('storm', f.storm_rate, f.storm_quantity)) AS v (service, rate, quantity)""",
        """INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)
           SELECT f.premises, f.meter, f.meter_size, f.meter_unit, f.meter_dials::bigint, 1,
                  f.meter_installed_on::date
             FROM fresh f""",
    ),
    "licenses": (
        """INSERT INTO licenses (customer_account_id, business_name, license_class, business_type, naics, started_on)
           SELECT f.account, f.business_name, f.license_class, f.business_type, f.naics, f.started_on::date
             FROM fresh f""",
        """INSERT INTO license_terms (customer_account_id, starts_on, expires_on, state)
           SELECT f.account, f.term_starts_on::date, f.term_expires_on::date, f.term_state FROM fresh f""",
    ),
    "citations": (
        """INSERT INTO citations (customer_account_id, issued_at, violation_code, violation, location, plate_state,
                                  plate, make, agency)
           SELECT f.account, (f.issued_on || ' ' || f.issued_time)::timestamptz, f.violation_code, f.violation,
                  f.location, f.plate_state, f.plate, f.make, f.agency
             FROM fresh f""",
    ),
}
PARTS = {
    "utilities": tuple((f"balance_{line}", line, "opening") for line in ("water", "sewer", "refuse", "storm")),
    "licenses": (
        ("due_license", "business-license", "tax"),
        ("due_fee", "state-disability-fee", "fee"),
        ("due_penalty", "license-penalties", "penalty"),
    ),
    "citations": (("open_fine", "parking", "fine"), ("open_penalty", "parking", "penalty")),
}
"""Column of the file, revenue line, kind of charge."""
CHARGES = (
    """CREATE TEMP TABLE entered ON COMMIT DROP AS
       SELECT journal_write(jsonb_build_object('business_day', open_business_day(current_date), 'effective_on',
                  current_date, 'kind', 'opening', 'actor_id', (SELECT min(id) FROM actors),
                  'source_kind', '<system>', 'source_id', clock_timestamp(), 'effect', 'raise',
                  'postings', '[]'::jsonb)) AS journal""",
    """INSERT INTO charges (customer_account_id, revenue_line, kind, fund, receivable, description, amount_cents,
              open_cents, billed_on, due_on, delinquent_on, working, source_system, source_key, journal_id)
       SELECT f.account, p.line, p.kind, p.fund, p.receivable, '{"en": "Brought in", "es": "Saldo anterior"}',
              cents, cents, <billed>, f.due_on::date, <delinquent>, '{}', '<system>-<kind>',
              f.number || ':' || p.part, e.journal
         FROM fresh f, entered e, LATERAL (VALUES <amounts>) AS v (part, amount),
              LATERAL (SELECT (amount::numeric * 100)::bigint) AS c (cents), parts p
        WHERE cents > 0 AND p.part = v.part""",
    """INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents, customer_account_id)
       SELECT journal_id, row_number() OVER (), receivable_id, fund, cents, account FROM (
           SELECT c.journal_id, p.receivable_id, p.fund, sum(c.amount_cents) AS cents,
                  c.customer_account_id AS account
             FROM charges c JOIN entered e ON e.journal = c.journal_id
             JOIN parts p ON p.line = c.revenue_line AND p.kind = c.kind GROUP BY 1, 2, 3, 5
            UNION ALL
           SELECT c.journal_id, p.contra, p.fund, -sum(c.amount_cents), NULL
             FROM charges c JOIN entered e ON e.journal = c.journal_id
             JOIN parts p ON p.line = c.revenue_line AND p.kind = c.kind GROUP BY 1, 2, 3) AS lines""",
)
