-- Counting a guess of a look-up, in one round trip. accounts/lookups calls it with the limits of its rules.
--
-- Guesses of one client take turns until commit, so that many at once are counted as many: each statement in here sees
-- what was committed before it began, hence also the misses of whoever had the turn before.
--
-- A guess is a miss unless it is known to be right (the client proved this account before), or is right and within the
-- limits. A miss is written as one row for each account that the number may mean.

CREATE FUNCTION guess_counted(
    p_turn bigint, p_client bytea, p_asked bytea[], p_missed bytea[], p_is_new boolean[],
    p_now timestamptz, p_recently timestamptz, p_this_hour timestamptz, p_today timestamptz,
    p_most integer[], p_fits boolean, p_is_known boolean,
    OUT client_and_account bigint, OUT client bigint, OUT account bigint
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(p_turn);
    SELECT count(DISTINCT missed_at) FILTER (WHERE same_client AND same_target AND missed_at > p_recently),
           count(DISTINCT missed_at) FILTER (WHERE same_client AND missed_at > p_this_hour),
           count(DISTINCT missed_at) FILTER (WHERE same_target AND is_new_client)
      INTO client_and_account, client, account
      FROM (SELECT missed_at, is_new_client, client_digest = p_client AS same_client,
                   target_digest = ANY (p_asked) AS same_target
              FROM lookup_misses
             WHERE (client_digest = p_client OR target_digest = ANY (p_asked)) AND missed_at > p_today) AS misses;
    IF p_is_known OR (
        p_fits AND client_and_account < p_most[1] AND client < p_most[2] AND account < p_most[3]
    ) THEN
        RETURN;
    END IF;
    INSERT INTO lookup_misses (client_digest, target_digest, is_new_client, missed_at)
    SELECT p_client, missed.target, missed.is_new, p_now FROM unnest(p_missed, p_is_new) AS missed (target, is_new);
END;
$$;
