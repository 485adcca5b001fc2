"""Which rows are not in a table just so."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812


def differing(rows: DataFrame, before: DataFrame, key: Sequence[str]) -> DataFrame:
    """Return the rows, with the columns of `before`, that are not there just so; `before` holds a key once.

    Joined by the key and then compared: as keys of a join, all columns would be sorted by.
    """
    now = rows.select(*before.columns, _values(before, key).alias("_now")).alias("now")
    was = before.select(*key, _values(before, key).alias("_was")).alias("was")
    same = reduce(Column.__and__, [F.col(f"now.{k}").eqNullSafe(F.col(f"was.{k}")) for k in key])
    changed = F.col("_was").isNull() | ~F.col("_now").eqNullSafe(F.col("_was"))
    return now.join(was, on=same, how="left").where(changed).select(*[f"now.{c}" for c in before.columns])


def _values(rows: DataFrame, key: Sequence[str]) -> Column:
    """Return all columns but the key's as one that can be compared: maps cannot be."""
    return F.struct(*[
        F.to_json(name).alias(name) if kind.startswith("map") else F.col(name)
        for name, kind in rows.dtypes
        if name not in key
    ])  # fmt: skip
