"""Audit by a person: a sample of pairs -> one HTML page -> a file of judgements -> the table `audits`."""
