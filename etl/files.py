"""What of a source a run has to read: its files as listed now against those read before, a table's versions likewise.

The listing at the start is a run's set of files; a file is marked as read only after its documents are committed, so
that a run that was killed reads it again and finds its documents unchanged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from etl.config.sources import GIVEN, Source
from etl.errors import ConfigError
from etl.schema import TABLES
from etl.tables import Warehouse, others_version
from udfs.ingest import READING
from udfs.keys import canonical_json, key

LISTED = ("path", "size", "modified", "version", "settings")
# Such folders are read with all that is below them; a file's name says which document it is, so that `files` keeps a
# hash of it: what is forgotten is not kept there.
ONE_FILE_ONE_DOCUMENT = ("text", "html")


NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"


@dataclass(frozen=True)
class Unread:
    """What a run reads of one source."""

    source: Source
    files: DataFrame
    """The files to read: `location`, and LISTED."""
    gone: DataFrame
    """The path of files that are not there any more."""
    states: Mapping[str, int]
    """How many of all files are new, changed, the same or gone."""
    read_at: datetime | None = None
    """When the source was read last, by the clock of then."""
    since: int | None = None
    """The version of a Delta table that was read before: its change data feed says what happened since."""
    again: DataFrame | None = None
    """The files (`file`, as records name it) that hold what they held when they were read under other settings of the
    source (`read_at`), if any: a document first met then and not found again had its name by those. Of a table whose
    changes are followed, whenever it was met: what it no longer has is gone.
    """

    @property
    def whole(self) -> bool:
        """The files are all of a snapshot: a document that is in none of them is gone."""
        altered = self.states.get(CHANGED) or self.states.get(GONE) or self.source.format == "delta"
        return self.source.mode == "snapshot" and bool(altered)


def unread(warehouse: Warehouse, source: Source, mask: Sequence[str]) -> Unread | None:
    """Return what a run has to read of a source; None where nothing is new, which takes a listing and no reading.

    A file is new, changed in place, or was read with other settings of the source. A snapshot of which a file changed
    or is gone is read whole, since a document of that file may stand in another one too.

    Raises:
        ConfigError: there is no such path, or a snapshot's has no file.
    """
    settings = key("source", READING, canonical_json([source.model_dump(exclude={"name", "path"}), mask]))
    listed = warehouse.stage_copy(f"listed-{source.name}", _listed(warehouse, source, settings))
    known = warehouse.read("files").where(F.col("source") == source.name).select(*LISTED, "read_at")
    same = reduce(lambda a, b: a & b, [F.col(f"l.{n}").eqNullSafe(F.col(f"k.{n}")) for n in LISTED])
    state = (
        F.when(F.col("l.path").isNull(), GONE).when(F.col("k.path").isNull(), NEW).when(same, SAME).otherwise(CHANGED)
    )  # fmt: skip
    both = listed.alias("l").join(known.alias("k"), on=F.col("l.path") == F.col("k.path"), how="full_outer")
    before = F.when(F.col("l.settings") == F.col("k.settings"), F.col("k.version"))
    held = reduce(lambda a, b: a & b, [F.col(f"l.{n}").eqNullSafe(F.col(f"k.{n}")) for n in ("size", "modified")])
    still = (F.col("l.settings") != F.col("k.settings")) & held
    if source.format == "delta" and not source.changes:
        still = still & (F.col("l.version") == F.col("k.version"))
    compared = both.select(
        "l.*", F.col("k.path").alias("known"), "read_at", before.alias("since"), state.alias("state"),
        F.coalesce(still, F.lit(False)).alias("again"),
    )  # fmt: skip
    told = (
        F.count("*").alias("n"), F.max("since").alias("since"), F.max("read_at").alias("read_at"),
        F.count_if("again").alias("again"),
    )  # fmt: skip
    found = compared.groupBy("state").agg(*told).collect()
    states = {r["state"]: r["n"] for r in found}
    there = sum(states.get(s, 0) for s in (NEW, CHANGED, SAME))
    if source.mode == "snapshot" and not there:
        raise ConfigError(
            f"sources.{source.name}.path: no file at {source.path}; as a snapshot that would remove all its documents; "
            "mend the path, or take the source out of the configuration"
        )
    vanished = source.mode == "snapshot" and states.get(GONE)
    if not states.get(NEW) and not states.get(CHANGED) and not vanished:
        return None
    gone = compared.where(F.col("state") == GONE).select(F.col("known").alias("path"))
    since = max((r["since"] for r in found if r["state"] == CHANGED and r["since"] is not None), default=None)
    read_at = max((r["read_at"].astimezone(UTC) for r in found if r["read_at"] is not None), default=None)
    given = source.name == GIVEN  # never takes away
    since_when = (F.lit(datetime.fromtimestamp(0, UTC)) if source.changes else F.col("read_at")).alias("read_at")
    again = compared.where("again").select("file", since_when) if any(r["again"] for r in found) and not given else None
    part = Unread(source, listed, gone, states, read_at, since if source.changes else None, again)
    if part.whole:
        return part
    return replace(part, files=compared.where(F.col("state").isin(NEW, CHANGED)).select("location", *LISTED))


def mark(warehouse: Warehouse, done: Iterable[Unread], run_id: str, at: datetime) -> None:
    """Write down that a run read these; files that a snapshot no longer has are forgotten."""
    for part in done:
        name = F.lit(part.source.name).alias("source")
        rows = part.files.select(name, *LISTED).withColumn("run_id", F.lit(run_id)).withColumn("read_at", F.lit(at))
        if part.whole or part.states.get(CHANGED):
            warehouse.replace("files", rows, part.gone.select(name, "path") if part.whole else None)
        else:
            warehouse.append("files", rows)


def note(warehouse: Warehouse, name: str, value: str, run_id: str) -> None:
    """Note that all documents are told by these settings: beside the files of the sources, under no source's name."""
    row = {"source": "", "path": name, "settings": value, "run_id": run_id}
    rows = warehouse.frame([row], TABLES["files"].ddl).withColumn("read_at", F.current_timestamp())
    write = warehouse.append if noted(warehouse, name) is None else warehouse.replace
    write("files", rows)


def noted(warehouse: Warehouse, name: str) -> str | None:
    """Return what was noted last under a name, None where nothing was."""
    found = warehouse.read("files").where((F.col("source") == "") & (F.col("path") == name)).select("settings").first()
    return str(found["settings"]) if found else None


def paths(part: Unread) -> list[str]:
    """Return the files to read as Spark's readers take them: they would read brackets and the like as a pattern."""
    escaped = str.maketrans({c: f"\\{c}" for c in "\\*?[]{}"})
    return [str(r["location"]).translate(escaped) for r in part.files.select("location").orderBy("location").collect()]


def version(part: Unread) -> int:
    """Return the version of a Delta table to read, or to read up to."""
    return int(part.files.select("version").collect()[0]["version"])


def _listed(warehouse: Warehouse, source: Source, settings: str) -> DataFrame:
    if source.format == "delta":
        newest = source.version if source.version is not None else _newest(warehouse, source)
        rows = warehouse.frame([{"path": source.path, "version": newest}], "path string, version long")
        listed = rows.selectExpr(
            "path AS location",
            "path AS file",
            "path",
            "CAST(NULL AS LONG) AS size",
            "CAST(NULL AS TIMESTAMP) AS modified",
            "version",
        )
    else:
        below = "true" if source.format in ONE_FILE_ONE_DOCUMENT else "false"
        reader = warehouse.spark.read.format("binaryFile").option("recursiveFileLookup", below)
        try:
            found = reader.load(source.path.splitlines())
        except AnalysisException as error:
            if "PATH_NOT_FOUND" in str(error.getCondition() or ""):
                raise ConfigError(f"sources.{source.name}.path: no file at {source.path}") from None
            raise ConfigError(f"sources.{source.name}.path: cannot be listed: {str(error).splitlines()[0]}") from None
        listed = found.select(
            F.col("path").alias("location"),
            F.col("_metadata.file_path").alias("file"),
            (F.sha2("path", 256) if source.format in ONE_FILE_ONE_DOCUMENT else F.col("path")).alias("path"),
            F.col("length").alias("size"),
            F.col("modificationTime").alias("modified"),
            F.lit(None).cast("long").alias("version"),
        )
    return listed.withColumn("settings", F.lit(settings)).select("location", "file", *LISTED).dropDuplicates(["path"])


def _newest(warehouse: Warehouse, source: Source) -> int:
    try:
        return others_version(warehouse.spark, source.path)
    except AnalysisException as error:
        raise ConfigError(f"sources.{source.name}.path: no Delta table: {str(error).splitlines()[0]}") from None
