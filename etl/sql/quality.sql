-- Documents turned down by a rule over what was measured of them: how many, and how far they are from its threshold.
SELECT reason, rule, count(*) AS documents, min(measured) AS least, percentile_approx(measured, 0.5) AS median,
  max(measured) AS most
FROM documents WHERE status = 'rejected' AND rule IS NOT NULL
GROUP BY reason, rule ORDER BY documents DESC, rule
