"""Before the first call: whether anybody is there."""

import pytest

from etl.calls import reach
from etl.errors import ConfigError
from tests.udfs.making import spec

NOWHERE = spec(url="http://127.0.0.1:9/v1")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_where_nobody_answers_the_run_does_not_begin() -> None:
    with pytest.raises(
        ConfigError, match=r"^stages\.qualify\.engine: nobody answers at base_url http://127\.0\.0\.1:9"
    ):
        reach(NOWHERE)


@pytest.mark.parametrize("name", ["http_proxy", "ALL_PROXY"])
def test_what_is_reached_through_a_proxy_is_left_to_the_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:3128")
    reach(NOWHERE)
