"""Progress: from inside and outside a run, what is done, in flight, spent and failed adds up over the workers."""

import json
import threading
import time
from pathlib import Path

import pytest

from etl.progress import Progress, under_way


def worker(folder: Path, stage: str, number: int, **counts: object) -> None:
    (folder / f"{stage}-{number}.json").write_text(json.dumps(counts))


def test_a_run_can_be_watched_from_outside_until_it_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.progress.LINE_S", 0.1)
    said = ""
    folder = tmp_path / "_progress" / "run1"
    assert under_way(str(tmp_path)) is None
    inside = Progress(str(folder), quiet=True)
    with inside.stages({"qualify": 40, "classify": None, "check": None}):
        place = under_way(str(tmp_path))
        assert place == str(folder)
        worker(folder, "qualify", 0, done=10, in_flight=3, cost_usd=0.25, requests=12, types={"timeout": 2},
               last_error="too slow")  # fmt: skip
        worker(
            folder, "qualify", 1, done=5, errors=1, cost_usd=0.5, requests=9, types={"timeout": 1, "server_error": 3}
        )
        worker(folder, "classify", 0, done=4, requests=4, prompt_tokens=100, completion_tokens=7)
        outside = threading.Thread(target=Progress(place).watch)
        outside.start()
        until = time.monotonic() + 30
        while "classify" not in said and time.monotonic() < until:
            said += capsys.readouterr().err
    outside.join(30)
    assert not outside.is_alive()
    first, second = said.strip().splitlines()[:2]
    assert "qualify: 15/40 calls, 1 failed, 3 in flight, 0+0 tokens, $0.7500" in first
    assert "3 timeout, 3 server_error; the last: too slow" in first
    assert "classify: 4 calls, 0 failed, 0 in flight, 100+7 tokens" in second
    assert "check" not in said
    assert under_way(str(tmp_path)) is None


def test_figures_of_an_earlier_slice_are_gone(tmp_path: Path) -> None:
    progress = Progress(str(tmp_path), quiet=True)
    worker(tmp_path, "qualify", 7, done=99)
    with progress.stages({"qualify": 1}) as [state]:
        worker(tmp_path, "qualify", 0, done=1)
    assert (state.tally.done, state.left) == (1, "done")
