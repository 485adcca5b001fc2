"""Keys and hashes: everything that identifies a document, a text, a call or a pair."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from udfs.text import fold_space

RENDERER = "1"  # bumped by hand when `udfs.messages` renders the same inputs differently

_TRACKING = re.compile(r"^(utm_\w+|gclid|fbclid|msclkid|dclid|yclid|mc_cid|mc_eid|igshid|_ga|ref_src)$", re.I)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def key(*parts: str) -> str:
    """Return the first 32 hex digits of the SHA-256 over the length-prefixed UTF-8 parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:32]


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no spaces, so that equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    """Return the hash of the text in NFC with white space folded."""
    return key(fold_space(unicodedata.normalize("NFC", text)))


def canonical_url(url: str) -> str | None:
    """Return the URL with scheme and host in lower case, and without default port, fragment and tracking
    parameters; None where it is no absolute URL.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not parts.scheme or not host:
        return None
    scheme = parts.scheme.lower()
    explicit = f":{port}" if port is not None and str(port) != _DEFAULT_PORTS.get(scheme) else ""
    pairs = parts.query.split("&") if parts.query else []
    kept = [p for p in pairs if not _TRACKING.match((parse_qsl(p, keep_blank_values=True) or [("", "")])[0][0])]
    login = parts.netloc.rpartition("@")[0]
    netloc = (f"{login}@" if login else "") + (f"[{host}]" if ":" in host else host) + explicit
    return urlunsplit((scheme, netloc, parts.path, "&".join(kept), ""))


def doc_id(source: str, url: str | None, source_id: str | None, text_hash: str) -> str:
    """Identify a document: by its canonical URL, else by source and source id, else by source and content."""
    named = named_id(source, url, source_id)
    return key("content", source, text_hash) if named is None else named


def named_id(source: str, url: str | None, source_id: str | None) -> str | None:
    """Return the doc_id of what has an address or an id; None for what has neither, and is known by its content."""
    return address_id(url) or (key("id", source, source_id) if source_id else None)


def address_id(url: str | None) -> str | None:
    """Return the doc_id of what stands at an address, in whichever source; None where that is no absolute URL."""
    address = canonical_url(url) if url else None
    return key("url", address) if address else None


def prompt_sha(template: str, few_shots: str, system: str, schema: Mapping[str, Any]) -> str:
    """Identify a prompt: its template, few-shots, system rules and answer schema."""
    return key("prompt", template, few_shots, system, canonical_json(schema))


def call_key(stage: str, asked: Mapping[str, Any], sample: int, inputs: Mapping[str, Any]) -> str:
    """Identify a model call by all that can change its answer, and by nothing else.

    `asked` is the constant part of stage and sample (see `udfs.spec.CallSpec.identity`): prompt_sha, model, revision,
    sampling parameters, extra body fields. `inputs` are the variable fields that reach the prompt.
    """
    return key("call", stage, canonical_json(asked), str(sample), RENDERER, canonical_json(inputs))


def passage_key(title: str | None, passage: str) -> str:
    """Identify what all calls about a passage show: its title and text."""
    return key("passage", title or "", passage)


def normal(text: str) -> str:
    """Return a question or answer in the normal form that decides whether two are equal: NFKC, case folded, one
    space between words, no closing punctuation.
    """
    return fold_space(unicodedata.normalize("NFKC", text)).casefold().rstrip(" ?!.")


def qa_id(document: str, question: str, answer: str) -> str:
    """Identify a pair; an edit elsewhere in the page, or a second persona with the same pair, keeps it."""
    return key("qa", document, normal(question), normal(answer))
