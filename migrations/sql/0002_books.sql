-- Rules of the books that hold whoever writes: append-only, balanced per fund, no posting into a closed day.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, lower(TG_OP)
        USING ERRCODE = 'restrict_violation',
              HINT = 'Correct a journal by a journal that reverses it.';
END;
$$;

CREATE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    SELECT fund, sum(amount_cents) AS cents INTO off
      FROM postings WHERE journal_id = NEW.id
     GROUP BY fund HAVING sum(amount_cents) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is off by % cents in fund %', NEW.id, off.cents, off.fund
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM postings WHERE journal_id = NEW.id) THEN
        RAISE EXCEPTION 'journal % has no postings', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER journal_balances AFTER INSERT ON journals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_balances();

-- Postings come with their journal, in its own transaction, and in the fund of their ledger account.
CREATE FUNCTION postings_belong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_postings p JOIN journals j ON j.id = p.journal_id
         WHERE j.transaction_id <> pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'postings cannot be added to a journal of an earlier transaction'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM new_postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
         WHERE a.fund <> p.fund
    ) THEN
        RAISE EXCEPTION 'a posting names another fund than its ledger account'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER postings_belong AFTER INSERT ON postings
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION postings_belong();

-- Nothing slips into a closed day: the shared lock makes the close wait for postings, and them for it.
CREATE FUNCTION business_day_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    PERFORM 1 FROM business_days WHERE day = NEW.business_day AND state = 'open' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'business day % is not open', NEW.business_day USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER business_day_is_open BEFORE INSERT ON journals
    FOR EACH ROW EXECUTE FUNCTION business_day_is_open();

-- A closed day stays closed, and when it was closed is told by the database, under the lock that postings waited for.
CREATE FUNCTION business_day_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'closed' THEN
        RAISE EXCEPTION 'business day % is closed for good', OLD.day USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.closed_at := CASE WHEN NEW.state = 'closed' THEN clock_timestamp() END;
    RETURN NEW;
END;
$$;

CREATE TRIGGER business_day_closes BEFORE INSERT OR UPDATE OR DELETE ON business_days
    FOR EACH ROW EXECUTE FUNCTION business_day_closes();

-- Facts for the rooms above: one job named after the fact, in the same transaction as the change.
CREATE FUNCTION announce_fact(fact text, details jsonb) RETURNS bigint LANGUAGE sql AS $$
    SELECT (procrastinate_defer_jobs_v1(ARRAY[
        ROW('facts', fact, 0, NULL, NULL, details, NULL)::procrastinate_job_to_defer_v1
    ]))[1];
$$;

-- The business day that a posting of this date goes into: itself, or the next one that is not closed.
CREATE FUNCTION open_business_day(wanted date) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    candidate date := wanted;
    standing text;
BEGIN
    LOOP
        SELECT state INTO standing FROM business_days WHERE day = candidate FOR SHARE;
        IF NOT FOUND THEN
            INSERT INTO business_days (day) VALUES (candidate) ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        EXIT WHEN standing = 'open';
        candidate := candidate + 1;
    END LOOP;
    RETURN candidate;
END;
$$;

-- The one writer of journals: a journal, what caused it, and all its postings, in one statement from outside.
CREATE FUNCTION journal_write(p jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_journal bigint;
    done bigint;
BEGIN
    INSERT INTO journals (business_day, effective_on, kind, memo, actor_id, reverses_id)
    SELECT x.business_day, x.effective_on, x.kind, coalesce(x.memo, ''), x.actor_id, x.reverses_id
      FROM jsonb_to_record(p) AS x (
           business_day date, effective_on date, kind text, memo text, actor_id bigint, reverses_id bigint)
    RETURNING id INTO new_journal;

    INSERT INTO source_effects (source_kind, source_id, effect, journal_id)
    VALUES (p ->> 'source_kind', p ->> 'source_id', p ->> 'effect', new_journal);

    INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents, customer_account_id)
    SELECT new_journal, l.line_no, a.id, a.fund, l.cents, l.account
      FROM jsonb_to_recordset(p -> 'postings') AS l (line_no bigint, code text, cents bigint, account bigint)
      JOIN ledger_accounts a ON a.code = l.code;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> jsonb_array_length(p -> 'postings') THEN
        RAISE EXCEPTION 'a posting names a ledger account that is not in the chart: % of % found',
            done, jsonb_array_length(p -> 'postings') USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN new_journal;
END;
$$;
