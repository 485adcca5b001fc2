"""Engines in the tasks' own processes, without vLLM: their configuration, how many tasks hold one, their GPUs."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyspark
import pytest
from pyspark.sql import SparkSession

from etl import configfile
from etl.calls import check_gpus
from etl.config.engines import VLLMEngine
from etl.errors import ConfigError
from etl.session import own_workers
from etl.specs import call_specs, engine_spec, load_prompts
from tests.conftest import Bench

ROOT = Path(__file__).resolve().parents[2]


def engine(**keys: object) -> VLLMEngine:
    return VLLMEngine.model_validate({"type": "vllm", "model": "a/b", **keys})


def test_the_settings_are_vllms_arguments_and_the_identity_is_name_and_revision() -> None:
    plain = engine_spec(engine(revision="abc", tensor_parallel_size=2, options={"quantization": "fp8"}))
    assert json.loads(plain.settings) == {
        "model": "a/b", "revision": "abc", "tensor_parallel_size": 2, "dtype": "auto", "gpu_memory_utilization": 0.9,
        "quantization": "fp8",
    }  # fmt: skip
    assert (plain.model, plain.revision) == ("a/b", "abc")
    assert engine_spec(engine(served_model_name="mine")).model == "mine"
    made = [
        call_specs(config, load_prompts(config))["qualify"].identity(0)
        for config in (
            configfile.load(None, [f"engines.default={{type='vllm', model='a/b', {more}}}"])
            for more in ("max_in_flight=1", "replicas=3, layout='document_first', options={max_num_seqs=8}")
        )
    ]
    assert made[0] == made[1], "how a model is run pays no call again"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("options={tensor_parallel_size=2}", "options.tensor_parallel_size: is a key of the engine itself"),
        ("tensor_paralel_size=2", "tensor_paralel_size: unknown key; did you mean 'tensor_parallel_size'?"),
        ("gpu_memory_utilization=1.5", "engines.default.gpu_memory_utilization: "),
    ],
)
def test_a_mistake_is_named_with_its_key(keys: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configfile.load(None, [f"engines.default={{type='vllm', model='a/b', {keys}}}"])
    assert said in str(caught.value)


def test_the_driver_holds_one_engine() -> None:
    keys = ["engines.default={type='vllm', model='a/b', replicas=2}", "runner='driver'"]
    with pytest.raises(ConfigError, match=r"engines\.default\.replicas"):
        configfile.load(None, keys)


@pytest.mark.parametrize(
    ("replicas", "size", "each", "said"),
    [
        (2, 1, 0, "engines.big.replicas = 2: Spark gives its tasks no GPUs; set spark.task.resource.gpu.amount to 1"),
        (1, 2, 1, "engines.big.tensor_parallel_size = 2: Spark gives each task 1 GPUs"),
        (1, 1, 0.5, "engines.big.tensor_parallel_size = 1: Spark gives each task 0.5 GPUs"),
        (1, 4, 0, ""),
        (8, 2, 2, ""),
    ],
)
def test_engines_never_share_a_gpu(replicas: int, size: int, each: float, said: str) -> None:
    made = engine(replicas=replicas, tensor_parallel_size=size)
    if not said:
        check_gpus("big", made, each)
        return
    with pytest.raises(ConfigError) as caught:
        check_gpus("big", made, each)
    assert said in str(caught.value)


def test_without_vllm_the_run_stops_in_one_task_and_says_what_to_install(
    bench: Bench, text: Callable[[int], str]
) -> None:
    bench.write(*map(text, range(4)))
    bench.sets = ["engines.default={type='vllm', model='a/b'}"]
    with pytest.raises(ConfigError, match=r"stages\.qualify\.engine: a/b does not start: vLLM is not installed"):
        bench.run()
    assert not bench.table("completions")
    assert {a["error_type"] for a in bench.table("attempts")} == {"engine_start"}


def pids(spark: SparkSession) -> set[int]:
    """Return the Python workers that a job of two tasks at once ran in."""

    def who(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import time

        for frame in frames:
            time.sleep(0.5)
            yield pd.DataFrame({"pid": [os.getpid()] * len(frame)})

    return {row["pid"] for row in spark.range(0, 2, 1, 2).mapInPandas(who, "pid int").collect()}


def test_what_a_worker_of_its_own_holds_is_there_in_the_next_job_and_nowhere_else(spark: SparkSession) -> None:
    with own_workers(spark, "vllm"):
        own = pids(spark)
    others = pids(spark)
    with own_workers(spark, "vllm"):
        again = pids(spark)
    assert again == own
    assert not others & own


SCRIPT = """
import os, sys
from pyspark.sql import SparkSession
script, settings = sys.argv[1], {}
for who in ("worker", "executor"):
    settings |= {f"spark.{who}.resource.gpu.amount": "4", f"spark.{who}.resource.gpu.discoveryScript": script}
builder = SparkSession.builder.master("local-cluster[1,4,2048]").config("spark.ui.enabled", "false")
for key, value in (settings | {"spark.executor.memory": "1g", "spark.task.resource.gpu.amount": "2"}).items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()

def seen(frames):
    import time
    import pandas as pd
    from udfs.runner import _take_gpus
    for frame in frames:
        _take_gpus()
        time.sleep(3)
        yield pd.DataFrame({"gpus": [os.environ["CUDA_VISIBLE_DEVICES"]] * len(frame)})

rows = spark.range(0, 2, 1, 2).mapInPandas(seen, "gpus string").collect()
print("SEEN", *sorted(r.gpus for r in rows))
spark.stop()
"""


@pytest.mark.slow
def test_each_task_sees_the_gpus_that_spark_gave_it(tmp_path: Path) -> None:
    found = tmp_path / "gpus.sh"
    found.write_text("""#!/bin/sh\necho '{"name": "gpu", "addresses": ["4", "5", "6", "7"]}'\n""")
    found.chmod(0o755)
    env = {**os.environ, "SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable,
           "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}  # fmt: skip
    command = [sys.executable, "-c", SCRIPT, found]
    made = subprocess.run(command, check=False, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "SEEN 4,5 6,7" in made.stdout, made.stderr[-2000:]
