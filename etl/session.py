"""The Spark session, and all that is known of the cluster: the one place that touches the session's insides."""

import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession
from pyspark.util import inheritable_thread_target

from etl.errors import ConfigError

PACKAGES = "spark.jars.packages"
DELTA_PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"  # the pair that resolves with pyspark 4.2.0

LOCAL_DEFAULTS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.driver.memory": "4g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # a Delta snapshot is read with 50 partitions by default: the first write took 12 s instead of 2
    "spark.databricks.delta.snapshotPartitions": "2",
    # skipping files by statistics costs a job per table scanned; local tables have a handful of files
    "spark.databricks.delta.stats.skipping": "false",
    # a local VACUUM lists with 10,000 tasks by default
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    "spark.log.level": "ERROR",
    # each join, sort and group of a task takes a page, by default of 64 MB of zeros here, for a handful of rows; a task
    # has 8,192 of them at most
    "spark.buffer.pageSize": "4m",
    # what a UI would show is kept for the last 1,000 queries by default
    "spark.sql.ui.retainedExecutions": "5",
    "spark.ui.retainedJobs": "5",
    "spark.ui.retainedStages": "5",
    "spark.ui.retainedTasks": "100",
    # by default every call of PySpark asks the JVM four times where to note the line that it came from
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # many small queries: compiling each one's code, and planning it again as it runs, costs more than it saves
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    # looks for joins worth a Bloom filter all through each plan: a tenth of a small run's planning, and finds none
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m",
    # values of settings whose names look like secrets are not printed, API keys included
    "spark.redaction.regex": "(?i)secret|password|token|access[.]?key|api[._-]?key",
}


# what PySpark looks up by name for nearly every column and frame: Java classes, and these of their functions
LOOKED_UP: Mapping[str, Sequence[str]] = {
    "functions": ("col", "lit", "when", "struct", "coalesce"),
    "org.apache.spark.sql.functions": ("col", "lit", "when", "struct", "coalesce"),
    "PythonUtils": ("toSeq",),
    "org.apache.spark.sql.classic.SparkSession": ("getActiveSession", "setActiveSession"),
    "org.apache.spark.sql.expressions.Window": ("partitionBy",),
    **dict.fromkeys(("PythonRDD", "PythonSQLUtils", "SerDeUtil", "SimplePythonFunction"), ()),
}


def open_session(settings: Mapping[str, str]) -> SparkSession:
    """Return the running session of a managed cluster, or build a local one with `settings` on top of ours.

    A session that is already active is used as it is: on Databricks and EMR the platform owns its settings.
    """
    for name in ("DataFrameQueryContextLogger", "SQLQueryContextLogger"):  # pages of JSON before an error's one line
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL)
    active = SparkSession.getActiveSession()
    if active is not None or "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return active or SparkSession.builder.getOrCreate()
    # the driver ignores spark.pyspark.python, and workers would run whatever python3 stands first in PATH
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    cores = os.cpu_count() or 2
    conf = {"spark.master": f"local[{cores}]", "spark.sql.shuffle.partitions": str(cores), **LOCAL_DEFAULTS}
    builder = SparkSession.builder.appName("webscale-rl")
    for key, value in {**conf, **settings, PACKAGES: _packages(settings.get(PACKAGES))}.items():
        builder = builder.config(key, value)
    with _jvm_output() as log:
        try:
            spark = builder.getOrCreate()
        except Exception as error:
            tail = Path(log).read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise ConfigError(f"spark: no session: {error}; {' '.join(tail)} (all of it: {log})") from error
    _keep_lookups(spark)
    return spark


def _packages(given: str | None) -> str:
    """Return the packages to fetch: Delta's beside those of the settings, such as an object store's connector, unless
    these name Delta themselves, or nothing, since the jars are there.
    """
    if given is None:
        return DELTA_PACKAGE
    return f"{DELTA_PACKAGE},{given}" if given and "io.delta:" not in given else given


def _keep_lookups(spark: SparkSession) -> None:
    """Keep what PySpark's names of Java classes and functions stand for. It asks again with every use, and for a class
    named without its package the JVM then looks through all its jars.
    """
    jvm = getattr(spark, "_jvm", None)  # Spark Connect has none
    for name, members in LOOKED_UP.items() if jvm else ():
        with suppress(Py4JError):  # another release may know other names
            found = getattr(jvm, name)
            setattr(jvm, name, found)
            for member in members:
                setattr(found, member, getattr(found, member))


@contextmanager
def _jvm_output() -> Iterator[str]:
    """Send what the JVM prints from here on to a file: package resolution alone is a hundred lines."""
    log = Path(tempfile.gettempdir()) / f"webscale-rl-spark-{os.getpid()}.log"
    kept, target = os.dup(2), os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.dup2(target, 2)
    try:
        yield str(log)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(target)


def slots(spark: SparkSession) -> int:
    """Return how many tasks run at once, which decides the partitions of a frame that calls.

    Spark Connect hides it; there `spark.webscale.slots` says it (default 8).
    """
    try:
        return max(1, int(spark.sparkContext.defaultParallelism))
    except Exception:  # noqa: BLE001  Connect raises its own error type, which classic Spark does not have
        return int(spark.conf.get("spark.webscale.slots", "8") or 8)


def task_gpus(spark: SparkSession) -> float:
    """Return how many GPUs Spark gives each task."""
    return float(spark.conf.get("spark.task.resource.gpu.amount", "0") or 0)


@contextmanager
def own_workers(spark: SparkSession, name: str) -> Iterator[None]:
    """Give the Python functions put into frames inside this block workers of their own, which no others use.

    Spark keeps a pool of idle workers per environment of the function. What such a worker has loaded is there in the
    next job of that name, and only in as many workers as ever ran such jobs at once. Spark Connect hides it.
    """
    try:
        environment = spark.sparkContext.environment
    except Exception:  # noqa: BLE001  Connect raises its own error type
        yield
        return
    environment["WEBSCALE_RL_WORKERS"] = name
    try:
        yield
    finally:
        del environment["WEBSCALE_RL_WORKERS"]


@contextmanager
def setting(spark: SparkSession, name: str, value: str) -> Iterator[None]:
    """Give a setting of the session another value inside this block."""
    before = spark.conf.get(name, None)
    spark.conf.set(name, value)
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(name)
        else:
            spark.conf.set(name, before)


def side_by_side(spark: SparkSession, *pieces: Callable[[], object]) -> None:
    """Do pieces of work at the same time, at most four: Spark plans a query on one core, and most queries are small.

    Raises the error of the first piece, in their order, that failed. Then, or when interrupted, the jobs of the others
    are stopped, and all pieces have ended.
    """
    inheriting = inheritable_thread_target(spark)  # the job group, so that a notebook's cell can be cancelled
    with ThreadPoolExecutor(4) as pool:
        try:
            for done in [pool.submit(inheriting(piece)) for piece in pieces]:
                done.result()
        except BaseException:
            cancel_jobs(spark)
            raise


def cancel_jobs(spark: SparkSession) -> None:
    """Stop all running tasks, where the session lets us (Spark Connect ends them with the session)."""
    try:
        spark.sparkContext.cancelAllJobs()
    except Exception:  # noqa: BLE001  Connect raises its own error type
        return


def prepare_session(spark: SparkSession, key_variables: set[str]) -> None:
    """Set what the workers need, and refuse settings under which money or a key could be lost.

    Rows hold whole passages, so Arrow batches are small; a call starts when its batch is there.

    Raises:
        ConfigError: speculative execution is on (a second copy of a task would pay again), or an API key stands
            in the Spark configuration, which event logs print, without redaction.
    """
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "128")
    if (spark.conf.get("spark.speculation", "false") or "false").lower() == "true":
        raise ConfigError("spark.speculation: speculative tasks would pay calls twice; set it to false")
    for name in key_variables:
        setting = f"spark.executorEnv.{name}"
        if spark.conf.get(setting, None) and not _redacted(spark, setting):
            raise ConfigError(
                f"{setting}: event logs would print the key; add it to spark.redaction.regex, or use api_key_file"
            )


def _redacted(spark: SparkSession, setting: str) -> bool:
    pattern = spark.conf.get("spark.redaction.regex", "(?i)secret|password|token|access[.]?key") or ""
    return re.search(pattern, setting) is not None
