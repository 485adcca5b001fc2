"""Bytes -> text: which encoding a page is in, and that it really is."""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from udfs.sources.found import Undecodable

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""(?:charset|encoding)\s*+=\s*+["']?+\s*+([A-Za-z0-9_.:-]{2,40})""", re.I)
_META_WITHIN = 4096  # browsers look at 1,024 bytes; pages with long heads declare later
_HEADER = re.compile(r"""charset\s*+=\s*+["']?+\s*+([A-Za-z0-9_.:-]{2,40})""", re.I)
# What these names mean on the web is a larger set than the standard of that name (encoding.spec.whatwg.org).
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc_kr": "cp949", "johab": "cp949", "utf-16": "utf-16-le",
}  # fmt: skip
_NOT_OF_THE_WEB = {"utf-7", "idna", "punycode", "unicode_escape", "raw-unicode-escape", "undefined"}
_GUESS_FROM = 1 << 14
_TELLING = 0.02  # of bytes beyond ASCII; fewer tell statistics nothing, and browsers take windows-1252 for granted
_MOSTLY = 10  # valid characters beyond ASCII per broken one that make a text UTF-8 with a blemish, whatever it declares
MAX_BROKEN = 0.001
"""Characters that cannot be decoded, of all: a stray byte in 1,000 leaves a page readable."""


def decode(data: bytes, content_type: str | None) -> str:
    """Return the text of a page: by its byte order mark, as UTF-8 where it is that, by the charset of its header, by
    that of its meta element or XML declaration, by statistics. Line ends become line feeds.

    UTF-8 goes before what is declared: other texts are hardly ever valid UTF-8, and declarations are often wrong.

    Raises:
        Undecodable: more than MAX_BROKEN of it cannot be decoded by what it says it is, nor by any guess.
    """
    return next(_readings(data, content_type)).replace("\r\n", "\n").replace("\r", "\n")


def _readings(data: bytes, content_type: str | None) -> Iterator[str]:
    """Yield what the text may be, the likeliest first."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            yield from _within([data[len(mark) :].decode(name, "replace")])
    declared = list(dict.fromkeys(_declared(data, content_type)))
    seven_bits = [n for n in declared if n.startswith("iso2022")]  # which is valid UTF-8 too
    yield from _strictly(data, [*seven_bits, "utf-8"])
    as_utf8 = data.decode("utf-8", "replace")
    broken, beyond = as_utf8.count("\ufffd"), sum(c > "\x7f" for c in as_utf8)
    if beyond > _MOSTLY * broken:
        yield from _within([as_utf8])
    yield from _strictly(data, declared)
    yield from _within(data.decode(name, "replace") for name in [*declared, *_guessed(data)])
    yield from _within([as_utf8])
    raise Undecodable(f"{broken} of {len(as_utf8)} characters are no UTF-8, nor {', '.join(declared) or 'any other'}")


def _strictly(data: bytes, names: list[str]) -> Iterator[str]:
    for name in names:
        with suppress(UnicodeDecodeError):
            yield data.decode(name)


def _within(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if text.count("\ufffd") <= MAX_BROKEN * len(text))


def _declared(data: bytes, content_type: str | None) -> Iterator[str]:
    named = [m[1] for m in [_HEADER.search(content_type or "")] if m]
    named += [m[1].decode("ascii") for m in [_META.search(data, 0, _META_WITHIN)] if m]
    for name in named:
        with suppress(LookupError):
            known = codecs.lookup(name.lower().removeprefix("x-")).name
            b"".decode(known)  # a LookupError too where Python knows the name for something else than a text
            if known not in _NOT_OF_THE_WEB:
                yield _MEANT.get(known, known)


def _guessed(data: bytes) -> Iterator[str]:
    from charset_normalizer import from_bytes

    sample = data[:_GUESS_FROM]
    if sum(b > 0x7F for b in sample) < _TELLING * len(sample):
        yield "cp1252"
    best = from_bytes(sample).best()
    if best is not None:
        yield best.encoding
