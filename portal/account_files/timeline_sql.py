"""The statement of the timeline: each kind of event is a branch with the same columns.

``at`` is when it happened; what was entered for a day that was over stands at the end of that ``day`` and has no time
of its own. ``place`` and ``id`` order what has one moment.
"""

from __future__ import annotations

_HIDDEN = "((x.is_protected AND NOT :sees_protected) OR (x.is_restricted AND NOT :sees_restricted))"
_AT = "least(j.posted_at, CAST(j.effective_on + 1 AS timestamptz))"
_DAY = "CASE WHEN j.posted_at > CAST(j.effective_on + 1 AS timestamptz) THEN j.effective_on END"
_NO_DAY = "CAST(NULL AS date)"
_SEEN = f"""NOT EXISTS (SELECT FROM proposal_accounts t JOIN customer_accounts x ON x.id = t.customer_account_id
                         WHERE t.proposal_id = p.id AND {_HIDDEN})"""

MONEY = f"""
    SELECT 'money' AS show, {_AT} AS at, {_DAY} AS day, 1 AS place, min(c.id) AS id, 'charged' AS kind,
           r.display_name AS actor,
           jsonb_build_object('bill', b.number, 'cents', sum(c.amount_cents), 'due_on', min(c.due_on),
               'is_penalty', bool_and(c.kind = 'penalty'),
               'lines', jsonb_agg(jsonb_build_array(c.id, c.description, c.amount_cents) ORDER BY c.id)) AS facts
      FROM charges c JOIN journals j ON j.id = c.journal_id JOIN actors r ON r.id = j.actor_id
      LEFT JOIN bills b ON b.id = c.bill_id
     WHERE c.customer_account_id = :account GROUP BY j.id, b.id, r.display_name
     UNION ALL
    SELECT 'money', p.paid_at, {_NO_DAY}, 2, p.id, 'paid', r.display_name,
           jsonb_build_object('cents', -m.cents, 'receipt', q.id, 'series', q.series, 'year', q.year,
               'number', q.number, 'channel', p.channel,
               'tender', jsonb_build_array(p.tender, p.tender_brand, p.tender_last4))
      FROM mine m JOIN payments p ON p.journal_id = m.journal_id JOIN receipts q ON q.payment_id = p.id
      JOIN actors r ON r.id = p.actor_id
     UNION ALL
    SELECT 'money', j.posted_at, {_NO_DAY}, 3, j.id, 'taken-back', r.display_name,
           jsonb_build_object('cents', m.cents, 'receipt', q.id, 'series', q.series, 'year', q.year,
               'number', q.number, 'memo', j.memo)
      FROM mine m JOIN journals j ON j.id = m.journal_id JOIN payments p ON p.journal_id = j.reverses_id
      JOIN receipts q ON q.payment_id = p.id JOIN actors r ON r.id = j.actor_id
     UNION ALL
    SELECT 'money', {_AT}, {_DAY}, 4, d.id, 'adjusted', r.display_name,
           jsonb_build_object('cents', d.amount_cents, 'charge', c.id, 'description', c.description,
               'reason', d.reason, 'source', d.source_system, 'undoes', d.reverses_id IS NOT NULL)
      FROM charges c JOIN adjustments d ON d.charge_id = c.id JOIN journals j ON j.id = d.journal_id
      JOIN actors r ON r.id = j.actor_id
     WHERE c.customer_account_id = :account
     UNION ALL
    SELECT 'money', {_AT}, {_DAY}, 5, j.id, 'booked', r.display_name,
           jsonb_build_object('cents', m.cents, 'kind', j.kind, 'memo', j.memo)
      FROM mine m JOIN journals j ON j.id = m.journal_id JOIN actors r ON r.id = j.actor_id
     WHERE NOT EXISTS (SELECT FROM charges WHERE journal_id = j.id AND customer_account_id = :account)
       AND NOT EXISTS (SELECT FROM payments WHERE journal_id IN (j.id, j.reverses_id))
       AND NOT EXISTS (SELECT FROM adjustments d JOIN charges c ON c.id = d.charge_id
                        WHERE d.journal_id = j.id AND c.customer_account_id = :account)
     UNION ALL
    SELECT 'money', t.created_at, {_NO_DAY}, 6, l.id, 'tried', '',
           jsonb_build_object('cents', l.amount_cents, 'state', t.state)
      FROM attempt_lines l JOIN attempts t ON t.id = l.attempt_id
     WHERE l.customer_account_id = :account AND t.state <> 'succeeded'"""  # noqa: S608 - our own words

TALK = f"""
    SELECT 'talk', n.at, {_NO_DAY}, 11, n.id, 'note', r.display_name, jsonb_build_object('text', n.text)
      FROM account_notes n JOIN actors r ON r.id = n.author_id WHERE n.customer_account_id = :account
     UNION ALL
    SELECT 'talk', c.at, {_NO_DAY}, 12, c.id, 'contact', r.display_name,
           jsonb_build_object('channel', c.channel, 'direction', c.direction, 'topic', c.topic,
               'verified_by', c.verified_by, 'outcome', c.outcome, 'spoke_with', c.spoke_with, 'text', c.text)
      FROM contacts c JOIN actors r ON r.id = c.actor_id WHERE c.customer_account_id = :account
     UNION ALL
    SELECT 'talk', f.at, {_NO_DAY}, 13, f.id, 'follow-up', r.display_name,
           jsonb_build_object('kind', f.kind, 'due_on', f.due_on, 'text', f.text, 'division', f.for_division,
               'person', w.display_name)
      FROM follow_ups f JOIN actors r ON r.id = f.actor_id LEFT JOIN actors w ON w.id = f.for_actor_id
     WHERE f.customer_account_id = :account
     UNION ALL
    SELECT 'talk', e.at, {_NO_DAY}, 14, f.id, 'follow-up-ended', r.display_name,
           jsonb_build_object('how', e.how, 'text', e.outcome)
      FROM follow_ups f JOIN follow_up_ends e ON e.follow_up_id = f.id JOIN actors r ON r.id = e.actor_id
     WHERE f.customer_account_id = :account
     UNION ALL
    SELECT 'talk', m.at, {_NO_DAY}, 15, m.id, 'message', coalesce(r.display_name, ''),
           jsonb_build_object('channel', m.channel, 'kind', m.kind, 'to', m.to_masked, 'about', m.about,
               'outcome', m.state, 'language', m.language)
      FROM message_accounts x JOIN messages_sent m ON m.id = x.message_id LEFT JOIN actors r ON r.id = m.asked_by
     WHERE x.customer_account_id = :account"""  # noqa: S608

CHANGES = f"""
    SELECT 'changes', c.at, {_NO_DAY}, 21, c.id, 'change-asked', r.display_name,
           jsonb_build_object('fields', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(c.wanted) k),
               'effective_on', c.effective_on, 'reason', c.reason, 'document', c.document)
      FROM customer_changes c JOIN actors r ON r.id = c.actor_id WHERE c.customer_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', o.at, {_NO_DAY}, 22, c.id, 'change-' || o.outcome, r.display_name,
           jsonb_build_object('before', o.before, 'after', o.after, 'note', o.note)
      FROM customer_changes c JOIN customer_change_outcomes o ON o.change_id = c.id
      JOIN actors r ON r.id = o.actor_id WHERE c.customer_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', m.at, {_NO_DAY}, 23, m.id, 'mail-came-back', r.display_name,
           jsonb_build_object('mail_kind', m.mail_kind, 'address', m.address, 'returned_on', m.returned_on,
               'evidence', m.evidence)
      FROM returned_mail m JOIN actors r ON r.id = m.actor_id WHERE m.customer_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', e.at, {_NO_DAY}, 24, e.id, 'mail-handled', r.display_name,
           jsonb_build_object('handling', e.handling, 'address', e.address, 'note', e.note)
      FROM returned_mail m JOIN returned_mail_events e ON e.returned_mail_id = m.id
      JOIN actors r ON r.id = e.actor_id WHERE m.customer_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', m.at, {_NO_DAY}, 25, m.id, 'merged', r.display_name,
           jsonb_build_object('reason', m.reason, 'approved_by', s.display_name)
      FROM mergers m JOIN actors r ON r.id = m.actor_id JOIN actors s ON s.id = m.approved_by
     WHERE m.into_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', e.at, {_NO_DAY}, 26, m.id, 'merger-undone', r.display_name,
           jsonb_build_object('reason', e.reason, 'approved_by', s.display_name)
      FROM mergers m JOIN merger_ends e ON e.merger_id = m.id JOIN actors r ON r.id = e.actor_id
      JOIN actors s ON s.id = e.approved_by WHERE m.into_id IN (SELECT id FROM same)
     UNION ALL
    SELECT 'changes', p.proposed_at, {_NO_DAY}, 27, p.id, 'proposed', r.display_name,
           jsonb_build_object('act', p.act, 'cents', p.effect_cents, 'reason', p.reason, 'waits', p.waits)
      FROM proposal_accounts t JOIN proposals p ON p.id = t.proposal_id JOIN actors r ON r.id = p.proposed_by
     WHERE t.customer_account_id = :account AND {_SEEN}
     UNION ALL
    SELECT 'changes', d.decided_at, {_NO_DAY}, 28, p.id, 'decided', r.display_name,
           jsonb_build_object('act', p.act, 'cents', p.effect_cents, 'verdict', d.verdict, 'reason', d.reason)
      FROM proposal_accounts t JOIN proposals p ON p.id = t.proposal_id
      JOIN proposal_decisions d ON d.proposal_id = p.id JOIN actors r ON r.id = d.decided_by
     WHERE t.customer_account_id = :account AND d.verdict <> 'alone' AND {_SEEN}
     UNION ALL
    SELECT 'changes', e.opened_at, {_NO_DAY}, 29, e.id, 'exception', '', jsonb_build_object('kind', e.kind)
      FROM exception_lines e WHERE e.customer_account_id = :account
     UNION ALL
    SELECT 'changes', e.closed_at, {_NO_DAY}, 30, e.id, 'exception-closed', r.display_name,
           jsonb_build_object('kind', e.kind, 'note', e.closing_note)
      FROM exception_lines e JOIN actors r ON r.id = e.closed_by WHERE e.customer_account_id = :account"""  # noqa: S608

AUDIT = f"""
    SELECT CASE a.act WHEN :seen THEN 'looks' ELSE 'changes' END, a.at, {_NO_DAY}, 41, a.id,
           CASE a.act WHEN :seen THEN 'seen' ELSE 'act' END, coalesce(r.display_name, ''),
           jsonb_build_object('act', a.act) || a.details
      FROM audit_entries a LEFT JOIN actors r ON r.id = a.actor_id
     WHERE ((a.subject_kind = 'account' AND a.subject_id = CAST(:account AS text))
            OR (a.subject_kind = 'customer' AND a.subject_id IN (SELECT CAST(id AS text) FROM same)))
       AND a.act <> ALL (:told)"""  # noqa: S608

TIMELINE = f"""
    WITH RECURSIVE holder AS (
        SELECT a.customer_id AS id FROM customer_accounts a
         WHERE a.id = :account AND NOT EXISTS (
               SELECT FROM customer_accounts x WHERE x.customer_id = a.customer_id AND {_HIDDEN})),
    same (id) AS (SELECT id FROM holder
                   UNION SELECT m.id FROM customers m JOIN same ON m.merged_into = same.id),
    mine AS (
        SELECT journal_id, sum(amount_cents) AS cents FROM postings
         WHERE customer_account_id = :account GROUP BY journal_id),
    events AS ({MONEY} UNION ALL {TALK} UNION ALL {CHANGES} UNION ALL {AUDIT})
    SELECT at, day, place, id, kind, actor, facts FROM events
     WHERE show = ANY (:shown)
       AND (CAST(:before AS timestamptz) IS NULL OR (at, place, id) < (CAST(:before AS timestamptz), :place, :id))
     ORDER BY at DESC, place DESC, id DESC LIMIT :most"""  # noqa: S608
