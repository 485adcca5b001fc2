"""datatrove in an environment of its own, to be measured beside us: its dependencies clash with ours."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".tools" / "datatrove"
WANTED = ("datatrove[processing]==0.10.1", "spacy>=3.8,<3.9")


def python() -> Path:
    """Return the environment's Python; the first call installs it (some 500 MB, from the package registry)."""
    ready = HOME / ".ready"
    if not ready.exists() or ready.read_text() != " ".join(WANTED):
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        subprocess.run([HOME / "bin" / "python", "-m", "pip", "install", "--quiet", *WANTED], check=True)
        ready.write_text(" ".join(WANTED))
    return HOME / "bin" / "python"


def answer(script: str, *lists: Sequence[str]) -> Any:
    """Run a script of this folder with it, on one thread, and a file for each list of texts; return what it says."""
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{n}.jsonl" for n in range(len(lists))]
        for file, texts in zip(files, lists, strict=True):
            file.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
        done = subprocess.run(
            [python(), HERE / script, *files], check=True, stdout=subprocess.PIPE, env={**os.environ, **one}
        )
    return json.loads(done.stdout)
