"""Wording: whether a question is one well-formed question, in the language of its passage."""

import re

from udfs.languages import differ
from udfs.phrases import words

MIN_WORDS = 3  # fewer name no subject
MAX_QUESTION = 600  # characters; a longer one carries the passage along

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^“”]*[“”]|`[^`]*`|\$[^$]*\$|(?<!\w)['‘][^'’]*['’](?!\w)")
_MARK = re.compile(r"[?？؟\u037e՞](?=[\s\"'”’»)\]?!]|$)")
_ANY_MARK = re.compile(r"[?？؟\u037e՞]|か。|[\u0370-\u03ff]\s*;")
_BLANK = re.compile(r"_{2,}|\\_\\_|\[blank\]|\(\s*\)|…\s*$|\.{3}\s*$", re.I)
_ORDER = re.compile(
    r"(?:^|[.,;:!]\s+|\$\s+|\bplease\s+)(?:name|compute|find|give|list|state|determine|evaluate|calculate|identify|"
    r"solve|simplify|express|write|prove|show|describe|explain|define|choose|select|complete|factor|expand|"
    r"differentiate|integrate|convert|estimate|derive|specify|provide|mention|translate|fill|prove|sketch|"
    r"nenne|berechne|bestimme|citez|nommez|calculez|nombra|calcula|indica)\b",
    re.I,
)
_STOP = re.compile(r"[.!。:$)\]}]\s*$")
_TEMPLATE = re.compile(
    r"\ufffd|<\|?\w+\|?>\s*$|\[(?:INSERT|NAME|YEAR|DATE|TOPIC|PERSONA|QUESTION|ANSWER)\b[^\]]*\]|\{\{?\s*\w+\s*\}?\}\s*\?|"
    r"^\s*(?i:question|answer|q)\s*\d*\s*[:.)]\s|\bTODO\b|^\s*[{\[]\s*\""
)
_AUX = r"(?:did|does|do|is|are|was|were|has|have|had|can|will|would)"
_SECOND = re.compile(
    rf"[,\w]\s+and\s+(?P<wh>who|what|when|where|why|(?:in\s+)?which|how(?:\s+(?:many|much|long|old|far|often))?)\s+"
    rf"(?:\w+\s+){{0,3}}?{_AUX}\s+(?!and\b)\w+",
    re.I,
)
# An article with no noun. "A" may be a letter of algebra ("a to the power b"), and many a keyword or sign is named by
# a small word ("the with statement", "the at sign"); what is in quotes is not looked at.
_TORN = re.compile(
    r"(?<![\w'’-])(?:the (?:of|to|by|from|with|was|the|an)|an (?:of|to|by|from|with|was|the|an)|a (?:an|the)|"
    r"(?:into|with|as|in|on) a (?:to|of))(?=\s+(?!do\b|be\b|go\b|and\b|scale\b|the\b|\w\b|(?:key ?words?|"
    r"clauses?|statements?|operators?|signs?|methods?|parameters?|arguments?|fields?|addresse?s?|headers?|functions?|"
    r"prefixe?s?|attributes?|prepositions?|columns?|lines?|values?|tags?|blocks?|infinitives?)\b)[\w'’-])"
)


def malformed(question: str, passage: str = "", evidence: str = "") -> str | None:
    """Return what makes this anything but one question, blank to fill in or instruction of sensible length, in the
    language of passage or evidence; None where nothing does.
    """
    text = question.strip()
    if len(text) > MAX_QUESTION:
        return f"{len(question)} characters"
    if words(text) < MIN_WORDS:
        return f"{words(text)} words"
    template = _TEMPLATE.search(text)
    if template:
        return template.group().strip()
    return _not_one(text) or torn(text) or differ(_QUOTED.sub(" ", text), passage, evidence)


def torn(text: str) -> str | None:
    """Return an article that runs into another small word, as where a noun was lost: `into a to continuous one`."""
    found = _TORN.search(_QUOTED.sub(" x ", text))
    return found.group() if found else None


def _not_one(text: str) -> str | None:
    if not _ANY_MARK.search(text):
        return None if _BLANK.search(text) or (_ORDER.search(text) and _STOP.search(text)) else "no question mark"
    bare = _QUOTED.sub(" x ", text)
    pieces = _MARK.split(bare)
    asked = [part for part in pieces if words(part) >= MIN_WORDS]
    # What stands behind the last mark is a remark and no question.
    count = len(asked) - (words(pieces[-1]) >= MIN_WORDS)
    if count > 1:
        return f"{count} questions"
    second = _SECOND.search(bare)
    return second.group().strip(", ") if second and not _relative(bare, second) else None


def _relative(text: str, second: re.Match[str]) -> bool:
    """Tell whether the second `who` only goes on with a clause: `Which king, who lost Ulm and who was killed, …`."""
    return bool(re.search(rf"\w,?\s+{second['wh'].split()[0]}\b", text[: second.start("wh") - 4], re.I))
