# Databricks notebook source
# MAGIC %md
# MAGIC # Look at the pairs
# MAGIC
# MAGIC Makes the tables and views visible to SQL, then shows the published pairs, the yields, what was turned down
# MAGIC and why, and the costs. Reads only; the parameters are those of `run_pipeline`.

# COMMAND ----------

from etl import configfile, views
from etl.tables import Warehouse

dbutils.widgets.text("conf", "../conf/openai.toml")
dbutils.widgets.text("overrides", "")
overrides = [line for line in dbutils.widgets.get("overrides").splitlines() if line.strip()]
settings = configfile.load(dbutils.widgets.get("conf"), overrides)
views.register(Warehouse.of(spark, settings), settings)

# COMMAND ----------

# MAGIC %md The published pairs

# COMMAND ----------

display(spark.table("pairs"))

# COMMAND ----------

# MAGIC %md Yield by stage, domain, prompt version and model

# COMMAND ----------

display(spark.table("yields"))

# COMMAND ----------

# MAGIC %md What did not go on, with why

# COMMAND ----------

display(spark.table("rejections"))

# COMMAND ----------

# MAGIC %md Tokens and money per stage, and per published pair

# COMMAND ----------

display(spark.table("costs"))
