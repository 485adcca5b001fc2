-- Everything that did not go on, with why: rejects by reason and errors by type, per stage, most frequent first.
WITH reasons AS (
  SELECT stage, state, CASE WHEN state = 'error' THEN error_type ELSE reason END AS reason
  FROM current_rows LATERAL VIEW OUTER explode(reasons) AS reason WHERE state IN ('rejected', 'error')
  UNION ALL
  SELECT 'ingest', 'rejected', reason FROM documents WHERE status = 'rejected'
  UNION ALL
  SELECT 'publish', 'rejected', reason FROM verdicts LATERAL VIEW explode(set_failures) AS reason)
SELECT stage, state, reason, count(*) AS n FROM reasons GROUP BY stage, state, reason ORDER BY n DESC, stage, reason
