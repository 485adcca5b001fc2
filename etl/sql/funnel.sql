-- Rows in = accepted + rejected + errors + pending, for each stage, over the current keys of active documents.
WITH steps AS (SELECT posexplode(concat(array('ingest'), stages, array('publish'))) AS (n, stage) FROM configured),
states AS (
  SELECT step.stage, step.state FROM (
    SELECT explode(CASE WHEN stage = 'check' AND state = 'accepted'
                        THEN array(struct(stage, state), struct('publish' AS stage, published AS state))
                        ELSE array(struct(stage, state)) END) AS step
    FROM current_rows)
  UNION ALL
  SELECT 'ingest', CASE status WHEN 'active' THEN 'accepted' ELSE 'rejected' END
  FROM documents WHERE status IN ('active', 'rejected'))
SELECT s.stage, count(state) AS rows_in, count_if(state = 'accepted') AS accepted, count_if(state = 'rejected') AS rejected,
       count_if(state = 'error') AS errors, count_if(state = 'pending') AS pending
FROM steps s LEFT JOIN states t ON t.stage = s.stage
GROUP BY s.stage, s.n ORDER BY s.n
