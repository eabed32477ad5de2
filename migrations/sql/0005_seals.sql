-- Seals are laid in order, each upon the last, on a closed day; and no day is opened before the last seal.

CREATE FUNCTION day_seal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last day_seals;
BEGIN
    SELECT * INTO last FROM day_seals ORDER BY day DESC LIMIT 1;
    IF NEW.previous_day IS DISTINCT FROM last.day
       OR NEW.previous_chained <> coalesce(last.chained, decode(repeat('00', 32), 'hex')) THEN
        RAISE EXCEPTION 'the seal of % does not follow the last one, of %', NEW.day, last.day
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM 1 FROM business_days WHERE day = NEW.day AND state = 'closed';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'business day % is not closed', NEW.day USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER day_seal_follows BEFORE INSERT ON day_seals
    FOR EACH ROW EXECUTE FUNCTION day_seal_follows();

CREATE FUNCTION business_day_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM day_seals WHERE day >= NEW.day) THEN
        RAISE EXCEPTION 'business day % lies before the last seal', NEW.day USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER business_day_is_new BEFORE INSERT ON business_days
    FOR EACH ROW EXECUTE FUNCTION business_day_is_new();

-- The business day that a posting of this date goes into: itself, or the next one that is neither closed nor sealed.
CREATE OR REPLACE FUNCTION open_business_day(wanted date) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    candidate date := wanted;
    standing text;
    frontier date;
BEGIN
    LOOP
        SELECT state INTO standing FROM business_days WHERE day = candidate FOR SHARE;
        IF FOUND THEN
            EXIT WHEN standing = 'open';
            candidate := candidate + 1;
            CONTINUE;
        END IF;
        SELECT max(day) + 1 INTO frontier FROM day_seals;
        IF candidate < frontier THEN
            candidate := frontier;
            CONTINUE;
        END IF;
        BEGIN
            INSERT INTO business_days (day) VALUES (candidate) ON CONFLICT DO NOTHING;
        EXCEPTION WHEN restrict_violation THEN
            NULL;  -- a close that this insert waited for has just sealed a later day: look again
        END;
    END LOOP;
    RETURN candidate;
END;
$$;
