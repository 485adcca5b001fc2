"""Starts the loopback server for a test, switches its behaviour and reads its counters and log."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).resolve().parents[2]
_WAIT_S = 30.0


class Endpoint:
    """A running server: `with Endpoint() as endpoint:`. It dies with the process that holds this object."""

    def __init__(self, log: Path | str | None = None, port: int = 0, **settings: Any) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="endpoint-") if log is None else None
        self.log_path = Path(self._own.name if self._own else "", log or "log.jsonl").resolve()
        self.port = port
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._log_from = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._own:
            self._own.cleanup()

    @property
    def url(self) -> str:
        """The base URL that clients take, with `/v1`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start the process; after `kill`, again on the same port and with the same log."""
        command = [sys.executable, "-m", "tests.endpoint.server"]
        command += ["--port", str(self.port), "--log", str(self.log_path)]
        if self._settings:
            script = self.log_path.with_suffix(".script")
            script.write_text(json.dumps(self._settings), "utf-8")
            command += ["--script", str(script)]
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout
        ready = self._process.stdout.readline().split()
        if ready[:1] != ["READY"]:
            self.kill()
            raise RuntimeError("the endpoint did not start; its reason stands on standard error")
        self.port = int(ready[1])

    def kill(self) -> None:
        """End the process at once (SIGKILL); a second time does nothing."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(_WAIT_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None

    def control(self, **settings: Any) -> dict[str, Any]:
        """Change the settings named, the others stay; return the counters."""
        return self._call(settings)

    def reset(self) -> None:
        """Put settings and counters back; `log` then starts after what it holds now."""
        self._log_from = os.path.getsize(self.log_path)
        self._call({"reset": True, **self._settings})

    def counters(self) -> dict[str, Any]:
        """Return the counters."""
        return self._call(None)

    def in_flight(self) -> int:
        """Return how many chat requests wait for their answer now."""
        return int(self.counters()["in_flight"])

    def log(self) -> list[dict[str, Any]]:
        """Return the events since the start or the last reset; works after `kill` too."""
        return list(self.events())

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what `log` returns, one by one."""
        with self.log_path.open("rb") as lines:
            lines.seek(self._log_from)
            yield from (json.loads(line) for line in lines if line.endswith(b"\n"))

    def _call(self, settings: dict[str, Any] | None) -> dict[str, Any]:
        data = None if settings is None else json.dumps(settings).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control", data)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_WAIT_S) as response:
                counters: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error
        return counters
