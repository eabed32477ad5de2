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
       SELECT format('%s words are not found when they are misspelled', count(DISTINCT used.word))
         FROM ts_stat('SELECT words FROM search_documents') AS used, search_slips(used.word) AS slip
        WHERE used.word ~ '^[^0-9]{3,24}$'
          AND NOT EXISTS (SELECT FROM search_spellings s WHERE s.spelling = slip AND s.word = used.word)
       HAVING count(*) > 0""",
)

QUESTIONS = (INDEX,)
