-- What is out since it holds a benchmark's item: documents and pairs that count now by benchmark, with the mean share
-- found.
WITH hits AS (
  SELECT 'documents' AS what, matched, match_score FROM documents
  WHERE status = 'rejected' AND reason = 'contaminated'
  UNION ALL
  SELECT 'pairs', matched, match_score FROM verdicts WHERE array_contains(set_failures, 'contaminated'))
SELECT split(matched, '/')[0] AS benchmark, what, count(*) AS n, count(DISTINCT matched) AS items,
       round(avg(match_score), 3) AS mean_score
FROM hits GROUP BY split(matched, '/')[0], what ORDER BY benchmark, what
