-- What the processor said of its movements stays as said; a movement learns once which payout took it out.

CREATE FUNCTION movement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.payout_id IS NOT NULL OR to_jsonb(NEW) - 'payout_id' <> to_jsonb(OLD) - 'payout_id' THEN
        RAISE EXCEPTION 'movement % is as the processor said it', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER movement_stays BEFORE UPDATE ON payout_movements
    FOR EACH ROW EXECUTE FUNCTION movement_stays();
CREATE TRIGGER movement_stays_kept BEFORE DELETE ON payout_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movement_stays_kept_truncate BEFORE TRUNCATE ON payout_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A payout's amount and making are as first said; one that failed or was canceled never comes back to life.
CREATE FUNCTION payout_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('failed', 'canceled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'payout % was %', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.amount_cents, NEW.currency, NEW.automatic, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.amount_cents, OLD.currency, OLD.automatic, OLD.created_at) THEN
        RAISE EXCEPTION 'payout % is as the processor made it', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER payout_stays BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION payout_stays();
CREATE TRIGGER payout_stays_kept BEFORE DELETE ON payouts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_stays_kept_truncate BEFORE TRUNCATE ON payouts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
