"""The search index says what the accounts say. Names and addresses are not printed."""

from __future__ import annotations

from portal.verification.questions import Question

INDEX = Question(
    "the search index says what the accounts say",
    """SELECT format('%s accounts indexed, %s spellings', (SELECT count(*) FROM search_documents),
                     (SELECT count(*) FROM search_spellings))""",
    """SELECT format('account %s is %s', customer_account_id,
                     CASE WHEN d.words IS NULL THEN 'not in the index' WHEN n.words IS NULL THEN 'not there any more'
                          ELSE 'indexed by other words than its own' END)
         FROM search_documents_anew n FULL JOIN search_documents d USING (customer_account_id)
        WHERE n.words IS DISTINCT FROM d.words
        UNION ALL
       SELECT format('%s words are not found when they are misspelled', count(*))
         FROM (SELECT word FROM ts_stat('SELECT words FROM search_documents')
                WHERE word ~ '^[^0-9]{3,24}$') AS used
        WHERE (SELECT count(DISTINCT s.spelling) FROM search_spellings s
                WHERE s.word = used.word AND s.spelling IN (SELECT search_slips(used.word)))
              < (SELECT count(*) FROM search_slips(used.word))
       HAVING count(*) > 0""",
)

QUESTIONS = (INDEX,)
