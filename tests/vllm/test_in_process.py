"""The pipeline with vLLM inside a Spark worker, on a CPU build, with a tiny model. See README.md beside it."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.errors import ConfigError
from tests.conftest import Bench

MAX_TOKENS = 300
STAGES = ("qualify", "classify", "generate", "check")
ENGINE = (
    "{{type='vllm', model='{model}', served_model_name='tiny', dtype='float32', max_model_len=16384, max_in_flight=32, "
    "options={{enforce_eager=true, block_size=32, kv_cache_memory_bytes=1073741824{more}}}}}"
)

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.slow,
    pytest.mark.skipif(not importlib.util.find_spec("vllm"), reason="no vLLM here; see tests/vllm/README.md"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model."""
    folder = tmp_path_factory.mktemp("model")
    subprocess.run([sys.executable, Path(__file__).parent / "tiny_model.py", folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def inside(bench: Bench, model: Path, text: Callable[[int], str]) -> Bench:
    """The bench with the model in its workers, six documents and one that ingest turns down."""
    stages = [f"stages.{s}.{k}={v}" for s in STAGES for k, v in (("temperature", 1.0), ("max_tokens", MAX_TOKENS))]
    bench.sets = [f"engines.default={ENGINE.format(model=model, more='')}", "max_passage_tokens=200", *stages]
    bench.write(*["\n\n".join(text(10 * i + j) for j in range(8)) for i in range(6)], "Too short.")
    return bench


def engines() -> int:
    """Return how many processes of this machine hold a model."""
    held = [p for p in Path("/proc").glob("[0-9]*") if int(p.name) != os.getpid() and "libtorch_cpu" in _maps(p)]
    return len(held)


def _maps(process: Path) -> str:
    try:
        return (process / "maps").read_text()
    except OSError:
        return ""


def test_every_row_is_accounted_for_and_one_process_holds_the_model(inside: Bench) -> None:
    before = engines()
    inside.run("slice_documents=2")  # several calling jobs, with other Python workers at work between them
    assert engines() - before == 1
    funnel = inside.conserved()
    assert not any(row["pending"] for row in funnel.values())
    assert (funnel["ingest"]["accepted"], funnel["ingest"]["rejected"]) == (6, 1)
    assert funnel["qualify"]["rows_in"] == len(inside.table("qualifications")) > 6
    assert funnel["generate"]["rows_in"] > 0
    for stage in ("qualify", "classify"):
        assert funnel[stage]["errors"] < funnel[stage]["rows_in"] / 2, stage

    attempts = inside.table("attempts")
    assert {a["error_type"] for a in attempts} <= {None, "invalid_answer", "length_stop"}
    for attempt in attempts:
        assert attempt["prompt_tokens"] > attempt["cached_tokens"] >= 0
        assert 0 < attempt["completion_tokens"] <= MAX_TOKENS
    assert sum(a["cached_tokens"] for a in attempts) > sum(a["prompt_tokens"] for a in attempts) / 2
    assert {c["model"] for c in inside.table("completions")} == {"tiny"}

    inside.run()
    assert len(inside.table("attempts")) == len(attempts), "a second run makes no call"


@pytest.mark.parametrize("runner", ["workers", "driver"])
@pytest.mark.filterwarnings("ignore")
def test_an_engine_that_does_not_start_stops_the_run_with_one_line(inside: Bench, model: Path, runner: str) -> None:
    engine = ENGINE.format(model=model, more=", no_such_option=1")
    with pytest.raises(ConfigError, match=r"tiny does not start: options\.no_such_option: vLLM has no such argument"):
        inside.run(f"engines.default={engine}", f"runner='{runner}'")
    with pytest.raises(ConfigError, match=r"the model or base_url is unknown there: tiny: there is no folder /no/such"):
        inside.run(f"engines.default={ENGINE.format(model='/no/such', more='')}", f"runner='{runner}'")
    assert not inside.table("completions")


@pytest.mark.filterwarnings("ignore")
def test_a_prompt_too_long_for_the_model_is_an_error_of_its_row(inside: Bench, model: Path) -> None:
    engine = ENGINE.format(model=model, more="").replace("16384", "2048")
    inside.run(
        f"engines.default={engine}",
        "engines.default.layout='document_first'",
        "runner='driver'",
        "max_passage_tokens=2000",
    )
    attempts = inside.table("attempts")
    assert "context_length" in {a["error_type"] for a in attempts}
    assert {a["error_type"] for a in attempts} <= {None, "context_length", "invalid_answer", "length_stop"}
