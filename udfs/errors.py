"""The closed sets of error types, and which of them a later run tries again.

retryable (kept out of `completions`, a later run pays again)  ->  RETRYABLE
final (kept in `completions`, the call is settled)             ->  FINAL
no row's error, they stop the run                              ->  FATAL

A request turned down (`bad_request`) is tried once a run: it costs nothing, and a setting may be at fault that is no
part of what identifies a call.
"""

RETRYABLE = frozenset(
    {"rate_limited", "quota_exhausted", "timeout", "connection", "server_error", "bad_response", "bad_request"}
)
FINAL = frozenset({"refusal", "content_filter", "length_stop", "invalid_answer", "context_length"})
FATAL = frozenset({"unauthorized", "unknown_model", "engine_start", "engine_died"})
