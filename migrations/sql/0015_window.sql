-- The posting step again, as in 0002_posting.sql, now with the tenders and items of a payment at the window.

CREATE OR REPLACE FUNCTION posting_write(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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

    INSERT INTO payment_tenders (payment_id, ordinal, kind, amount_cents, given_cents, brand, last4, reference, bank,
                                 drawer_id)
    SELECT new_payment, t.ordinal, t.kind, t.amount_cents, t.given_cents, t.brand, t.last4, t.reference, t.bank,
           t.drawer_id
      FROM jsonb_to_recordset(p -> 'tenders') AS t (
           ordinal bigint, kind text, amount_cents bigint, given_cents bigint, brand text, last4 text, reference text,
           bank text, drawer_id bigint);

    INSERT INTO payment_items (payment_id, ordinal, code, name, quantity, amount_cents, ledger_account, fund, project)
    SELECT new_payment, i.ordinal, i.code, i.name, i.quantity, i.amount_cents, i.ledger_account, i.fund, i.project
      FROM jsonb_to_recordset(p -> 'items') AS i (
           ordinal bigint, code text, name jsonb, quantity bigint, amount_cents bigint, ledger_account text, fund text,
           project text);

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

-- A drawer takes only while it is open and gives back until its count is accepted; once closed it is never touched
-- again, whoever asks. The trigger's arguments are the states in which it may.
CREATE FUNCTION drawer_must_be_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.drawer_id IS NOT NULL
       AND (SELECT state FROM drawers WHERE id = NEW.drawer_id FOR SHARE) <> ALL (TG_ARGV) THEN
        RAISE EXCEPTION 'drawer % is not open', NEW.drawer_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER drawer_open BEFORE INSERT ON payment_tenders
    FOR EACH ROW EXECUTE FUNCTION drawer_must_be_open('open');
CREATE TRIGGER drawer_open BEFORE INSERT ON payment_reversals
    FOR EACH ROW EXECUTE FUNCTION drawer_must_be_open('open', 'counted');
CREATE TRIGGER drawer_open BEFORE INSERT ON drawer_movements
    FOR EACH ROW EXECUTE FUNCTION drawer_must_be_open('open');

CREATE FUNCTION drawer_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'drawer % is closed', OLD.id USING ERRCODE = 'check_violation';
END;
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON drawers FOR EACH ROW WHEN (OLD.state = 'closed')
    EXECUTE FUNCTION drawer_stays_closed();
