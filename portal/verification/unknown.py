"""Money whose owner was not known: what stands in suspense, what was identified, and what it came by."""

from __future__ import annotations

from portal.verification.questions import Question

_SIGNED = "CASE WHEN d.undoes_id IS NULL THEN d.amount_cents ELSE -d.amount_cents END"
# Both journals of a move pass through suspense in one transaction: what is in flight is nothing, or an error.
_BOOKED = f"""
            booked AS (
                SELECT p.journal_id, i.amount_cents AS cents
                  FROM payment_items i JOIN payments p ON p.id = i.payment_id WHERE i.code = 'suspense'
                 UNION ALL
                SELECT d.journal_id, -({_SIGNED}) FROM identifications d
                 UNION ALL
                SELECT m.journal_out, m.amount_cents FROM moves m
                 UNION ALL
                SELECT m.journal_in, -m.amount_cents FROM moves m),
            itemized AS (SELECT journal_id, sum(cents) AS cents FROM booked GROUP BY journal_id),
            moved AS (
                SELECT journal_id, -sum(amount_cents) AS cents FROM postings
                 WHERE ledger_account_id IN (SELECT id FROM suspense) GROUP BY journal_id),
            taken_back AS (
                SELECT journal_id FROM payment_reversals
                 UNION SELECT b.id FROM journals b JOIN payments p ON p.journal_id = b.reverses_id)"""  # noqa: S608 - our own words
SUSPENSE = Question(
    "suspense = money not yet identified + moves in flight",
    """SELECT format('$%s in suspense, %s identifications',
                     (SELECT coalesce(round(-sum(amount_cents) / 100.0, 2), 0.00) FROM postings
                       WHERE ledger_account_id IN (SELECT id FROM suspense)),
                     (SELECT count(*) FROM identifications))""",
    f"""WITH {_BOOKED},
            of_payment AS (
                SELECT u.payment_id, t.journal_id
                  FROM (SELECT payment_id FROM payment_items WHERE code = 'suspense'
                         UNION SELECT payment_id FROM identifications) u
                 CROSS JOIN LATERAL payment_journals(u.payment_id) t),
            standing AS (
                SELECT o.payment_id, sum(m.cents) AS cents FROM of_payment o JOIN moved m USING (journal_id)
                 GROUP BY o.payment_id)
       SELECT format('journal %s moves $%s through suspense, itemized are $%s', journal_id,
                     round(coalesce(m.cents, 0) / 100.0, 2), round(coalesce(i.cents, 0) / 100.0, 2))
         FROM itemized i FULL JOIN moved m USING (journal_id)
        WHERE coalesce(i.cents, 0) <> coalesce(m.cents, 0)
          AND journal_id NOT IN (SELECT journal_id FROM taken_back)
        UNION ALL
       SELECT format('payment %s has $%s in suspense', payment_id, round(cents / 100.0, 2))
         FROM standing WHERE cents < 0
        UNION ALL
       SELECT format('$%s stand in suspense, of payments are $%s', round(w.cents / 100.0, 2),
                     round(coalesce(s.cents, 0) / 100.0, 2))
         FROM (SELECT coalesce(sum(cents), 0) AS cents FROM moved) w,
              (SELECT sum(cents) AS cents FROM standing) s
        WHERE w.cents <> coalesce(s.cents, 0)""",  # noqa: S608 - our own words
)
LOCKBOX = Question(
    "each item of a lockbox file is in the books once, or waits",
    """SELECT format('%s files, %s items, %s posted', (SELECT count(*) FROM lockbox_files), count(*),
                     count(*) FILTER (WHERE state = 'posted'))
         FROM lockbox_items""",
    """SELECT format('file %s holds %s items and $%s, its totals say %s and $%s', f.id, count(i.id),
                     round(coalesce(sum(i.amount_cents), 0) / 100.0, 2), f.items, round(f.total_cents / 100.0, 2))
         FROM lockbox_files f LEFT JOIN lockbox_items i ON i.file_id = f.id
        GROUP BY f.id HAVING count(i.id) <> f.items OR coalesce(sum(i.amount_cents), 0) <> f.total_cents
        UNION ALL
       SELECT format('item %s of file %s is of $%s, payment %s of $%s', i.id, i.file_id,
                     round(i.amount_cents / 100.0, 2), p.id, round(p.amount_cents / 100.0, 2))
         FROM lockbox_items i JOIN payments p ON p.id = i.payment_id
        WHERE p.amount_cents <> i.amount_cents OR p.channel <> 'lockbox'
        UNION ALL
       SELECT format('payment %s came by a lockbox, but is of no item', p.id)
         FROM payments p
        WHERE p.channel = 'lockbox' AND EXISTS (SELECT FROM source_effects s WHERE s.journal_id = p.journal_id
                                                                              AND s.source_kind = 'lockbox')
          AND NOT EXISTS (SELECT FROM lockbox_items i WHERE i.payment_id = p.id)""",
)
MAIL = Question(
    "each bundle of mail that was counted comes to what was added up",
    """SELECT format('%s bundles, %s remittances entered', (SELECT count(*) FROM mail_bundles), count(*))
         FROM mail_remittances""",
    """WITH entered AS (
                SELECT m.bundle_id, count(DISTINCT m.payment_id) AS n, sum(t.amount_cents) AS cents
                  FROM mail_remittances m JOIN payment_tenders t ON t.payment_id = m.payment_id
                 WHERE NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void')
                 GROUP BY m.bundle_id),
            explained AS (
                SELECT bundle_id, sum(count) AS n, sum(cents) AS cents FROM mail_explanations GROUP BY bundle_id)
       SELECT format('bundle %s: %s remittances and $%s entered or explained, added up were %s and $%s', b.id,
                     coalesce(e.n, 0) + coalesce(x.n, 0),
                     round((coalesce(e.cents, 0) + coalesce(x.cents, 0)) / 100.0, 2), b.remittances,
                     round(b.total_cents / 100.0, 2))
         FROM mail_bundles b JOIN drawers d ON d.id = b.drawer_id AND d.state IN ('counted', 'closed')
         LEFT JOIN entered e ON e.bundle_id = b.id LEFT JOIN explained x ON x.bundle_id = b.id
        WHERE coalesce(e.n, 0) + coalesce(x.n, 0) <> b.remittances
           OR coalesce(e.cents, 0) + coalesce(x.cents, 0) <> b.total_cents""",
)

QUESTIONS = (SUSPENSE, LOCKBOX, MAIL)
