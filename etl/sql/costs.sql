-- What every request ever sent cost, per stage, and all of it per pair that stands in qa. Failed requests count too.
WITH pairs AS (SELECT count(*) AS n FROM qa),
spent AS (
  SELECT coalesce(stage, 'all') AS stage, count(DISTINCT call_key) AS calls, count(*) AS requests,
         count_if(error_type IS NOT NULL) AS failed_requests, sum(prompt_tokens) AS prompt_tokens,
         sum(cached_tokens) AS cached_tokens, sum(completion_tokens) AS completion_tokens,
         sum(reasoning_tokens) AS reasoning_tokens, sum(cost_usd) AS cost_usd
  FROM attempts GROUP BY GROUPING SETS ((stage), ()))
SELECT s.*, p.n AS accepted_pairs, s.cost_usd / nullif(p.n, 0) AS usd_per_accepted_pair
FROM spent s CROSS JOIN pairs p ORDER BY cost_usd DESC, stage
