-- How often a person found a published pair right (see audit_rates): by domain, answer type and prompt version.
SELECT dimension, value, judged, accepted, rejected, disputed, rate AS precision, low, high, effective
FROM audit_rates WHERE population = 'published' ORDER BY place, dimension, value
