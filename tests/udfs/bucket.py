"""A bucket on loopback: as much of the S3 protocol as pyarrow speaks to write, read, list and delete small objects."""

import io
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class Bucket:
    """`with Bucket() as bucket:`; `objects` is what it holds, `full` and `closed` make it refuse."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.full = self.closed = False  # takes nothing more; answers nothing at all
        self._parts: dict[str, dict[int, bytes]] = {}
        self._uploads = itertools.count()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead S3 clients here."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:  # noqa: PLR0911
        """Do what a request asks."""
        url = urlsplit(target)
        name = unquote(url.path).lstrip("/").partition("/")[2]
        query = {k: v[0] for k, v in parse_qs(url.query, keep_blank_values=True).items()}
        if self.closed or (method in ("PUT", "POST") and self.full):
            return 403, f"{_HEAD}<Error><Code>QuotaExceeded</Code><Message>full</Message></Error>".encode()
        if method == "POST" and "uploads" in query:
            upload = f"u{next(self._uploads)}"
            self._parts[upload] = {}
            found = f"<Key>{escape(name)}</Key><UploadId>{upload}</UploadId>"
            return 200, self._xml("InitiateMultipartUploadResult", found)
        if method == "PUT" and "partNumber" in query:
            self._parts[query["uploadId"]][int(query["partNumber"])] = body
        elif method == "POST" and "uploadId" in query:
            parts = self._parts.pop(query["uploadId"])
            self.objects[name] = b"".join(parts[n] for n in sorted(parts))
            return 200, self._xml("CompleteMultipartUploadResult", f'<Key>{escape(name)}</Key><ETag>"e"</ETag>')
        elif method == "PUT":
            self.objects[name] = body
        elif method == "DELETE":
            self.objects.pop(name, None)
            return 204, b""
        elif not name:
            return 200, self._listed(query.get("prefix", ""))
        else:
            return (200, self.objects[name]) if name in self.objects else (404, b"")
        return 200, b""

    def _listed(self, prefix: str) -> bytes:
        found = [(n, d) for n, d in sorted(self.objects.items()) if n.startswith(prefix)]
        stamp = "<LastModified>2024-01-01T00:00:00.000Z</LastModified>"
        rows = "".join(f"<Contents><Key>{escape(n)}</Key><Size>{len(d)}</Size>{stamp}</Contents>" for n, d in found)
        return self._xml("ListBucketResult", f"<IsTruncated>false</IsTruncated><KeyCount>{len(found)}</KeyCount>{rows}")

    @staticmethod
    def _xml(name: str, inner: str) -> bytes:
        return f'{_HEAD}<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'.encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = _unchunked(self.rfile)
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                    body = _unchunked(io.BytesIO(body))
                status, data = bucket.answer(self.command, self.path, body)
                whole = len(data)
                span = self.headers.get("Range", "").removeprefix("bytes=").split("-")
                if status == 200 and len(span) == 2:
                    data, status = data[int(span[0]) : int(span[1]) + 1 if span[1] else None], 206
                self.send_response(status)
                self.send_header("ETag", '"e"')
                self.send_header("Content-Length", str(len(data)))
                if status == 206:
                    self.send_header("Content-Range", f"bytes {span[0]}-{span[1]}/{whole}")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _do  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _unchunked(body: BinaryIO) -> bytes:
    """Return the content of a chunked body; what trails it is read and left out."""
    out = b""
    while size := int(body.readline().split(b";")[0] or b"0", 16):
        out += body.read(size)
        body.readline()
    while body.readline().strip():
        pass
    return out
