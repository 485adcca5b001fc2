"""Where nothing has changed since a run that left nothing to do, there is nothing to do, nor to count: told without
reading a row.
"""

import json
from collections.abc import Callable
from typing import Any

from etl.config import Config
from etl.tables import Warehouse
from udfs import files
from udfs.keys import canonical_json, key
from udfs.spec import CallSpec

# no stage's input or result depends on these alone, nor does the funnel
OUTSIDE = frozenset({"prompts", "completions", "attempts", "runs", "audits"})


def is_complete(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> bool:
    """Return whether tables and settings are what the last complete run left."""
    return files.read_state(_place(warehouse)).get("state") == _state(warehouse, config, specs)


def mark_complete(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> None:
    """Say that every stage has all its rows, with no error that a later run tries again, and `qa` is published."""
    _note(warehouse, {"state": _state(warehouse, config, specs)})


def counted(
    warehouse: Warehouse,
    config: Config,
    specs: dict[str, CallSpec],
    definition: str,
    count: Callable[[], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return what `count` finds in the tables as they are (rows that JSON can hold). Where the warehouse is complete
    it is asked once, and again only for another `definition` of what to count.
    """
    noted = files.read_state(_place(warehouse))
    if "state" not in noted or noted["state"] != _state(warehouse, config, specs):
        return count()
    if noted.get("definition") != definition:
        noted |= {"definition": definition, "counts": count()}
        _note(warehouse, noted)
    return list(noted["counts"])


def _note(warehouse: Warehouse, noted: dict[str, Any]) -> None:
    warehouse.guard()  # now: what is noted was looked up while nobody else wrote
    files.write(_place(warehouse), json.dumps(noted).encode())


def _place(warehouse: Warehouse) -> str:
    return files.join(warehouse.root, "_complete.json")


def _state(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> dict[str, Any]:
    """Return the versions of the tables, and a digest of all settings: one that cannot matter costs a look, no more."""
    settings = config.model_dump(by_alias=True, mode="json", exclude={"spark", "tracking", "budget", "limits"})
    made = {name: spec.fingerprint for name, spec in specs.items()}
    versions = {name: n for name, n in warehouse.versions().items() if name not in OUTSIDE}
    return {"settings": key(canonical_json(settings), canonical_json(made)), **versions}
