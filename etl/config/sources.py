"""[[sources]]: where documents come from."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from etl.config.part import Part

GIVEN = "input"  # the source that --input stands for


class Columns(Part):
    """Which column or JSON key of the source holds what. `text` is required in the data, the others optional."""

    text: str = "text"
    url: str | None = "url"
    id: str | None = "id"
    title: str | None = "title"
    language: str | None = "language"
    license: str | None = "license"
    robots: str | None = "robots"
    fetched_at: str | None = "fetched_at"


class Source(Part):
    """One collection of documents."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    """Stands in the column `source`, and is part of what a document without a URL is known by."""
    path: str
    """File, folder or glob, as Spark sees it; of a Delta table its folder, or its name in the catalog."""
    format: Literal["jsonl", "parquet", "delta", "warc", "wet", "html", "text"] = "jsonl"
    """How the path is read; `html` and `text` are folders of files, with all below."""
    columns: Columns = Columns()
    """Of `jsonl`, `parquet` and `delta`: which of theirs is which of ours."""
    mode: Literal["append", "snapshot"] = "append"
    """`snapshot`: what the path holds is all there is; documents missing from it are removed."""
    version: Annotated[int, Field(ge=0)] | None = None
    """Delta only: read this version of the table, not its newest."""
    changes: bool = False
    """Delta only: once read, follow the table's change data feed; rows deleted there are removed."""

    @model_validator(mode="after")
    def _delta_only(self) -> "Source":
        if self.format != "delta" and (self.version is not None or self.changes):
            raise ValueError(f'sources.{self.name}: version and changes are for format = "delta"')
        if self.changes and (self.version is not None or self.mode == "snapshot"):
            raise ValueError(f"sources.{self.name}.changes: the feed says what is gone; leave out version and mode")
        return self
