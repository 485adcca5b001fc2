-- The published pairs whose difficulty was measured: pass rates with their k, the band of the closed-book rate, and
-- whether a trainer has anything to learn: solved sometimes, not always.
SELECT qa_id, domain, answer_type, split, models['difficulty'] AS model, closed_book_pass, closed_book_k,
       document_pass, document_k, doubtful,
       CASE WHEN closed_book_pass IS NULL THEN 'undecided' WHEN closed_book_pass = 0 THEN '0'
            WHEN closed_book_pass <= 0.25 THEN '0 to 0.25' WHEN closed_book_pass <= 0.5 THEN '0.25 to 0.5'
            WHEN closed_book_pass <= 0.75 THEN '0.5 to 0.75' WHEN closed_book_pass < 1 THEN '0.75 to 1' ELSE '1' END AS band,
       closed_book_pass > 0 AND closed_book_pass < 1 AS learnable
FROM qa WHERE closed_book_k IS NOT NULL
