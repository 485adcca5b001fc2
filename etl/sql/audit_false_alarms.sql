-- How often a person found a pair good that a check had turned down (see audit_rates): by check, domain and so on.
-- A pair that failed several checks counts for each of them.
SELECT dimension, value, judged, accepted, rejected, disputed, rate AS false_alarms, low, high, effective
FROM audit_rates WHERE population = 'rejected' ORDER BY place, dimension, value
