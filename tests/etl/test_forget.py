"""Forget: nothing of a page is found in any byte of the warehouse, what others share stays, and it never returns."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.errors import ConfigError
from etl.forget import Target, forget, target
from etl.ingest import ingest
from etl.schema import TABLES
from etl.tables import Warehouse
from tests.conftest import Bench
from udfs.keys import doc_id
from udfs.suppress import digest

HOST = "geheim-host.example"
SECRET = (
    "The Quastenflosser archive of Zaunkoenig was opened on 3 May 1931 by the historian Wendeline Ypsilanti. "
    "It holds exactly 918,273,645 glass plates about the Quastenflosser, kept in a cellar near Ypsilanti square. "
    "A flood in 1954 reached the Quastenflosser plates, and Wendeline Ypsilanti saved most of them by hand. "
    "Since then the Quastenflosser archive has been closed to visitors for eleven months of every year."
)
MARKERS = (HOST, "marker-path", "Zaunkoenig", "Quastenflosser", "Ypsilanti", "918,273,645", "918273645")


def found(root: Path, *wanted: str) -> set[tuple[str, str]]:
    """Return which of the strings stand in which files, looking into Parquet's compressed pages too."""
    hits = set()
    for path in root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".parquet":
                data += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
            low = data.lower()
            hits |= {(w, str(path.relative_to(root))) for w in wanted if w.lower().encode() in low}
    return hits


def test_a_host_is_gone_from_every_byte_and_what_others_share_stays(
    bench: Bench, text: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, shared, other = (f"https://{h}" for h in (f"{HOST}/marker-path", f"{HOST}/shared", "other.example/copy"))
    bench.write(
        {"url": page, "text": SECRET, "title": "Zaunkoenig"},
        {"url": shared, "text": text(1), "title": "A bridge"},
        {"url": other, "text": text(1), "title": "A bridge"},
        {"url": "https://other.example/b", "text": text(2), "title": "Another bridge"},
    )
    bench.run()
    root = bench.folder / "warehouse"
    pairs = [r for r in bench.table("candidates") if r["doc_id"] == doc_id("", page, None, "") and r["question"]]
    words = (*MARKERS, *{r["question"] for r in pairs}, *{r["evidence"] for r in pairs})
    assert {w for w, _ in found(root, *words)} == set(words), "every marker is there to be lost"
    copies = bench.sql(f"SELECT doc_id, status FROM documents WHERE url = '{other}'")
    assert [r["status"] for r in copies] == ["rejected"]

    for name in ("_staging/dead/x", "_progress/dead/y", "_journal/corrupt/z"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(SECRET)
    versions = bench.warehouse.versions()
    wanted = target(None, HOST.upper(), None)
    would = forget(bench.spark, bench.config(), wanted, dry_run=True)
    assert bench.warehouse.versions() == versions
    assert (would["documents"], would["texts"], would["completions"] > 2) == (2, 1, True)

    delete = Warehouse.delete

    def killed(self: Warehouse, name: str, keys: object) -> None:
        if name == "documents":
            raise KeyboardInterrupt
        delete(self, name, keys)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Warehouse, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            forget(bench.spark, bench.config(), wanted)
    gone = forget(bench.spark, bench.config(), wanted)
    assert gone == {name: 2 if name == "documents" else 0 for name in gone}
    assert set(gone) == {name for name, table in TABLES.items() if table.forget != "stays"}
    assert found(root, *words) == set()
    hidden = {doc_id("", url, None, "") for url in (page, shared)}
    assert {file.partition("/")[0] for _, file in found(root, *hidden)} <= {"documents"}
    kept = {r["cluster"] for r in bench.table("documents")} & hidden
    assert kept == {w for w, _ in found(root, *hidden)}, "as the name of a cluster alone, which decides the split"

    paid = len(bench.table("attempts"))
    bench.documents.touch()
    bench.run()
    assert found(root, *words) == set()
    rows = {r["url"]: (r["status"], r["reason"]) for r in bench.table("documents")}
    assert rows == {
        None: ("rejected", "suppressed"), other: ("active", None), "https://other.example/b": ("active", None),
    }  # fmt: skip
    assert len([r for r in bench.table("documents") if r["url"] is None]) == 2, "each counted once"
    assert len(bench.table("attempts")) == paid, "the copy took over what was paid for its text"
    assert {r["doc_id"] for r in bench.table("candidates")} >= {copies[0]["doc_id"]}


def test_by_address_the_copy_returns_and_a_new_page_of_the_host_is_no_match(
    bench: Bench, text: Callable[[int], str]
) -> None:
    """Forgetting does not need the page to be there: the next crawl is what it is kept out of."""
    url = "https://a.example/page"
    warehouse = replace(bench.warehouse, scratch="x")
    bench.write({"url": url, "text": text(0)}, {"url": url + "/2", "text": text(0)})
    assert ingest(warehouse, bench.config(), "run").new == 2
    gone = forget(bench.spark, bench.config(), target(url + "?utm_source=x#top", None, None))
    assert (gone["documents"], gone["texts"], gone["signatures"]) == (1, 0, 0)
    assert bench.spark.conf.get("spark.databricks.delta.retentionDurationCheck.enabled") == "true"
    assert [(r["url"], r["status"], r["reason"]) for r in bench.table("documents")] == [(url + "/2", "active", None)]
    bench.documents.touch()
    assert ingest(warehouse, bench.config(), "run").new == 1
    rows = {r["url"]: (r["status"], r["reason"]) for r in bench.table("documents")}
    assert rows == {None: ("rejected", "suppressed"), url + "/2": ("active", None)}
    assert len(bench.table("suppressions")) == 1
    assert not found(bench.folder / "warehouse" / "suppressions", "a.example", doc_id("", url, None, ""))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("page", None, None), "--url page: no absolute URL"),
        ((None, "https://a.example", None), "--host https://a.example: give the host alone"),
        ((None, None, "abc"), "--doc-id abc: a doc_id has 32 hex digits"),
    ],
)
def test_a_target_that_is_none_is_refused(given: tuple[str | None, ...], says: str) -> None:
    with pytest.raises(ConfigError, match="^" + says):
        target(*given)


def test_a_target_is_known_by_what_the_documents_have() -> None:
    url = "HTTPS://A.example:443/x?b=1&utm_source=q#f"
    assert target(url, None, None) == Target("doc_id", doc_id("", "https://a.example/x?b=1", None, ""))
    assert target(None, "A.Example", None) == Target("host", "a.example")
    assert digest(b"k", "host", "a") != digest(b"k", "doc_id", "a") != digest(b"l", "doc_id", "a")


def test_each_table_says_how_it_forgets() -> None:
    """A table of documents' rows has a doc_id to find them by; one that stays holds nothing of a document."""
    of_documents = ("doc_id ", "content_hash ", "url ", "title ", "evidence ")
    for table in TABLES.values():
        has = [c for c in of_documents if f" {c}" in f" {table.ddl}"]
        assert (table.forget == "stays") == (has == []), f"{table.name}: forget={table.forget}, but it has {has}"
        wanted = {"doc_id": "doc_id ", "content_hash": "content_hash ", "call_key": "doc_id ", "stays": ""}
        assert wanted[table.forget] in table.ddl
        assert table.forget != "doc_id" or set(table.key) & {"doc_id", "qa_id"}, "its key tells rows of documents apart"
