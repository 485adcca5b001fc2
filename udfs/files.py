"""Files on a local file system or an object store, behind one door: small state (journal, lease, progress, secret), and
sources to be read.

A location is a plain path, `file:` or `dbfs:/` URI (local file system), or any URI pyarrow opens (s3, gs, abfss,
hdfs), written as Spark writes it: nothing in a name is percent-encoded. Local writes replace a file in one step;
object stores replace whole objects by nature.
"""

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

_HADOOP_SCHEMES = {"s3a": "s3", "s3n": "s3"}


def local(location: str) -> Path | None:
    """Return the local path of a location, or None where it is an object store's."""
    scheme, sign, rest = location.partition(":")
    if not sign or len(scheme) == 1:
        return Path(location)
    if scheme == "file":
        return Path("/" + rest.lstrip("/"))
    if scheme == "dbfs":  # volumes are mounted by their own name, the rest below /dbfs
        name = rest.lstrip("/")
        return Path("/" + name) if name.startswith("Volumes/") else Path("/dbfs/" + name)
    return None


def join(location: str, *names: str) -> str:
    """Return the location below a location."""
    return "/".join([location.rstrip("/"), *names])


def remote(location: str) -> tuple[Any, str]:
    """Return pyarrow's file system and the path in it."""
    from pyarrow.fs import FileSystem

    scheme, _, rest = location.partition(":")
    authority, slash, name = rest.removeprefix("//").partition("/")
    uri = f"{_HADOOP_SCHEMES.get(scheme, scheme)}://{authority}{slash}{quote(name)}"
    return FileSystem.from_uri(uri)  # type: ignore[no-any-return]


def read(location: str) -> bytes | None:
    """Return the content of a file, or None where there is none."""
    path = local(location)
    try:
        if path is not None:
            return path.read_bytes()
        system, name = remote(location)
        with system.open_input_stream(name) as stream:
            return bytes(stream.read())
    except FileNotFoundError:
        return None


def read_state(location: str) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one where there is no file, or no object in it."""
    try:
        found = json.loads(read(location) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write(location: str, data: bytes, mode: int = 0o600) -> None:
    """Write a file in one step: a reader sees the old content or the new, never a part."""
    path = local(location)
    if path is None:
        system, name = remote(location)
        with system.open_output_stream(name) as stream:
            stream.write(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    beside.touch(mode)
    beside.write_bytes(data)
    beside.replace(path)


def listing(location: str) -> list[str]:
    """Return the locations of all files below a folder, in order; none where there is no such folder."""
    path = local(location)
    if path is not None:
        found = (p for p in path.rglob("*") if p.is_file() and not p.name.endswith(".tmp"))
        return sorted(join(location, *p.relative_to(path).parts) for p in found)
    from pyarrow.fs import FileSelector, FileType

    system, name = remote(location)
    infos = system.get_file_info(FileSelector(name, allow_not_found=True, recursive=True))
    return sorted(join(location, i.path[len(name) :].strip("/")) for i in infos if i.type == FileType.File)


def size(location: str) -> int:
    """Return how many bytes a file has; 0 where there is none."""
    path = local(location)
    if path is not None:
        return path.stat().st_size if path.exists() else 0
    system, name = remote(location)
    return int(system.get_file_info(name).size or 0)


def rename(location: str, other: str) -> None:
    """Give a local file another name; an object keeps its own, since it does not change once it is written."""
    path, beside = local(location), local(other)
    if path is not None and beside is not None:
        path.rename(beside)


def remove(location: str) -> None:
    """Remove a file or a folder with all in it; no error where there is none."""
    path = local(location)
    if path is not None:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
        return
    from pyarrow.fs import FileType

    system, name = remote(location)
    kind = system.get_file_info(name).type
    if kind == FileType.Directory:
        system.delete_dir(name)
    elif kind == FileType.File:
        system.delete_file(name)


def stream(location: str) -> BinaryIO:
    """Open a file to be read piece by piece, whatever its size.

    Raises:
        FileNotFoundError: there is none.
    """
    path = local(location)
    if path is not None:
        return path.open("rb")
    system, name = remote(location)
    return cast(BinaryIO, system.open_input_file(name))


def below(location: str, folders: Sequence[str]) -> str:
    """Return a file's name below the first of the folders that holds it; its own name where it is given itself."""
    name = _plain(location)
    for folder in map(_plain, folders):
        if name == folder:
            return name.rpartition("/")[2]
        if name.startswith(f"{folder}/"):
            return name[len(folder) + 1 :]
    return name


def _plain(location: str) -> str:
    path = local(location)
    return (str(path.absolute()) if path is not None else location).rstrip("/")
