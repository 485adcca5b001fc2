"""SQL views over the tables: one file per view in etl/sql, the file's name is the view's."""

import re
from importlib import resources

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame

from etl.config import Config
from etl.config.stages import STAGE_NAMES
from etl.errors import ConfigError
from etl.schema import TABLES
from etl.specs import call_specs, load_prompts
from etl.tables import Warehouse
from udfs.keys import key

VIEWS = (
    "current_rows",
    "funnel",
    "yields",
    "rejections",
    "costs",
    "pairs",
    "pass_rates",
    "pass_bands",
    "contamination",
    "audit_rates",
    "audit_precision",
    "audit_false_alarms",
    "booleans",
    "quality",
)  # in the order of their dependence
_COMMENTS = re.compile(r"(?:\s++|--[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/)*+")
_READS = re.compile(r"^\s*(SELECT|WITH|FROM|VALUES|TABLE|\()", re.I)
_TELLS = re.compile(r"^\s*(SHOW|DESCRIBE|DESC|EXPLAIN)\b", re.I)


def register(warehouse: Warehouse, config: Config, text: str | None = None) -> None:
    """Make the tables and views visible to SQL under their bare names, as they are now: all of them, or those that a
    statement mentions and what these are made of, since each table and view costs a look at the warehouse.

    The one row of `configured` has each stage's fingerprint, so that a view can tell which rows are outdated; null for
    a stage that keeps old rows (reprocess = "new"). It also lists the stages that are on.
    """
    wanted = {*TABLES, *VIEWS} if text is None else _mentioned(text)
    _configured(warehouse, config)
    for name in (n for n in TABLES if n in wanted):
        warehouse.read(name).createOrReplaceTempView(name)
    for name in (n for n in VIEWS if n in wanted):
        warehouse.spark.sql(_definition(name)).createOrReplaceTempView(name)


def _configured(warehouse: Warehouse, config: Config) -> None:
    specs = call_specs(config, load_prompts(config))
    wanted = {n: f"'{s.fingerprint}'" for n, s in specs.items() if config.stage(n).reprocess == "all"}
    columns = ", ".join(f"CAST({wanted.get(name, 'NULL')} AS STRING) AS {name}_made" for name in STAGE_NAMES)
    columns += f", split('{','.join(specs)}', ',') AS stages"
    warehouse.spark.sql(f"SELECT {columns}").createOrReplaceTempView("configured")


def _definition(view: str) -> str:
    return (resources.files("etl") / "sql" / f"{view}.sql").read_text("utf-8")


def definition_key(view: str) -> str:
    """Return a digest of what a view selects, and those that it is made of."""
    made_of = _mentioned(view)
    return key("view", *[_definition(name) for name in VIEWS if name in made_of])


def _mentioned(text: str) -> set[str]:
    """Return the words of a statement, and those of the definitions of the views among them."""
    words = set(re.findall(r"\w+", text.lower()))
    for view in reversed(VIEWS):  # a view is made of earlier ones
        if view in words:
            words.update(re.findall(r"\w+", _definition(view).lower()))
    return words


def query(warehouse: Warehouse, config: Config, text: str) -> DataFrame:
    """Return the rows of one read-only statement.

    A query is analysed once as a subquery, which no writing statement can be.

    Raises:
        ConfigError: it is no query, or cannot be analysed.
    """
    text = _COMMENTS.sub("", text, count=1).strip().rstrip(";")
    register(warehouse, config, text if _READS.match(text) else None)  # SHOW lists them all
    try:
        if _READS.match(text):
            warehouse.spark.sql(f"SELECT * FROM (\n{text}\n)")
        elif not _TELLS.match(text):
            raise ConfigError("sql: only statements that read: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN")
        return warehouse.spark.sql(text)
    except (AnalysisException, ParseException) as error:
        raise ConfigError(f"sql: {str(error).strip().splitlines()[0]}") from None
