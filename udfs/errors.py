"""The closed sets of error types, and which of them a later run tries again.

retryable (kept out of `completions`, a later run pays again)  ->  RETRYABLE
final (kept in `completions`, the call is settled)             ->  FINAL
no row's error, they stop the run                              ->  FATAL
"""

RETRYABLE = frozenset({"rate_limited", "quota_exhausted", "timeout", "connection", "server_error", "bad_response"})
FINAL = frozenset({"refusal", "content_filter", "length_stop", "invalid_answer", "context_length", "bad_request"})
FATAL = frozenset({"unauthorized", "unknown_model", "engine_start", "engine_died"})
