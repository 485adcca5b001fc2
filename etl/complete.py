"""Where nothing has changed since a run that left nothing to do, there is nothing to do: told without reading a row."""

import json

from etl.config import Config
from etl.tables import Warehouse
from udfs import files
from udfs.keys import canonical_json, key
from udfs.spec import CallSpec

# no stage's input or result depends on these alone
OUTSIDE = frozenset({"prompts", "completions", "attempts", "runs", "audits"})


def is_complete(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> bool:
    """Return whether tables and settings are what the last complete run left."""
    return files.read(_place(warehouse)) == _state(warehouse, config, specs)


def mark_complete(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> None:
    """Say that every stage has all its rows, with no error that a later run tries again, and `qa` is published."""
    files.write(_place(warehouse), _state(warehouse, config, specs))


def _place(warehouse: Warehouse) -> str:
    return files.join(warehouse.root, "_complete.json")


def _state(warehouse: Warehouse, config: Config, specs: dict[str, CallSpec]) -> bytes:
    """Return the versions of the tables, and a digest of all settings: one that cannot matter costs a look, no more."""
    settings = config.model_dump(by_alias=True, mode="json", exclude={"spark", "tracking", "budget", "limits"})
    made = {name: spec.fingerprint for name, spec in specs.items()}
    versions = {name: n for name, n in warehouse.versions().items() if name not in OUTSIDE}
    return json.dumps({"settings": key(canonical_json(settings), canonical_json(made)), **versions}).encode()
