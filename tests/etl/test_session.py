"""What of the local session saves time in every query."""

from unittest import mock

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812


def test_a_column_asks_the_jvm_for_no_name(spark: SparkSession) -> None:
    frame, client = spark.range(1), spark._jvm._gateway_client  # type: ignore[union-attr]
    with mock.patch.object(client, "send_command", wraps=client.send_command) as sent:
        frame.select(F.col("id"), F.when(F.col("id") > 1, F.lit(2)), F.struct(F.coalesce("id", F.lit(1))))
    commands = [call.args[0] for call in sent.call_args_list]
    assert any(c.startswith("c\nz:org.apache.spark.sql.functions\ncol") for c in commands)
    assert not [c for c in commands if c.startswith("r\n")]
