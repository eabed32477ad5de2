"""The statements that make a population, in their order; ``<names>`` are filled in by ``bench.population``."""

from __future__ import annotations

Step = tuple[str, str]

PEOPLE: tuple[Step, ...] = (
    (
        "customers",
        """INSERT INTO customers (id, kind, name, last_name, email, phone, mailing_address, language)
           OVERRIDING SYSTEM VALUE
           SELECT id, CASE kind WHEN 'license' THEN 'business' ELSE 'person' END, name, last_name, email, phone, '',
                  CASE WHEN id % 3 = 0 THEN 'es' ELSE 'en' END
             FROM numbers""",
    ),
    (
        "premises",
        """INSERT INTO premises (id, address, city, state, zip_code, parcel, dwelling_units, address_key)
           OVERRIDING SYSTEM VALUE
           SELECT id, address, 'Rio Claro', 'CA', (95300 + id % 40)::text, '', 1, address_key
             FROM numbers WHERE kind <> 'citation'""",
    ),
    (
        "accounts",
        """INSERT INTO customer_accounts (id, kind, reference, customer_id, premises_id, system_of_record,
                  source_system, source_key, status, opened_on, is_protected, credit_cents, last_paid_cents)
           OVERRIDING SYSTEM VALUE
           SELECT id, kind, reference, id, CASE WHEN kind <> 'citation' THEN id END,
                  CASE kind WHEN 'citation' THEN 'external' ELSE 'ventanilla' END, 'bench', id::text, 'open',
                  <today> - 400, false, 0, 8800 + id % 5000
             FROM numbers""",
    ),
    (
        "other numbers",
        """INSERT INTO account_aliases (customer_account_id, number, number_key, source)
           SELECT id, 'RC-' || id, 'RC' || id, 'bench' FROM numbers""",
    ),
    (
        "proofs",
        """INSERT INTO account_proofs (customer_account_id, kind, digest)
           SELECT id, k, decode(md5(k || id) || md5(id || k), 'hex')
             FROM numbers, unnest(ARRAY['bill_code', CASE kind WHEN 'utility' THEN 'last_name'
                  WHEN 'license' THEN 'business_name' ELSE 'plate' END]) AS k""",
    ),
)

DETAILS: tuple[Step, ...] = (
    (
        "utility details",
        """INSERT INTO utility_accounts (customer_account_id, cycle, route, customer_class)
           SELECT id, (id % 4)::text, '', 'residential' FROM numbers WHERE kind = 'utility'""",
    ),
    (
        "services",
        """INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)
           SELECT id, s, 'bench', 1, <today> - 400
             FROM numbers, unnest(ARRAY['water', 'sewer', 'refuse']) AS s WHERE kind = 'utility'""",
    ),
    (
        "meters",
        """INSERT INTO meters (id, premises_id, serial, size, unit, dials, multiplier, installed_on)
           OVERRIDING SYSTEM VALUE
           SELECT id, id, 'M' || id, '3/4', 'CCF', 5, 1, <today> - 400 FROM numbers WHERE kind = 'utility'""",
    ),
    (
        "meter reads",
        """INSERT INTO meter_reads (meter_id, read_on, value, kind)
           SELECT id, <today> - 30 * n, 1000 - 10 * n, 'actual'
             FROM numbers, generate_series(1, 2) AS n WHERE kind = 'utility'""",
    ),
    (
        "licenses",
        """INSERT INTO licenses (customer_account_id, business_name, license_class, business_type, naics, started_on)
           SELECT id, name, 'retail', '', '', <today> - 400 FROM numbers WHERE kind = 'license'""",
    ),
    (
        "license terms",
        """INSERT INTO license_terms (customer_account_id, starts_on, expires_on, state)
           SELECT id, <today> - 100, <today> + 265, 'due' FROM numbers WHERE kind = 'license'""",
    ),
    (
        "citations",
        """INSERT INTO citations (customer_account_id, issued_at, violation_code, violation, location, plate_state,
                                  plate, make, agency)
           SELECT id, now() - interval '20 days', '22500', 'Red zone', 'Elm Street', 'CA', '7ABC' || id, '', ''
             FROM numbers WHERE kind = 'citation'""",
    ),
)

MONEY: tuple[Step, ...] = (
    (
        "business days",
        """INSERT INTO business_days (day, state)
           SELECT <today> - n, 'open' FROM generate_series(0, 24) AS n""",
    ),
    (
        "journals",
        """INSERT INTO journals (id, business_day, effective_on, kind, memo, actor_id, transaction_id)
           OVERRIDING SYSTEM VALUE
           SELECT n, <today> - 20 + n % 20, <today> - 20 + n % 20, 'bill', 'bench', (SELECT min(id) FROM actors), 0
             FROM generate_series(1, <runs> + 1) AS n""",
    ),
    (
        "what caused them",
        """INSERT INTO source_effects (source_kind, source_id, effect, journal_id)
           SELECT 'bench', id::text, 'raise', id FROM journals WHERE memo = 'bench'""",
    ),
    (
        "bills",
        """INSERT INTO bills (id, customer_account_id, number, period_from, period_to, billed_on, due_on,
                              delinquent_on, source_system)
           OVERRIDING SYSTEM VALUE
           SELECT id, id, 'B' || id, <today> - 50, <today> - 21, <today> - 20,
                  <today> - 5 + (id % 4)::int * 5, <today> - 4 + (id % 4)::int * 5, 'bench'
             FROM numbers""",
    ),
    (
        "charges",
        """INSERT INTO charges (customer_account_id, bill_id, revenue_line, kind, fund, receivable, description,
                  amount_cents, open_cents, billed_on, due_on, delinquent_on, working, city_release_id,
                  source_system, journal_id)
           SELECT n.id, n.id, l.code, 'service', l.fund, l.receivable, l.description,
                  l.cents + n.id % 997, l.cents + n.id % 997, b.billed_on, b.due_on, b.delinquent_on,
                  '{}'::jsonb, <release>, 'bench', 1 + (n.id - 1) / <run_accounts>
             FROM numbers n JOIN lines l ON l.account_kind = n.kind JOIN bills b ON b.id = n.id
            UNION ALL
           SELECT b.customer_account_id, b.id, l.code, 'service', l.fund, l.receivable, l.description,
                  l.cents + n, l.cents + n, b.billed_on, b.due_on, b.delinquent_on,
                  '{}'::jsonb, <release>, 'bench', <runs> + 1
             FROM generate_series(1, <veteran_more>) AS n, lines l, bills b
            WHERE l.code = 'water' AND b.id = <veteran>""",
    ),
    (
        "postings",
        """INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents, customer_account_id)
           SELECT c.journal_id, row_number() OVER (PARTITION BY c.journal_id ORDER BY c.id), l.receivable_id, c.fund,
                  c.amount_cents, c.customer_account_id
             FROM charges c JOIN lines l ON l.code = c.revenue_line
            UNION ALL
           SELECT c.journal_id, 1000000 + row_number() OVER (PARTITION BY c.journal_id ORDER BY l.code), l.revenue_id,
                  l.fund, -sum(c.amount_cents), NULL
             FROM charges c JOIN lines l ON l.code = c.revenue_line GROUP BY c.journal_id, l.code""",
    ),
)

SEARCHED: tuple[Step, ...] = (("search documents", "SELECT search_index(ARRAY(SELECT id FROM customer_accounts))"),)
"""Triggers were off; the indexes themselves are kept by the rows."""
