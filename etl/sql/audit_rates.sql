-- What people found of the pairs that they judged, by population (published, rejected): how many they accept, over all
-- and by failed check, domain, answer type and prompt version. audit_precision and audit_false_alarms show one each.
-- A pair counts once, with the mean of what its judges last said; skipped ones do not count. Of a sample's stratum
-- each judged pair stands for stratum_size / judged of its pairs, so a rate is over the pairs as they were when sampled.
-- low and high: 95 % interval of Wilson (J. Am. Stat. Assoc. 22, 1927, p. 209), with Kish's effective number of
-- pairs, (sum w)^2 / sum w^2 (Survey Sampling, 1965, 11.7), since unequal weights tell less than as many equal ones.
WITH latest AS (
  SELECT *, row_number() OVER (PARTITION BY population, qa_id, auditor ORDER BY judged_at DESC, sample_id) AS age
  FROM audits WHERE verdict IN ('accept', 'reject')),
judged AS (
  SELECT population, qa_id, avg(CASE verdict WHEN 'accept' THEN 1 ELSE 0 END) AS x,
         max_by(struct(sample_id, stratum, stratum_size, domain, answer_type, failures, prompts), judged_at) AS p
  FROM latest WHERE age = 1 GROUP BY population, qa_id),
stands AS (
  SELECT population, x, p, p.stratum_size / count(*) OVER (PARTITION BY p.sample_id, p.stratum) AS w FROM judged),
weighed AS (  -- samples count by the pairs judged of them, not by how many there were at the time
  SELECT population, x, p, w / avg(w) OVER (PARTITION BY p.sample_id) AS w FROM stands),
grouped AS (
  SELECT population, g.dimension, g.value, count(*) AS judged, count_if(x = 1) AS accepted, count_if(x = 0) AS rejected,
         count_if(x > 0 AND x < 1) AS disputed, sum(w * x) / sum(w) AS p, pow(sum(w), 2) / sum(w * w) AS n,
         pow(1.959964, 2) AS z2
  FROM weighed LATERAL VIEW explode(concat(
    array(struct('all' AS dimension, 'all' AS value), struct('domain' AS dimension, p.domain AS value),
          struct('answer_type' AS dimension, p.answer_type AS value)),
    transform(p.failures, f -> struct('check' AS dimension, f AS value)),
    transform(map_entries(p.prompts), e -> struct(concat('prompt of ', e.key) AS dimension, e.value AS value)))) AS g
  GROUP BY population, g.dimension, g.value)
SELECT population, dimension, value, judged, accepted, rejected, disputed, round(p, 4) AS rate,
       round(greatest(0, (p + z2 / (2 * n) - sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))) / (1 + z2 / n)), 4) AS low,
       round(least(1, (p + z2 / (2 * n) + sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))) / (1 + z2 / n)), 4) AS high,
       round(n, 1) AS effective,
       CASE dimension WHEN 'all' THEN 0 WHEN 'check' THEN 1 WHEN 'domain' THEN 2 WHEN 'answer_type' THEN 3 ELSE 4 END AS place
FROM grouped
