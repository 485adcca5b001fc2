-- Yield by stage, domain, prompt version and model. A domain is known from classify on.
SELECT stage, domain, prompt, model, count(*) AS rows_in, count_if(state = 'accepted') AS accepted,
       count_if(state = 'rejected') AS rejected, count_if(state = 'error') AS errors,
       round(count_if(state = 'accepted') / nullif(count_if(state IN ('accepted', 'rejected')), 0), 4) AS yield
FROM current_rows WHERE state <> 'pending'
GROUP BY stage, domain, prompt, model ORDER BY stage, domain, prompt, model
