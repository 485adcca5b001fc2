"""The errors that stop a run, each with the exit status the command line ends with.

RunError
├── ConfigError       2   usage, configuration, credentials: one line that names the key and the mend
├── BudgetStop        3   the budget is used up
├── EndpointStop      4   the endpoint failed too often, or its quota is used up
└── WarehouseBusy     5   another run holds the warehouse
"""


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
