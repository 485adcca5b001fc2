"""Word lists: read once from the package's data. Each is one line of words in `data/words.json`."""

import functools
import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


def load(name: str) -> Any:
    """Return one JSON file of the package's data."""
    return json.loads((_DATA / name).read_text(encoding="utf-8"))


@functools.cache
def _lists() -> dict[str, str]:
    lists: dict[str, str] = load("words.json")
    return lists


@functools.cache
def words(name: str) -> frozenset[str]:
    """Return one list of words as a set."""
    return frozenset(_lists()[name].split())


@functools.cache
def first_names() -> frozenset[str]:
    """Return first names of the 1990 United States census, without those that are mostly places or words."""
    names = (_DATA / "first_names.txt").read_text(encoding="utf-8").split()
    places = {name.lower() for name in words("countries")}
    return frozenset(name for name in names if len(name) > 2) - words("not_first_names") - places
