-- Every input of every stage with the state of its row: accepted, rejected, error or pending. All counts come from here.
WITH active AS (SELECT doc_id, content_hash, title FROM documents WHERE status = 'active'),
passages AS (
  SELECT a.doc_id, a.content_hash, a.title, q.part, q.parts, q.prompt, q.model, q.call_key, q.qualified, q.reason, q.error_type,
         q.fingerprint <=> coalesce((SELECT qualify_made FROM configured), q.fingerprint) AND q.fingerprint IS NOT NULL
           AND q.inputs_sha = substring(sha2(to_json(struct(a.title AS title)), 256), 1, 32) AS is_current
  FROM active a LEFT JOIN qualifications q ON q.doc_id = a.doc_id AND q.content_hash = a.content_hash),
missing AS (
  SELECT doc_id, content_hash, max(parts) - count(part) AS n FROM passages WHERE part IS NOT NULL
  GROUP BY doc_id, content_hash HAVING max(parts) > count(part)),
candidate_inputs AS (
  SELECT c.doc_id, c.content_hash, c.part, c.domain, a.title, explode(c.personas) AS persona
  FROM classifications c JOIN active a ON a.doc_id = c.doc_id AND a.content_hash = c.content_hash
  WHERE c.domain IS NOT NULL),
pairs AS (
  SELECT c.*, a.title, row_number() OVER (PARTITION BY qa_id ORDER BY part, persona) AS choice
  FROM candidates c JOIN active a ON a.doc_id = c.doc_id AND a.content_hash = c.content_hash
  WHERE qa_id IS NOT NULL),
states AS (
  SELECT 'qualify' AS stage, doc_id, content_hash, part, CAST(NULL AS STRING) AS persona, CAST(NULL AS STRING) AS qa_id,
         CAST(NULL AS STRING) AS domain, prompt, model, call_key, is_current, error_type, qualified AS accepts,
         array(reason) AS reasons, CAST(NULL AS STRING) AS published
  FROM passages
  UNION ALL
  SELECT 'qualify', doc_id, content_hash, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, false, array(), NULL
  FROM missing LATERAL VIEW explode(sequence(1, n)) AS i
  UNION ALL
  SELECT 'classify', q.doc_id, q.content_hash, q.part, NULL, NULL, c.domain, c.prompt, c.model, c.call_key,
         c.fingerprint <=> coalesce((SELECT classify_made FROM configured), c.fingerprint) AND c.fingerprint IS NOT NULL
           AND c.inputs_sha = substring(sha2(to_json(struct(q.title AS title)), 256), 1, 32), c.error_type,
         c.domain IS NOT NULL, array(), NULL
  FROM passages q LEFT JOIN classifications c
    ON c.doc_id = q.doc_id AND c.content_hash = q.content_hash AND c.part = q.part
  WHERE q.qualified
  UNION ALL
  SELECT 'generate', i.doc_id, i.content_hash, i.part, i.persona, g.qa_id, i.domain, g.prompt, g.model, g.call_key,
         g.fingerprint <=> coalesce((SELECT generate_made FROM configured), g.fingerprint) AND g.fingerprint IS NOT NULL
           AND g.inputs_sha = substring(sha2(to_json(struct(i.domain AS domain, i.title AS title)), 256), 1, 32),
         g.error_type, g.qa_id IS NOT NULL, array(g.reason), NULL
  FROM candidate_inputs i LEFT JOIN candidates g
    ON g.doc_id = i.doc_id AND g.content_hash = i.content_hash AND g.part = i.part AND g.persona = i.persona
  UNION ALL
  SELECT 'check', p.doc_id, p.content_hash, p.part, p.persona, p.qa_id, p.domain, v.prompt, v.model, v.call_key,
         v.fingerprint <=> coalesce((SELECT check_made FROM configured), v.fingerprint) AND v.fingerprint IS NOT NULL
           AND v.inputs_sha = substring(sha2(to_json(struct(p.question, p.answer, p.aliases, p.answer_type, p.unit,
                                                            p.evidence, p.content_hash, p.part, p.title)), 256), 1, 32),
         v.error_type, v.passed, v.failures,
         CASE WHEN qa.qa_id IS NOT NULL THEN 'accepted' WHEN v.set_failures IS NOT NULL THEN 'rejected' ELSE 'pending' END
  FROM pairs p LEFT JOIN verdicts v ON v.qa_id = p.qa_id LEFT JOIN qa ON qa.qa_id = p.qa_id
  WHERE p.choice = 1
  UNION ALL
  SELECT 'difficulty', p.doc_id, p.content_hash, p.part, p.persona, p.qa_id, p.domain, d.prompt, d.model, d.call_key,
         d.fingerprint <=> coalesce((SELECT difficulty_made FROM configured), d.fingerprint) AND d.fingerprint IS NOT NULL
           AND d.inputs_sha = substring(sha2(to_json(struct(p.question, p.answer, p.aliases, p.answer_type, p.unit,
                                                            p.content_hash, p.part)), 256), 1, 32),
         d.error_type, d.closed_book_k IS NOT NULL, array(), NULL
  FROM pairs p JOIN verdicts v ON v.qa_id = p.qa_id AND v.passed
    LEFT JOIN difficulty d ON d.qa_id = p.qa_id
  WHERE p.choice = 1 AND array_contains((SELECT stages FROM configured), 'difficulty')
  UNION ALL
  SELECT 'judge', p.doc_id, p.content_hash, p.part, p.persona, p.qa_id, p.domain, j.prompt, j.model, j.call_key,
         j.fingerprint <=> coalesce((SELECT judge_made FROM configured), j.fingerprint) AND j.fingerprint IS NOT NULL
           AND j.inputs_sha = substring(sha2(to_json(struct(p.question, p.answer, p.aliases, p.answer_type, p.unit,
             d.closed_book_pass, d.closed_book_k, d.closed_book_undecided, d.closed_book_untold,
             d.document_pass, d.document_k, d.document_undecided, d.document_untold)), 256), 1, 32),
         j.error_type, j.told > 0, CASE WHEN j.told = 0 THEN array('unsure') ELSE array() END, NULL
  FROM pairs p JOIN difficulty d ON d.qa_id = p.qa_id AND d.closed_book_k IS NOT NULL
    AND size(concat(coalesce(d.closed_book_untold, array()), coalesce(d.document_untold, array()))) > 0
    LEFT JOIN judgements j ON j.qa_id = p.qa_id
  WHERE p.choice = 1 AND array_contains((SELECT stages FROM configured), 'judge'))
SELECT stage, doc_id, content_hash, part, persona, qa_id, domain, prompt, model, call_key, error_type,
       filter(reasons, r -> r IS NOT NULL) AS reasons,
       published, CASE WHEN NOT is_current OR is_current IS NULL THEN 'pending' WHEN error_type IS NOT NULL THEN 'error'
            WHEN accepts THEN 'accepted' ELSE 'rejected' END AS state
FROM states
