"""Formula forms: an answer spelled as the true formula is, and whether it has the form that the question asks for."""

import re

from udfs.grading.syntax import NotAFormulaError, parse, plain
from udfs.grading.verdict import Asked

RELATION = re.compile(r"(\\(?:le|ge|ne|in|approx)(?![A-Za-z])|[=<>≈])")
_FACTOR = re.compile(r"\bfactor(?:i[sz]e|ed)?\b", re.I)
_VARIABLE_IS = re.compile(r"(?:\A|[\s$(])([a-z])\s*=\s*[-−\d][^=]*\Z")
_SOLVE = re.compile(r"\b(?:solve|solutions?|roots?|zeros?|equation|satisf\w+)\b", re.I)
_CONSTANT = re.compile(r"(?<=\+)\s*(?:c|k|K|const(?:ant)?)\.?\s*\Z")  # of integration, by any name
_OTHER_CONSTANT = re.compile(r"(?<![A-Za-z\\_])[KkA](?![A-Za-z(_])")
_DEGREE = re.compile(r"\\circ|°|\bdegrees?\b")
_CONVERTS = re.compile(
    r"\A\s*\$?\s*[\d.]+\s?(?:\^\s?\{?\s?\\circ\s?\}?|°|\\text\{\s*degrees?\s*\}|degrees?)\s?\$?\s*=\s*\$?(?=.*\S)"
)
_NATURAL = re.compile(r"\b(?:the )?natural log(?:arithm)?\b(?: of)?", re.I)
_NATURAL_TAIL = re.compile(
    r"(?<=[\w)}$])(?:,\s*|\s?\(|\s(?=i\.e|that|mean))(?:i\.e\.|that is|meaning|where log is)?,?\s*(?:the )?"
    r"natural log(?:arithm)?(?: of [^,;=]{1,20}?)?\)?\W{0,2}\Z",
    re.I,
)
_LOG = re.compile(r"\\?\blog(?=\s?[\d({]|\s?\\|\s[a-z]\b)(?!\s?_)")
_LOWER = re.compile(r"(?<![A-Za-z\\])c(?![A-Za-z]{2})")


def respelled(said: str, form: str) -> str:
    """Return the formula with the truth's names: y for y(x), C for any constant, no equals sign in front."""
    said = said.strip().lstrip("= ")
    named = re.match(r"\s*\$?([a-zA-Z])\s*=", form)
    if named:
        said = re.sub(rf"(?<![A-Za-z]){named[1]}\(\s*[a-z]\s*\)(?=\s*=)", named[1], said)  # y(x) = for y =
    if "C" in form and "c" not in form and "C" not in said:
        said = _LOWER.sub("C", said)
        if "C" not in said and not _OTHER_CONSTANT.search(form):
            said = _OTHER_CONSTANT.sub("C", said, count=1)
    if re.search(r"\+\s*C\W*\Z", form):
        said = _CONSTANT.sub(" C", said.rstrip(" .$"))
    return said


def stripped(said: str, asked: Asked) -> str:
    """Return a formula without the degrees that it converts, and with its logarithms as it says they are meant."""
    if not any(_DEGREE.search(form) for form in asked.forms):
        said = _CONVERTS.sub("", said)
    if _NATURAL.search(said):
        said = _NATURAL_TAIL.sub("", said).strip() or said
        said = _NATURAL.sub(r"\\ln ", _LOG.sub(r"\\ln", said))
    return said


def amiss(said: str, asked: Asked) -> str:
    """Return why a formula of the true value is not what is asked: of a variable, not factored; else nothing."""
    if _of_variable(said, asked):
        return "another_quantity"
    return "not_factored" if _FACTOR.search(asked.question) and _is_sum(said) else ""


def _of_variable(said: str, asked: Asked) -> bool:
    """Tell whether a formula gives a variable of the question where a value is asked: the minimum is at x = 2."""
    named = _VARIABLE_IS.search(said)
    if not named or any("=" in form for form in asked.forms):
        return False
    letter = re.escape(named[1])
    stands = re.search(rf"(?<![A-Za-z\\]){letter}(?=\^|²|³|\s?[-+*/)]|\))", asked.question)
    wanted = re.search(
        rf"(?:\b(?:find|for|of|is|what|determine)\s\$?|\A){letter}\b(?!\^|\s?[-+*/^])", asked.question, re.I
    )
    return bool(stands) and not wanted and not _SOLVE.search(asked.question)


def _is_sum(said: str) -> bool:
    """Tell whether a formula is a sum, which is no factored form."""
    try:
        return parse(RELATION.split(plain(said))[-1]).op in ("+", "-")
    except NotAFormulaError:
        return False
