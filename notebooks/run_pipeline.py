# Databricks notebook source
# MAGIC %md
# MAGIC # Run the pipeline
# MAGIC
# MAGIC Ingests what is new, runs every stage on what is pending, publishes and tracks; then shows the funnel.
# MAGIC A run that stopped is started again with the same parameters and goes on where it was.
# MAGIC
# MAGIC - `conf`: path of a configuration file, such as `conf/openai.toml`
# MAGIC - `overrides`: one `key=value` a line on top of it, such as `budget.usd=5`; keys have dots, values are TOML

# COMMAND ----------

from etl import configfile, pipeline, views
from etl.tables import Warehouse

dbutils.widgets.text("conf", "conf/openai.toml")
dbutils.widgets.text("overrides", "")

# COMMAND ----------

overrides = [line for line in dbutils.widgets.get("overrides").splitlines() if line.strip()]
settings = configfile.load(dbutils.widgets.get("conf"), overrides)

# COMMAND ----------

run_id = pipeline.run(spark, settings)

# COMMAND ----------

views.register(Warehouse.of(spark, settings), settings)
display(spark.table("funnel"))
