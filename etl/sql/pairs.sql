-- The published pairs, as a person reads them.
SELECT domain, persona, question, answer, answer_type, unit, evidence, title, url, qa_id FROM qa ORDER BY domain, url, qa_id
