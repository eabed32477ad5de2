-- Who may not touch what, where a constraint of one table cannot see it (duties: the person who counts the deposit is
-- not the one who matches the bank; the verifying person took no part in the transaction).
CREATE FUNCTION deposit_changes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'prepared' THEN
        RAISE EXCEPTION 'bank deposit % is %', OLD.id, OLD.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.verified_by IS NOT NULL AND EXISTS (
           SELECT FROM bank_deposit_batches b JOIN vault_batches v ON v.id = b.batch_id
                       JOIN drawers d ON d.id = v.drawer_id
            WHERE b.deposit_id = NEW.id AND d.cashier_id = NEW.verified_by) THEN
        RAISE EXCEPTION 'bank deposit % holds what its verifier took', NEW.id
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER changes_once BEFORE UPDATE ON bank_deposits FOR EACH ROW EXECUTE FUNCTION deposit_changes_once();

CREATE FUNCTION matched_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM bank_matches m JOIN bank_deposits d ON d.journal_id = NEW.journal_id
                WHERE m.id = NEW.match_id AND m.way <> 'automatic'
                  AND m.made_by IN (d.prepared_by, d.verified_by)) THEN
        RAISE EXCEPTION 'match % is of a deposit that its maker counted', NEW.match_id
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER by_another BEFORE INSERT ON bank_match_parts FOR EACH ROW EXECUTE FUNCTION matched_by_another();

CREATE FUNCTION signed_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM bank_statements s
                           JOIN bank_lines l ON l.bank_account = s.bank_account
                                            AND l.on_day BETWEEN s.from_on AND s.through_on
                           JOIN bank_matched_lines m ON m.line_id = l.id
                           JOIN bank_match_parts p ON p.match_id = m.match_id
                           JOIN bank_deposits d ON d.journal_id = p.journal_id
                WHERE s.id = NEW.statement_id AND NEW.signed_by IN (d.prepared_by, d.verified_by)) THEN
        RAISE EXCEPTION 'statement % holds a deposit that its signer counted', NEW.statement_id
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER by_another BEFORE INSERT ON bank_sign_offs FOR EACH ROW EXECUTE FUNCTION signed_by_another();
