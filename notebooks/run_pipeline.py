# Databricks notebook source
# MAGIC %md
# MAGIC # Run the pipeline
# MAGIC
# MAGIC Ingests what is new, runs every stage on what is pending, publishes and tracks; then shows the funnel.
# MAGIC A run that stopped is started again with the same parameters and goes on where it was.
# MAGIC
# MAGIC - `conf`: path of a configuration file, from this folder on
# MAGIC - `overrides`: one `key=value` a line on top of it, such as `budget.usd=5`; keys have dots, values are TOML
# MAGIC
# MAGIC On a cluster the configuration names what all machines see: `catalog`, `schema` and `journal` (or a `warehouse`
# MAGIC in the object store), sources there, and a key in the workers' environment or an `api_key_file`. The package
# MAGIC must be installed there, since the workers import it.

# COMMAND ----------

from etl import configfile, pipeline, views
from etl.tables import Warehouse

dbutils.widgets.text("conf", "../conf/openai.toml")
dbutils.widgets.text("overrides", "")

# COMMAND ----------

overrides = [line for line in dbutils.widgets.get("overrides").splitlines() if line.strip()]
settings = configfile.load(dbutils.widgets.get("conf"), overrides)

# COMMAND ----------

run_id = pipeline.run(spark, settings)

# COMMAND ----------

views.register(Warehouse.of(spark, settings), settings)
display(spark.table("funnel"))
