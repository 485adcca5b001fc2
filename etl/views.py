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
    "audit_precision",
    "booleans",
    "quality",
)  # in the order of their dependence
_READS = re.compile(r"^\s*(SELECT|WITH|FROM|VALUES|TABLE|\()", re.I)
_TELLS = re.compile(r"^\s*(SHOW|DESCRIBE|DESC|EXPLAIN)\b", re.I)


def register(warehouse: Warehouse, config: Config) -> None:
    """Make the tables and views visible to SQL under their bare names, as they are now.

    The one row of `configured` has each stage's fingerprint, so that a view can tell which rows are outdated; null for
    a stage that keeps old rows (reprocess = "new"). It also lists the stages that are on.
    """
    specs = call_specs(config, load_prompts(config))
    wanted = {n: f"'{s.fingerprint}'" for n, s in specs.items() if config.stage(n).reprocess == "all"}
    columns = ", ".join(f"CAST({wanted.get(name, 'NULL')} AS STRING) AS {name}_made" for name in STAGE_NAMES)
    columns += f", split('{','.join(specs)}', ',') AS stages"
    warehouse.spark.sql(f"SELECT {columns}").createOrReplaceTempView("configured")
    for name in TABLES:
        warehouse.read(name).createOrReplaceTempView(name)
    for name in VIEWS:
        text = (resources.files("etl") / "sql" / f"{name}.sql").read_text("utf-8")
        warehouse.spark.sql(text).createOrReplaceTempView(name)


def query(warehouse: Warehouse, config: Config, text: str) -> DataFrame:
    """Return the rows of one read-only statement.

    A query is analysed once as a subquery, which no writing statement can be.

    Raises:
        ConfigError: it is no query, or cannot be analysed.
    """
    register(warehouse, config)
    text = text.strip().rstrip(";")
    try:
        if _READS.match(text):
            warehouse.spark.sql(f"SELECT * FROM (\n{text}\n)")
        elif not _TELLS.match(text):
            raise ConfigError("sql: only statements that read: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN")
        return warehouse.spark.sql(text)
    except (AnalysisException, ParseException) as error:
        raise ConfigError(f"sql: {str(error).strip().splitlines()[0]}") from None
