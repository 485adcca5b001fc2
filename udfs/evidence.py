"""Evidence: where in the passage a span stands that a model copied, give or take typography."""

import functools
import re
import unicodedata

from udfs.phrases import NO_SPACES

MAX_LOOKS = 100  # places tried per search: a text of one letter only must not take quadratic time

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‵`´ʹʻʼˈ‹›＇", "'"),
        **dict.fromkeys("“”„‟″‶«»＂❝❞〝〞", '"'),
        **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-"),
    }
)
_PIECE = re.compile(r"[!-_a-~]+|\s+|.", re.S)  # plain, blank, other
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # asks for another glyph of the same character
_ADDED = " \"'.…"  # what a model sets around a quotation
_LETTERS = rf"(?:(?![{NO_SPACES}])[^\W_]|[\u0300-\u036f])++"
# A word or a number; a dash before a number is a minus but for those of ranges and compounds.
_WHOLE = re.compile(rf"(?:(?<![^\s(\[])(?<!\d\s)[-−–](?=\d))?{_LETTERS}(?:(?<=\d)[.,](?=\d){_LETTERS})*+")

Folded = tuple[str, list[int], list[int]]


def find(evidence: str, passage: str) -> tuple[int, int] | None:
    """Return the code point offsets of the passage's slice that equals the evidence; None where none does.

    Exactly, or else after folding (see `_fold`): what one reader would call the same. Case counts.
    """
    wanted = evidence.strip()
    if not any(map(str.isalnum, wanted)):  # marks alone prove nothing
        return None
    start = passage.find(wanted)
    if start >= 0 and not _joined(passage[start + len(wanted) :]):
        return start, start + len(wanted)
    folded = _fold(wanted)[0].strip()
    return _find(folded, passage) or _find(folded.strip(_ADDED), passage)


def whole(found: tuple[int, int], passage: str) -> tuple[int, int]:
    """Return the offsets of the passage's slice with the word or number that each of its ends cuts through."""
    start, end = found
    for token in _WHOLE.finditer(passage):
        if token.start() >= end:
            break
        start = token.start() if token.start() < start < token.end() else start
        end = max(end, token.end())
    return start, end


def _find(wanted: str, passage: str) -> tuple[int, int] | None:
    text, starts, ends = _fold(passage)
    at = -1
    for _ in range(MAX_LOOKS if wanted else 0):
        at = text.find(wanted, at + 1)
        if at < 0:
            return None
        after = at + len(wanted)
        # A match may not begin or end within what one character folds to, nor between a letter and its accent.
        whole = after == len(text) or (starts[after] != starts[after - 1] and not _joined(text[after]))
        if whole and (at == 0 or starts[at - 1] != starts[at]):
            return starts[at], ends[after - 1]
    return None


def _joined(rest: str) -> bool:
    """Tell whether the text begins with a mark that belongs to the letter before it."""
    return bool(rest) and unicodedata.combining(rest[0]) > 0


@functools.lru_cache(maxsize=4)
def _fold(text: str) -> Folded:
    """Return the folded text, and for each of its characters where the piece it stems from starts and ends.

    Characters are taken apart (NFKD), so that composed and decomposed spellings, ligatures and wide forms are one;
    quotes and dashes become one; runs of white space become one space; format characters, such as zero-width spaces
    and soft hyphens, and variation selectors are dropped.
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _PIECE.finditer(text):
        piece, start, end = found.group(), found.start(), found.end()
        if "!" <= piece[0] <= "~" and piece.isascii() and piece != "`":
            out.extend(piece)
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            continue
        piece = _folded(piece)
        if not piece or (piece == " " and out and out[-1] == " "):
            continue
        out.extend(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    _order_marks(out, starts, ends)
    return "".join(out), starts, ends


def _folded(piece: str) -> str:
    if piece.isspace():
        return " "
    if unicodedata.category(piece[0]) == "Cf" or _VARIATION.match(piece):
        return ""
    plain = unicodedata.normalize("NFKD", piece.translate(_ALIKE))
    return " " if plain.isspace() else plain.translate(_ALIKE)


def _order_marks(out: list[str], starts: list[int], ends: list[int]) -> None:
    """Bring marks on one letter into their canonical order: é with a dot below is the same however it was typed."""
    at = 0
    while at < len(out):
        until = at
        while until < len(out) and not out[until].isascii() and unicodedata.combining(out[until]):
            until += 1
        if until - at > 1:
            out[at:until] = sorted(out[at:until], key=unicodedata.combining)
            starts[at:until] = [min(starts[at:until])] * (until - at)
            ends[at:until] = [max(ends[at:until])] * (until - at)
        at = until + 1
