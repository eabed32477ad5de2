-- A bundle of mail is not counted before what was entered and what was explained come to what was added up.
CREATE FUNCTION mail_must_tie() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bundle bigint;
    missing bigint;
    missing_cents bigint;
BEGIN
    SELECT id INTO bundle FROM mail_bundles WHERE drawer_id = NEW.drawer_id;
    IF bundle IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT d.control_count - (
               SELECT count(*) FROM mail_remittances m
                WHERE m.bundle_id = bundle
                  AND NOT EXISTS (SELECT FROM payment_reversals r
                                   WHERE r.payment_id = m.payment_id AND r.kind = 'void'))
             - (SELECT coalesce(sum(e.count), 0) FROM mail_explanations e WHERE e.bundle_id = bundle),
           d.control_cents - (
               SELECT coalesce(sum(t.amount_cents), 0) FROM payment_tenders t
                WHERE t.drawer_id = d.id
                  AND NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void'))
             - (SELECT coalesce(sum(e.cents), 0) FROM mail_explanations e WHERE e.bundle_id = bundle)
      INTO missing, missing_cents
      FROM drawers d WHERE d.id = NEW.drawer_id;
    IF missing <> 0 OR missing_cents <> 0 THEN
        RAISE EXCEPTION 'bundle % is off its control by % remittances and % cents', bundle, missing, missing_cents
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER mail_ties BEFORE INSERT ON drawer_counts FOR EACH ROW EXECUTE FUNCTION mail_must_tie();
