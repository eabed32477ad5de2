-- The posting step, close to SQL: one round trip to lock and read, one to write. payments/posting calls both.
-- Locks are always taken in this order: attempt, business day, customer accounts by id, charges by id, series.

CREATE FUNCTION posting_read(p_attempt text, p_accounts bigint[], p_day date) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    attempt_json jsonb;
    accounts bigint[] := p_accounts;
    day date;
    accounts_json jsonb;
    charges_json jsonb;
BEGIN
    IF p_attempt IS NOT NULL THEN
        SELECT to_jsonb(a) - 'request' INTO attempt_json FROM attempts a WHERE id = p_attempt FOR UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF attempt_json ->> 'state' = 'succeeded' THEN
            RETURN jsonb_build_object('attempt', attempt_json);
        END IF;
        SELECT array_agg(customer_account_id) INTO accounts FROM attempt_lines WHERE attempt_id = p_attempt;
    END IF;
    day := open_business_day(p_day);
    WITH locked AS MATERIALIZED (
        SELECT id, kind, reference, credit_cents, system_of_record
          FROM customer_accounts WHERE id = ANY (accounts) ORDER BY id FOR UPDATE
    )
    SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object('line', (
               SELECT to_jsonb(al) FROM attempt_lines al
                WHERE al.attempt_id = p_attempt AND al.customer_account_id = l.id)))
      INTO accounts_json FROM locked l;
    WITH locked AS MATERIALIZED (
        SELECT id, customer_account_id, revenue_line, kind, fund, receivable, description, open_cents, due_on,
               delinquent_on, version, source_system
          FROM charges WHERE customer_account_id = ANY (accounts) AND open_cents > 0 ORDER BY id FOR UPDATE
    )
    SELECT jsonb_agg(to_jsonb(l) ORDER BY l.id) INTO charges_json FROM locked l;
    RETURN jsonb_build_object(
        'attempt', attempt_json, 'business_day', day,
        'accounts', coalesce(accounts_json, '[]'), 'charges', coalesce(charges_json, '[]'));
END;
$$;

CREATE FUNCTION posting_write(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    new_journal bigint;
    new_payment bigint;
    new_receipt bigint;
    series_year bigint := extract(year FROM (p -> 'journal' ->> 'business_day')::date);
    receipt_number bigint;
BEGIN
    new_journal := journal_write(p -> 'journal');

    INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
    SELECT new_journal, l.charge, l.cents, l.policy
      FROM jsonb_to_recordset(p -> 'allocations') AS l (charge bigint, cents bigint, policy text);

    UPDATE charges c SET open_cents = c.open_cents - l.cents, version = c.version + 1
      FROM jsonb_to_recordset(p -> 'allocations') AS l (charge bigint, cents bigint)
     WHERE c.id = l.charge;

    UPDATE customer_accounts c SET credit_cents = c.credit_cents + l.credit, last_paid_cents = l.paid
      FROM jsonb_to_recordset(p -> 'accounts') AS l (account bigint, credit bigint, paid bigint)
     WHERE c.id = l.account;

    INSERT INTO payments (attempt_id, channel, tender, tender_brand, tender_last4, tender_reference,
                          amount_cents, fee_cents, business_day, paid_at, journal_id, actor_id)
    SELECT p ->> 'attempt_id', x.channel, x.tender, x.tender_brand, x.tender_last4, x.tender_reference,
           x.amount_cents, x.fee_cents, (p -> 'journal' ->> 'business_day')::date, x.paid_at, new_journal,
           (p -> 'journal' ->> 'actor_id')::bigint
      FROM jsonb_to_record(p -> 'payment') AS x (
           channel text, tender text, tender_brand text, tender_last4 text, tender_reference text,
           amount_cents bigint, fee_cents bigint, paid_at timestamptz)
    RETURNING id INTO new_payment;

    IF p ->> 'attempt_id' IS NOT NULL THEN
        UPDATE attempts SET state = 'succeeded', asked_at = now(),
               payment_intent_id = nullif(p -> 'payment' ->> 'tender_reference', '')
         WHERE id = p ->> 'attempt_id';
        INSERT INTO attempt_events (attempt_id, event, old_state, new_state, forced, evidence)
        SELECT p ->> 'attempt_id', x.event, x.old_state, 'succeeded', x.forced, x.evidence
          FROM jsonb_to_record(p -> 'attempt_event') AS x (event text, old_state text, forced bool, evidence jsonb);
        DELETE FROM pending_payments WHERE owner_kind = 'attempt' AND owner_id = p ->> 'attempt_id';
    END IF;

    -- The counter is the last lock taken, so that a series is held for as short as can be.
    INSERT INTO receipt_series AS s (series, year, last_number)
    VALUES (p -> 'receipt' ->> 'series', series_year, 1)
        ON CONFLICT (series, year) DO UPDATE SET last_number = s.last_number + 1
    RETURNING last_number INTO receipt_number;

    INSERT INTO receipts (payment_id, series, year, number, token, language, total_cents, content, issued_at)
    VALUES (new_payment, p -> 'receipt' ->> 'series', series_year, receipt_number, p -> 'receipt' ->> 'token',
            p -> 'receipt' ->> 'language', (p -> 'receipt' ->> 'total_cents')::bigint, p -> 'receipt' -> 'content',
            (p -> 'payment' ->> 'paid_at')::timestamptz)
    RETURNING id INTO new_receipt;

    PERFORM announce_fact('receipt_issued', jsonb_build_object('receipt_id', new_receipt));
    RETURN jsonb_build_object('journal_id', new_journal, 'payment_id', new_payment, 'receipt_id', new_receipt,
                              'series', p -> 'receipt' ->> 'series', 'year', series_year, 'number', receipt_number);
END;
$$;
