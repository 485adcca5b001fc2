"""What of the session saves time in every query, and work at the same time."""

import threading
import time
from unittest import mock

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl.session import side_by_side


def test_a_column_asks_the_jvm_for_no_name(spark: SparkSession) -> None:
    frame, client = spark.range(1), spark._jvm._gateway_client  # type: ignore[union-attr]
    with mock.patch.object(client, "send_command", wraps=client.send_command) as sent:
        frame.select(F.col("id"), F.when(F.col("id") > 1, F.lit(2)), F.struct(F.coalesce("id", F.lit(1))))
    commands = [call.args[0] for call in sent.call_args_list]
    assert any(c.startswith("c\nz:org.apache.spark.sql.functions\ncol") for c in commands)
    assert not [c for c in commands if c.startswith("r\n")]


def test_pieces_run_side_by_side_and_one_that_fails_stops_the_others(spark: SparkSession) -> None:
    both = threading.Barrier(2)
    side_by_side(spark, lambda: both.wait(60), lambda: both.wait(60))

    def endless() -> None:
        spark.range(10**15).selectExpr("sum(id)").collect()

    def fails_once_it_runs() -> None:
        while not spark.sparkContext.statusTracker().getActiveJobsIds():
            time.sleep(0.05)
        raise ValueError("this one")

    with pytest.raises(ValueError, match="this one"):
        side_by_side(spark, fails_once_it_runs, endless)
    assert not spark.sparkContext.statusTracker().getActiveJobsIds()
