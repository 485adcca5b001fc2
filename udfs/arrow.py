"""Arrow batches from plain rows: the shape comes from the same DDL that Spark is given."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_schema(ddl: str) -> "pa.Schema":
    """Return the Arrow schema of flat Spark DDL (`name type, …`), in the same order: mapInArrow goes by position."""
    import pyarrow as pa

    kinds = {
        "string": pa.string(), "int": pa.int32(), "long": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"), "array<string>": pa.list_(pa.string()),
        "map<string,string>": pa.map_(pa.string(), pa.string()),
        "map<string,double>": pa.map_(pa.string(), pa.float64()),
    }  # fmt: skip
    return pa.schema([(name, kinds[kind]) for name, kind in (c.split(" ") for c in ddl.split(", "))])


def batches(rows: Iterator[Mapping[str, Any]], ddl: str, size: int) -> "Iterator[pa.RecordBatch]":
    """Yield the rows in batches; what a row does not have is null."""
    import pyarrow as pa

    schema, chunk = arrow_schema(ddl), []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= size:
            yield pa.RecordBatch.from_pylist(chunk, schema=schema)
            chunk = []
    if chunk:
        yield pa.RecordBatch.from_pylist(chunk, schema=schema)
