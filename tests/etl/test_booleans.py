"""The view of yes-no pairs: how often the answer is yes."""

from importlib import resources

from pyspark.sql import SparkSession


def test_the_share_of_yes_by_prompt_and_domain(spark: SparkSession) -> None:
    rows = [
        ("math", "boolean", "true", {"generate": "generate@1"}),
        ("math", "boolean", "Yes.", {"generate": "generate@1"}),
        ("math", "boolean", "false", {"generate": "generate@1"}),
        ("coding", "boolean", "no", {"generate": "generate@1"}),
        ("coding", "boolean", "true", {"generate": "generate@2"}),
        ("coding", "name", "True", {"generate": "generate@1"}),
    ]
    qa = spark.createDataFrame(rows, "domain string, answer_type string, answer string, prompts map<string,string>")
    qa.createOrReplaceTempView("qa")
    found = spark.sql((resources.files("etl") / "sql" / "booleans.sql").read_text("utf-8")).collect()
    assert [tuple(r) for r in found] == [
        ("generate@1", "all", 4, 2, 2, 0.5),
        ("generate@1", "coding", 1, 0, 1, 0.0),
        ("generate@1", "math", 3, 2, 1, 0.6667),
        ("generate@2", "all", 1, 1, 0, 1.0),
        ("generate@2", "coding", 1, 1, 0, 1.0),
    ]
