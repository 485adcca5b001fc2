"""The errors that stop a run, each with the exit status the command line ends with.

RunError
├── ConfigError       2   usage, configuration, credentials: one line that names the key and the mend
├── BudgetStop        3   the budget is used up
├── EndpointStop      4   the endpoint failed too often, or its quota is used up
└── WarehouseBusy     5   another run holds the warehouse
"""

import re

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException

CRASHES = (PySparkException, Py4JError, OSError)
"""What Spark, its JVM and file systems raise."""


class RunError(Exception):
    """A run that cannot go on; `status` is the exit status."""

    status = 1


class ConfigError(RunError):
    """Wrong usage, configuration or credentials."""

    status = 2


class BudgetStop(RunError):
    """Nothing pending fits what is left of the budget."""

    status = 3


class EndpointStop(RunError):
    """The endpoint failed too often, or its quota is used up."""

    status = 4


class WarehouseBusy(RunError):
    """Another run holds the warehouse, or took it over from this one."""

    status = 5


def reason(crash: Exception) -> str:
    """Return what went wrong in one line: where a Python worker failed, the last error of its traceback; where the JVM
    did, the first of its causes.
    """
    lines = str(crash).strip().splitlines() or [type(crash).__name__]
    raised = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(Error|Exception): ", line)]
    if raised and "Traceback (most recent call last):" in lines:
        return raised[-1]
    if not isinstance(crash, Py4JJavaError):
        return lines[0]
    thrown = [line for line in lines if line.startswith((": ", "Caused by: "))]
    return thrown[-1].partition(": ")[2] if thrown else lines[0]
