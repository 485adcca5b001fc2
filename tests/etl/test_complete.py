"""What is noted of a complete warehouse: until anything changes there is nothing to do, nor to count."""

from pathlib import Path
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from etl.complete import counted, is_complete, mark_complete
from etl.config import Config
from etl.tables import Warehouse


def test_a_complete_warehouse_is_counted_once(tmp_path: Path) -> None:
    config = Config(warehouse=str(tmp_path))
    warehouse = Warehouse.of(cast("SparkSession", None), config)
    asked = 0

    def count() -> list[dict[str, Any]]:
        nonlocal asked
        asked += 1
        return [{"stage": "qualify", "accepted": asked}]

    def told(definition: str = "a view") -> int:
        [row] = counted(warehouse, config, {}, definition, count)
        return int(row["accepted"])

    assert [told(), told()] == [1, 2]
    mark_complete(warehouse, config, {})
    assert [told(), told(), told("the view mended"), told("the view mended")] == [3, 3, 4, 4]
    assert is_complete(warehouse, config, {})

    (tmp_path / "documents" / "_delta_log").mkdir(parents=True)
    (tmp_path / "documents" / "_delta_log" / "00000000000000000000.json").touch()
    assert not is_complete(warehouse, config, {})
    assert [told(), told()] == [5, 6]


@pytest.mark.parametrize("found", ["", "[]", '{"state": {"settings": "', '{"settings": "a former release\'s"}'])
def test_a_note_that_says_nothing_is_none(tmp_path: Path, found: str) -> None:
    config = Config(warehouse=str(tmp_path))
    warehouse = Warehouse.of(cast("SparkSession", None), config)
    (tmp_path / "_complete.json").write_text(found)
    assert not is_complete(warehouse, config, {})
    assert counted(warehouse, config, {}, "a view", lambda: [{"stage": "qualify"}]) == [{"stage": "qualify"}]
    mark_complete(warehouse, config, {})
    assert is_complete(warehouse, config, {})


def test_nothing_is_noted_by_a_run_that_lost_the_warehouse(tmp_path: Path) -> None:
    def lost() -> None:
        raise RuntimeError("taken over")

    config = Config(warehouse=str(tmp_path))
    warehouse = Warehouse(cast("SparkSession", None), str(tmp_path), str(tmp_path / "_journal"), guard=lost)
    with pytest.raises(RuntimeError):
        mark_complete(warehouse, config, {})
    assert not is_complete(warehouse, config, {})
