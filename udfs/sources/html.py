"""An HTML page -> its main text with headings, lists, tables, code and formulas, and what the page says of itself."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.etree import Element, ParserError
from lxml.html import HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from udfs.sources.charset import decode
from udfs.sources.found import Undecodable
from udfs.sources.inline import write_inline
from udfs.sources.markdown import markdown, whole_body
from udfs.text import clean, fold_space

MAX_ELEMENTS = 10_000
"""Pages with more (of 110 real ones none) are taken whole but for their frame: to tell main text from the rest takes
time that grows with the square, 4 s at 5,000 elements in the worst case found.
"""
_SMALL = 100_000  # characters; a smaller page has too few attributes to take longer than 3 s
_MAX_ATTRIBUTES = 1000
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_TAG = re.compile(r"<[a-zA-Z]")
_EXTRACTOR = Extractor(output_format="xml", comments=False, tables=True, formatting=True)
_REFRESH = re.compile(r"^\s*+\d*+\s*+;?+\s*+url\s*+=\s*+['\"]?+([^'\"\s]++)", re.I)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})\b")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs every page without text


def page(body: bytes, headers: Mapping[str, str]) -> dict[str, str | None]:
    """Return the fields of a page: text, title, language, license, robots, and `redirect` where it only sends on.

    `headers` are those of its response, by lower-case name; none for a file.

    Raises:
        Undecodable: its encoding cannot be made out.
    """
    tree = _parsed(clean(decode(body, headers.get("content-type"))))
    if tree is None:
        return {"text": ""}
    fields = {**_about(tree), "robots": _robots(tree, headers)}
    heading = _heading(tree)
    write_inline(tree)
    text = markdown(_body(tree)).replace("\u00ad", "")  # hyphens for a narrow column break words in two
    # a headline that the title does not have is the site's name
    if (
        heading
        and heading.casefold() in (fields["title"] or "").casefold()
        and text
        and heading not in fold_space(text[: 2 * len(heading) + 400])
    ):
        text = f"# {heading}\n\n{text}"
    return {**fields, "text": text}


def _parsed(text: str) -> Any:
    """Return the page as a tree, or None where there is nothing to parse.

    Raises:
        Undecodable: a tag has so many attributes that parsing it would take minutes.
    """
    if len(text) > _SMALL and (many := _most_attributes(text)) > _MAX_ATTRIBUTES:
        raise Undecodable(f"a tag with {many} attributes")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(text.encode("utf-8"), parser=parser)
    except ParserError:
        return None


def _most_attributes(text: str) -> int:
    """Return how many words the longest tag has, about."""
    tags = (tag for piece in _QUOTED.sub("=", text).split(">") if (tag := _TAG.search(piece)))
    return max((len(tag.string[tag.start() :].split()) for tag in tags), default=0)


def _body(tree: Any) -> Any:
    """Return the main text as a tree of the elements that `markdown` knows."""
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return whole_body(tree)
    try:
        document = bare_extraction(tree, options=_EXTRACTOR)
    except Exception:  # noqa: BLE001  whatever a page does to the library, it is one page
        return whole_body(tree)
    return document.body if document is not None else Element("body")  # type: ignore[union-attr]


def _about(tree: Any) -> dict[str, str | None]:
    """Return title, language, licence and target of a redirect, as the page gives them."""
    refresh = _REFRESH.match(_meta(tree, "http-equiv", "refresh") or "")
    language = _LANGUAGE.match(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    title = _meta(tree, "property", "og:title") or " ".join(t.text_content() for t in tree.xpath("//head/title[1]"))
    licenses = tree.xpath("//*[self::a or self::link][contains(concat(' ', @rel, ' '), ' license ')]/@href")
    return {
        "title": title.strip() or _heading(tree), "language": language[1].lower() if language else None,
        "license": licenses[0] if licenses else None, "redirect": refresh[1] if refresh else None,
    }  # fmt: skip


def _meta(tree: Any, attribute: str, name: str) -> str | None:
    """Return the content of the first meta element of a name."""
    return next(_metas(tree, attribute, name), None)


def _metas(tree: Any, attribute: str, name: str) -> Iterator[str]:
    for meta in tree.iter("meta"):
        if (meta.get(attribute) or "").strip().lower() == name and meta.get("content"):
            yield meta.get("content")


def _robots(tree: Any, headers: Mapping[str, str]) -> str | None:
    """Return what page and response forbid robots, in lower case, sorted: `noai, noindex`."""
    said = [*_metas(tree, "name", "robots"), headers.get("x-robots-tag", "")]
    wishes = {w.strip().lower() for part in said for w in part.split(",")}
    return ", ".join(sorted(w for w in wishes if w.startswith("no"))) or None


def _heading(tree: Any) -> str | None:
    """Return the page's own headline, where it has one alone."""
    headings = [fold_space(h.text_content()) for h in tree.iter("h1")]
    return headings[0] if len(headings) == 1 else None
