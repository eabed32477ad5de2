-- Every journal that a payment went through: its own, those of its moves, those by which it came out of
-- suspense, those that took of it back, and one that reversed it whole.
-- Each is a UNION with the payment in every branch: the planner puts it into the statement around it, by its indexes.
CREATE FUNCTION payment_journals(payment bigint) RETURNS TABLE (journal_id bigint) LANGUAGE sql STABLE AS $$
    SELECT p.journal_id FROM payments p WHERE p.id = payment
     UNION SELECT m.journal_out FROM moves m WHERE m.payment_id = payment
     UNION SELECT m.journal_in FROM moves m WHERE m.payment_id = payment
     UNION SELECT i.journal_id FROM identifications i WHERE i.payment_id = payment
     UNION SELECT v.journal_id FROM payment_reversals v WHERE v.payment_id = payment
     UNION SELECT j.id FROM payments p JOIN journals j ON j.reverses_id = p.journal_id WHERE p.id = payment;
$$;

-- The same, asked from the other end: payments that went through a journal.
CREATE FUNCTION journal_payments(journal bigint) RETURNS TABLE (payment_id bigint) LANGUAGE sql STABLE AS $$
    SELECT p.id FROM payments p WHERE p.journal_id = journal
     UNION SELECT m.payment_id FROM moves m WHERE m.journal_out = journal
     UNION SELECT m.payment_id FROM moves m WHERE m.journal_in = journal
     UNION SELECT i.payment_id FROM identifications i WHERE i.journal_id = journal
     UNION SELECT v.payment_id FROM payment_reversals v WHERE v.journal_id = journal
     UNION SELECT p.id FROM journals j JOIN payments p ON p.journal_id = j.reverses_id WHERE j.id = journal;
$$;
