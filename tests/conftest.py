"""Shared by all tests: one Spark session, a fresh warehouse per test, a real endpoint on loopback."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from etl import configfile, pipeline
from etl.config import Config
from etl.session import open_session
from etl.tables import Warehouse
from etl.views import register
from tests.endpoint.client import Endpoint
from tests.udfs.bucket import Bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An object store's bucket, to which the environment leads S3 clients."""
    with Bucket() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The one local session of the test run."""
    settings = {
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC",
        # what Delta keeps of the tables that each test leaves fills the heap, and is collected again and again
        "spark.databricks.delta.delta.log.cacheSize": "64",
    }
    session = open_session(settings)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def _empty_warehouse(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with all tables and no row: creating twelve Delta tables takes seconds, copying them does not."""
    path = tmp_path_factory.mktemp("template") / "warehouse"
    Warehouse.of(spark, Config(warehouse=str(path))).create()
    return path


@pytest.fixture
def warehouse_path(_empty_warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a fresh warehouse of this test's own."""
    path = tmp_path / "warehouse"
    shutil.copytree(_empty_warehouse, path)
    return path


@pytest.fixture(scope="session")
def _endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(_endpoint: Endpoint) -> Endpoint:
    """A real HTTP endpoint that answers right, until told otherwise with `.control(...)`."""
    _endpoint.reset()
    return _endpoint


class Bench:
    """A warehouse, its documents and its configuration: what most pipeline tests do, in few words."""

    def __init__(self, spark: SparkSession, folder: Path, url: str) -> None:
        self.spark, self.folder, self.url = spark, folder, url
        self.documents = folder / "documents.jsonl"
        self.sets: list[str] = []

    def write(self, *texts: str | dict[str, Any]) -> None:
        """Write the source file: plain texts become documents d0, d1, …; dictionaries are records as they are."""
        rows = [
            t if isinstance(t, dict) else {"id": f"d{i}", "text": t, "title": f"Title {i}"} for i, t in enumerate(texts)
        ]
        self.documents.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")

    def config(self, *sets: str) -> Config:
        """Return the configuration, with overrides as on the command line."""
        engine = (
            f"engines.default={{type='openai', base_url='{self.url}', model='m', max_in_flight=8, timeout_s=10, "
            "max_attempts=2, price={input=1.0, output=2.0}}"
        )
        base = [f"warehouse='{self.folder / 'warehouse'}'", "tracking.uri=''", engine]
        source = [str(self.documents)] if self.documents.exists() else []
        alike = [f"quality.max_dup_{n}grams=1" for n in range(5, 11)]  # texts here are made from one template
        return configfile.load(None, [*base, *alike, *self.sets, *sets], source)

    def run(self, *sets: str, **options: Any) -> str:
        """Run the pipeline and check that every row in is accounted for, in the run's record too."""
        try:
            run_id = pipeline.run(self.spark, self.config(*sets), pipeline.Options(quiet=True, **options))
        finally:
            funnel = self.conserved(*sets)
        [row] = self.warehouse.read("runs").where(F.col("run_id") == run_id).collect()
        assert [told["stage"] for told in row["stages"]] == list(funnel)
        for told in (r.asDict() for r in row["stages"]):
            assert funnel[told["stage"]].items() <= told.items()
        return run_id

    def conserved(self, *sets: str) -> dict[str, dict[str, int]]:
        """Return the funnel; rows in = accepted + rejected + errors + pending, for each stage."""
        rows = {r["stage"]: r.asDict() for r in self.sql("SELECT * FROM funnel", *sets)}
        for row in rows.values():
            assert row["rows_in"] == row["accepted"] + row["rejected"] + row["errors"] + row["pending"], row
        return rows

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse's tables."""
        return Warehouse.of(self.spark, self.config())

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return a table's rows."""
        return [r.asDict(recursive=True) for r in self.warehouse.read(name).collect()]

    def sql(self, text: str, *sets: str) -> list[Any]:
        """Return the rows of a query over tables and views."""
        register(self.warehouse, self.config(*sets), text)
        return self.spark.sql(text).collect()


@pytest.fixture
def bench(spark: SparkSession, warehouse_path: Path, endpoint: Endpoint) -> Bench:
    """A fresh warehouse wired to the endpoint."""
    return Bench(spark, warehouse_path.parent, endpoint.url)


TEXT = (
    "The {name} bridge was opened on 12 March 19{n:02d} after four years of work led by the engineer Maria Keller. "
    "It is {length} metres long and carries two railway tracks over the river Orla. "
    "Its main arch was made of 1,{n:02d}4 tonnes of steel from the works at Dorn. "
    "A storm in 19{m:02d} damaged the eastern pier, and the repair took seven months. "
    "Since then the bridge has been inspected every three years by the regional office in Falkenau."
)


@pytest.fixture
def text() -> Callable[[int], str]:
    """A function that gives distinct documents of some 80 tokens with facts in them."""
    names = ("Adler", "Birke", "Corvo", "Distel", "Erle", "Falke", "Ginster", "Habicht", "Iltis", "Jasmin")
    return lambda i: TEXT.format(name=f"{names[i % 10]}-{i}", n=10 + i % 40, m=60 + i % 30, length=400 + 7 * i)
