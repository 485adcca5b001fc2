"""What Spark or the system raised is told by the one line that says what went wrong."""

import pytest

from etl.errors import reason

WORKER = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
Traceback (most recent call last):
  File "journal.py", line 97, in append
ValueError: an earlier one
OSError: [Errno 28] No space left on device

Driver stacktrace:"""


@pytest.mark.parametrize(
    ("crash", "told"),
    [
        (Exception(WORKER), "OSError: [Errno 28] No space left on device"),
        (Exception("[DIVIDE_BY_ZERO] Division by zero.\n== SQL ==\n1 / 0"), "[DIVIDE_BY_ZERO] Division by zero."),
        (PermissionError(13, "Permission denied", "/w"), "[Errno 13] Permission denied: '/w'"),
        (ConnectionResetError(), "ConnectionResetError"),
    ],
)
def test_the_line_that_says_what_went_wrong(crash: Exception, told: str) -> None:
    assert reason(crash) == told
