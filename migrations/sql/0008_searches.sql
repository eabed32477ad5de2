-- The search index of accounts, and the search in it. accounts/searches calls search_index and search_accounts.
--
-- One document for each account holds the words of its holder and business (weight A) and of its service address
-- (weight B). Triggers write it in the transaction of the change, whoever makes it, so that no step has to remember it.
-- accounts/searches/rules.py folds what is typed as search_folded folds what is kept; a test holds the two together.
-- Nothing here depends on the locale of the database.

-- Words in their order, with one space between them, as they are compared: no accents, no case, no punctuation.
CREATE FUNCTION search_folded(p_text text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    folded text := left(p_text, 500);
    word_ends text := '[^0-9a-z]+';
BEGIN
    IF octet_length(folded) = length(folded) THEN
        folded := replace(replace(lower(folded COLLATE "C"), '''', ''), '`', '');
    ELSE
        folded := lower(normalize(translate(folded, '''`´‘’ʻʼ', ''), NFKD) COLLATE "C");
        folded := left(regexp_replace(
            folded, '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g'), 500);
        IF octet_length(folded) > length(folded) THEN
            folded := translate(folded, 'øØłŁđĐðÐħĦŧŦı', 'oollddddhhtti');
            folded := regexp_replace(folded, '[æÆ]', 'ae', 'g');
            folded := regexp_replace(folded, '[œŒ]', 'oe', 'g');
            folded := regexp_replace(folded, '[þÞ]', 'th', 'g');
            folded := regexp_replace(folded, '[ßẞ]', 'ss', 'g');
            word_ends := '[^0-9a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u167f\u1681-\u180d\u180f-\u1fff'
                '\u2c00-\u2dff\u3041-\ud7ff]+';
        END IF;
    END IF;
    RETURN btrim(regexp_replace(folded, word_ends, ' ', 'g'));
END;
$$;

-- A telephone number as it is compared: its digits without the country's 1 and without an extension.
CREATE FUNCTION search_phone(p_phone text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT regexp_replace(
        regexp_replace(split_part(lower(p_phone COLLATE "C"), 'x', 1), '[^0-9]', '', 'g'), '^1([0-9]{10})$', '\1')
$$;

-- A license plate as it is compared.
CREATE FUNCTION search_plate(p_plate text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT regexp_replace(upper(p_plate COLLATE "C"), '[^A-Z0-9]', '', 'g')
$$;

-- A word, and what is left of it without each one of its letters. Two words that share one of these are one slip of
-- the finger apart: a letter too many, too few, wrong, or out of its place.
CREATE FUNCTION search_slips(p_word text) RETURNS SETOF text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT p_word UNION
    SELECT left(p_word, place - 1) || substr(p_word, place + 1) FROM generate_series(1, length(p_word)) AS place
$$;

-- Words of a tsquery or a tsvector need no quotes: no character of theirs means anything there.
CREATE FUNCTION search_document(p_name text, p_business text, p_address text, p_zip text) RETURNS tsvector
IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    who text := search_folded(coalesce(p_name, '') || ' ' || coalesce(p_business, ''));
    place text := search_folded(coalesce(p_address, '') || ' ' || left(coalesce(p_zip, ''), 5));
BEGIN
    RETURN (CASE WHEN who <> '' THEN replace(who, ' ', ':1A ') || ':1A ' ELSE '' END
            || CASE WHEN place <> '' THEN replace(place, ' ', ':2B ') || ':2B' ELSE '' END)::tsvector;
END;
$$;

-- What each document should be, computed anew: the index is written from it and proved against it.
CREATE VIEW search_documents_anew WITH (security_invoker = true) AS
SELECT a.id AS customer_account_id,
       search_document(c.name, l.business_name, p.address_key, p.zip_code) AS words
  FROM customer_accounts a
  JOIN customers c ON c.id = a.customer_id
  LEFT JOIN premises p ON p.id = a.premises_id
  LEFT JOIN licenses l ON l.customer_account_id = a.id;
GRANT SELECT ON search_documents_anew TO PUBLIC;

-- Documents in sixteen turns, each with an index of its own (a sixteenth of the rows). Of a common name a few hundred
-- are looked at. Without turns all who bear it would be gathered first, in a large city for longer than a search lasts.
CREATE VIEW search_documents_in_turn WITH (security_invoker = true) AS
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 0
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 1
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 2
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 3
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 4
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 5
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 6
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 7
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 8
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 9
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 10
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 11
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 12
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 13
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 14
 UNION ALL
SELECT customer_account_id, words FROM search_documents WHERE mod(customer_account_id, 16) = 15;
GRANT SELECT ON search_documents_in_turn TO PUBLIC;

-- The step that writes documents, and words that were never seen before; how many documents it wrote.
CREATE FUNCTION search_index(p_accounts bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    -- Whoever changes another part of the same document waits here, and what follows sees what was committed till then.
    PERFORM FROM search_documents WHERE customer_account_id = ANY (p_accounts) ORDER BY customer_account_id FOR UPDATE;
    WITH fresh AS (
        INSERT INTO search_documents AS d (customer_account_id, words)
        SELECT customer_account_id, words FROM search_documents_anew WHERE customer_account_id = ANY (p_accounts)
            ON CONFLICT (customer_account_id) DO UPDATE SET words = excluded.words WHERE d.words <> excluded.words
        RETURNING words),
    -- Not an anti join: where both its conditions name one value, PostgreSQL 18 may plan a merge join that it then refuses
    -- ("left and right pathkeys do not match").
    unknown AS (
        SELECT DISTINCT w.lexeme AS word FROM fresh f, unnest(f.words) AS w
         WHERE w.lexeme ~ '^[^0-9]{3,24}$'
           AND (SELECT s.id FROM search_spellings s WHERE s.spelling = w.lexeme AND s.word = w.lexeme LIMIT 1) IS NULL),
    learned AS (
        INSERT INTO search_spellings (spelling, word) SELECT slip, u.word FROM unknown u, search_slips(u.word) AS slip)
    SELECT count(*) INTO written FROM fresh;
    RETURN written;
END;
$$;

CREATE FUNCTION search_indexes_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A holder or a place that is being changed right now is waited for: its change does not see these accounts.
    PERFORM FROM customers WHERE id IN (SELECT customer_id FROM opened) ORDER BY id FOR SHARE;
    PERFORM FROM premises WHERE id IN (SELECT premises_id FROM opened) ORDER BY id FOR SHARE;
    PERFORM search_index(ARRAY(SELECT id FROM opened));
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_opened AFTER INSERT ON customer_accounts
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION search_indexes_opened();

CREATE FUNCTION search_indexes_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_index(ARRAY[NEW.id]);
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_account AFTER UPDATE OF customer_id, premises_id ON customer_accounts FOR EACH ROW
    WHEN (NEW.customer_id <> OLD.customer_id OR NEW.premises_id IS DISTINCT FROM OLD.premises_id)
    EXECUTE FUNCTION search_indexes_account();

CREATE FUNCTION search_indexes_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_index(ARRAY(SELECT id FROM customer_accounts WHERE customer_id = NEW.id));
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_holder AFTER UPDATE OF name ON customers FOR EACH ROW
    WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION search_indexes_holder();

CREATE FUNCTION search_indexes_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_index(ARRAY(SELECT id FROM customer_accounts WHERE premises_id = NEW.id));
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_place AFTER UPDATE OF address_key, zip_code ON premises FOR EACH ROW
    WHEN (NEW.address_key <> OLD.address_key OR NEW.zip_code <> OLD.zip_code)
    EXECUTE FUNCTION search_indexes_place();

CREATE FUNCTION search_indexes_licensed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Mostly the business is the holder, whose name is there already.
    PERFORM search_index(ARRAY(
        SELECT a.id FROM licensed l JOIN customer_accounts a ON a.id = l.customer_account_id
          JOIN customers c ON c.id = a.customer_id WHERE c.name <> l.business_name));
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_licensed AFTER INSERT ON licenses
    REFERENCING NEW TABLE AS licensed FOR EACH STATEMENT EXECUTE FUNCTION search_indexes_licensed();

CREATE FUNCTION search_indexes_business() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_index(ARRAY[NEW.customer_account_id]);
    RETURN NULL;
END;
$$;
CREATE TRIGGER search_indexes_business AFTER UPDATE OF business_name ON licenses FOR EACH ROW
    WHEN (NEW.business_name <> OLD.business_name) EXECUTE FUNCTION search_indexes_business();

-- May whoever asks know that this account is there?
CREATE FUNCTION search_shows(p_account customer_accounts, p_protected boolean, p_restricted boolean) RETURNS boolean
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT (p_protected OR NOT p_account.is_protected) AND (p_restricted OR NOT p_account.is_restricted)
$$;

-- The known words that begin so, if they are few: an index reads them together with the other words, where it would
-- gather all that a bare beginning stands for first. Blank if there are none, NULL if they are many. Numbers are not
-- known; of those as long as most house numbers there are few.
CREATE FUNCTION search_begun(p_word text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN p_word !~ '^[^0-9]{3,24}$' THEN CASE WHEN length(p_word) > 3 THEN '' END
                WHEN count(*) <= 24 THEN coalesce(string_agg(s.word, ' | '), '') END
      FROM (SELECT DISTINCT word FROM search_spellings
             WHERE spelling ~>=~ p_word AND spelling ~<~ (p_word || chr(1114111)) AND spelling = word LIMIT 25) AS s
$$;

-- The words that were typed, each with the known words that are one slip of the finger away: those alone that are no
-- known words, or all of them. The last one is known if it begins a known word; one before it that is not known may be
-- the beginning of one.
CREATE FUNCTION search_with_slips(p_forms text[], p_typed text[], p_last_is_known boolean, p_all boolean)
RETURNS tsquery STABLE LANGUAGE sql AS $$
    SELECT string_agg('(' || concat_ws(
               ' | ', t.forms, CASE WHEN p_all OR NOT known.is_word THEN near.words END,
               CASE WHEN NOT known.is_word AND length(t.typed) > 3 AND t.place < cardinality(p_forms)
                    THEN t.typed || ':*' END) || ')', ' & ')::tsquery
      FROM unnest(p_forms, p_typed) WITH ORDINALITY AS t (forms, typed, place)
      LEFT JOIN LATERAL (
           SELECT (p_last_is_known AND t.place = cardinality(p_forms))
                  OR EXISTS (SELECT FROM search_spellings WHERE spelling = t.typed AND word = t.typed) AS is_word)
           AS known ON t.typed <> ''
      LEFT JOIN LATERAL (
           SELECT string_agg(s.word, ' | ') AS words
             FROM (SELECT DISTINCT word FROM search_spellings
                    WHERE spelling = ANY (ARRAY(SELECT search_slips(t.typed)))
                      AND greatest(length(word), length(t.typed)) > 3
                    ORDER BY word LIMIT 60) AS s) AS near ON t.typed <> ''
$$;

-- Accounts that fit what was typed, the same one perhaps more than once, by place: lower is better (places are named
-- in accounts/searches/rules.py). A part that is NULL was not typed. Plans are fixed, so that no statistics, and no
-- lack of them, make the database read a whole table.
CREATE FUNCTION search_accounts(
    p_number text, p_slips text[], p_phone text, p_email text, p_plate text, p_cents bigint,
    p_exact tsquery, p_others tsquery, p_last text, p_begun text, p_initials tsquery, p_forms text[], p_typed text[],
    p_protected boolean, p_restricted boolean, p_enough bigint, p_few bigint, p_most bigint
) RETURNS TABLE (account bigint, is_open boolean, place integer, matched text, said text, name_words integer)
LANGUAGE plpgsql STABLE ROWS 200
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET max_parallel_workers_per_gather = 0
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    last constant text := chr(1114111);
    found bigint := 0;
    asked tsquery;
    compared tsquery;
    before text;
    known text := search_begun(p_last);
    ending tsquery;
BEGIN
    IF p_number IS NOT NULL THEN
        RETURN QUERY
        SELECT a.id, a.status = 'open', 10, 'number', a.reference, 0 FROM customer_accounts a
         WHERE a.reference = p_number AND search_shows(a, p_protected, p_restricted)
         UNION ALL
        SELECT a.id, a.status = 'open', 10, 'number', n.number, 0
          FROM account_aliases n JOIN customer_accounts a ON a.id = n.customer_account_id
         WHERE n.number_key = p_number AND search_shows(a, p_protected, p_restricted);
        RETURN QUERY
        SELECT a.id, a.status = 'open', 30, 'number', a.reference, 0 FROM customer_accounts a
         WHERE a.reference ~>=~ p_number AND a.reference ~<~ (p_number || last)
           AND search_shows(a, p_protected, p_restricted)
         ORDER BY a.reference USING ~<~ LIMIT p_enough + 1;
        RETURN QUERY
        SELECT a.id, a.status = 'open', 30, 'number', n.number, 0
          FROM account_aliases n JOIN customer_accounts a ON a.id = n.customer_account_id
         WHERE n.number_key ~>=~ p_number AND n.number_key ~<~ (p_number || last)
           AND search_shows(a, p_protected, p_restricted)
         ORDER BY n.number_key USING ~<~ LIMIT p_enough + 1;
        RETURN QUERY
        SELECT a.id, a.status = 'open', 35, 'number', a.reference, 0 FROM customer_accounts a
         WHERE a.reference = ANY (p_slips) AND search_shows(a, p_protected, p_restricted);
    END IF;
    IF p_phone IS NOT NULL THEN
        RETURN QUERY
        SELECT a.id, a.status = 'open', CASE search_phone(c.phone) WHEN p_phone THEN 12 ELSE 30 END, 'phone', c.phone, 0
          FROM customers c JOIN customer_accounts a ON a.customer_id = c.id
         WHERE c.phone <> '' AND search_phone(c.phone) ~>=~ p_phone AND search_phone(c.phone) ~<~ (p_phone || last)
           AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
        RETURN QUERY
        SELECT a.id, a.status = 'open', 12, 'phone', c.phone, 0
          FROM customers c JOIN customer_accounts a ON a.customer_id = c.id
         WHERE c.phone <> '' AND right(search_phone(c.phone), 7) = p_phone
           AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
    END IF;
    IF p_plate IS NOT NULL THEN
        RETURN QUERY
        SELECT a.id, a.status = 'open',
               CASE WHEN search_plate(t.plate) <> p_plate THEN 30 WHEN p_plate ~ '[0-9]' THEN 12 ELSE 26 END,
               'plate', t.plate, 0
          FROM citations t JOIN customer_accounts a ON a.id = t.customer_account_id
         WHERE t.plate <> '' AND search_plate(t.plate) ~>=~ p_plate
           AND search_plate(t.plate) ~<~ (p_plate || CASE WHEN p_plate ~ '[0-9]' THEN last ELSE ' ' END)
           AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
    END IF;
    IF p_cents IS NOT NULL THEN
        RETURN QUERY
        SELECT a.id, a.status = 'open', 24, 'amount', NULL, 0
          FROM charges h JOIN customer_accounts a ON a.id = h.customer_account_id
         WHERE h.open_cents > 0 AND h.open_cents = p_cents AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
        RETURN QUERY
        SELECT a.id, a.status = 'open', 25, 'last_payment', NULL, 0 FROM customer_accounts a
         WHERE a.last_paid_cents = p_cents AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
    END IF;
    -- The last word: by the known words that it begins; by its bare beginning, if it begins none or stands alone; and
    -- where too many begin so, they are compared in what the other words have found.
    IF p_last IS NOT NULL AND (known IS NOT NULL OR p_others IS NULL) THEN
        p_begun := replace(p_begun, p_last || ':*', coalesce(nullif(known, ''), p_last || ':*'));
        p_forms[cardinality(p_forms)] := p_begun;
        p_others := CASE WHEN p_others IS NULL THEN p_begun::tsquery ELSE p_others && p_begun::tsquery END;
    ELSE
        ending := p_begun::tsquery;
    END IF;
    -- Each reading takes in the one before it, and is asked only if that one found too little.
    FOR reading IN 1 .. CASE WHEN p_exact IS NULL THEN 0 ELSE 4 END LOOP
        EXIT WHEN found > CASE WHEN reading > 2 THEN p_few ELSE p_enough END;
        asked := CASE reading WHEN 1 THEN p_exact
                              WHEN 2 THEN p_others
                              ELSE search_with_slips(p_forms, p_typed, known IS DISTINCT FROM '', reading = 4) END;
        compared := CASE reading WHEN 1 THEN NULL WHEN 2 THEN coalesce(ending && p_initials, ending, p_initials)
                                 ELSE p_initials END;
        CONTINUE WHEN asked IS NULL;
        CONTINUE WHEN before = concat_ws(' ', asked, compared);
        before := concat_ws(' ', asked, compared);
        RETURN QUERY
        SELECT a.id, a.status = 'open',
               10 + 10 * least(reading, 3) + CASE WHEN d.names @@ asked THEN 0 ELSE 1 END,
               CASE WHEN d.names @@ asked THEN 'name' WHEN ts_filter(d.words, '{b}') @@ asked THEN 'address'
                    ELSE 'words' END,
               NULL, length(d.names)
          FROM (SELECT t.customer_account_id, t.words, ts_filter(t.words, '{a}') AS names
                  FROM search_documents_in_turn t WHERE t.words @@ asked
                 LIMIT CASE WHEN compared IS NOT NULL THEN 8 * p_most END) AS d
          JOIN customer_accounts a ON a.id = d.customer_account_id
         WHERE (compared IS NULL OR d.words @@ compared)
           AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
        GET DIAGNOSTICS found = ROW_COUNT;
    END LOOP;
    IF p_email IS NOT NULL AND found <= p_enough THEN
        RETURN QUERY
        SELECT a.id, a.status = 'open', CASE lower(c.email) WHEN p_email THEN 12 ELSE 30 END, 'email', c.email, 0
          FROM customers c JOIN customer_accounts a ON a.customer_id = c.id
         WHERE c.email <> '' AND lower(c.email) ~>=~ p_email AND lower(c.email) ~<~ (p_email || last)
           AND search_shows(a, p_protected, p_restricted)
         LIMIT p_most;
    END IF;
END;
$$;
