-- Yes-no pairs in qa: how often the answer is yes, by prompt and domain ("all" for the whole prompt). Far from a half, a
-- model learns to guess; the remedy is a prompt that asks for fewer of them, or a draw when training.
WITH said AS (
  SELECT domain, prompts['generate'] AS prompt, lower(trim(answer)) IN ('true', 'yes', 'true.', 'yes.') AS yes
  FROM qa WHERE answer_type = 'boolean')
SELECT prompt, coalesce(domain, 'all') AS domain, count(*) AS pairs, count_if(yes) AS yes, count_if(NOT yes) AS no,
       round(count_if(yes) / count(*), 4) AS share_yes
FROM said GROUP BY GROUPING SETS ((prompt), (prompt, domain)) ORDER BY prompt, domain
