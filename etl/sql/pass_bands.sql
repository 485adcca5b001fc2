-- How hard the published pairs are: pairs by domain and band of the closed-book pass rate, and the doubtful among them.
SELECT model, domain, band, count(*) AS pairs, count_if(doubtful) AS doubtful,
       round(avg(closed_book_pass), 4) AS closed_book_pass, round(avg(document_pass), 4) AS document_pass
FROM pass_rates GROUP BY model, domain, band ORDER BY model, domain, band
