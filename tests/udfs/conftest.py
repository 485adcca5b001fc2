"""Shared by the tests of what runs in the workers: an object store on loopback."""

from collections.abc import Iterator

import pytest

from .bucket import Bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket, to which the environment leads S3 clients."""
    with Bucket() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made
