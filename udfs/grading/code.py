"""Code: the code that an answer gives, in fences, in a sentence or alone, and whether it is the true one."""

import re

from udfs.grading import programs
from udfs.grading.verdict import Asked, Verdict, best
from udfs.grading.words import core

MAX_CODE = 4_000  # characters compared
_FENCE = re.compile(r"```[\w+#-]*\n?(.*?)```", re.S)
_SPAN = re.compile(r"`([^`\n]{1,400})`")
_PROMPT = re.compile(r"^\s*(?:\$|>>>|#|PS>|>)\s+", re.M)
_OWN_MARK = re.compile(r"\s*[#>]\s")  # of a heading or a selector
_SPACE = re.compile(r"(?<=\W)\s+|\s+(?=\W)")
_QUOTES = str.maketrans("‘’“”'`", '""""""')
_IDENTIFIER = re.compile(r"-{0,2}[\w-]+\Z")
_DOTTED = re.compile(r"-{0,2}[\w.-]+\Z")
_SETUP = re.compile(r"^\s*(?:(?:import|from|#include|using|//|#\s).*)\n", re.M)  # lines that only lead up to the code
_DENIED = re.compile(r"(?:\b(?:not|never|avoid|instead of|rather than)|n['’]t)\b[^.;:!?\n]{0,30}\Z", re.I)
_TELLS = re.compile(r"\s(?:shows|returns|gives|prints|lists|makes|creates|is|does|will|can)\s[^.;]+\.?\Z")
_LEAD = re.compile(r"\A(?:you (?:can|could|would|should) )?(?:use|run|type|enter|try|call|execute|write):?\s+", re.I)
_NAMES = re.compile(r"\b(?:function|method|command|built-?in|procedure|routine|name|called)\b", re.I)
_CALLS = re.compile(r"\b(?:calls?|expression|statement|snippet|line of)\b", re.I)
_OWNER = re.compile(r"([A-Za-z_]\w*)(?:\.|::)(?=[A-Za-z_]\w*(?:\(\))?\Z)")
_OR = re.compile(r"\bor\b|\s/\s", re.I)


def compare(said: str, asked: Asked) -> Verdict:
    """Compare code; two different identifiers are wrong, all other differences need a reader."""
    return best([_compare(said[:MAX_CODE], form[:MAX_CODE], asked.question) for form in asked.forms])


def _compare(said: str, form: str, question: str) -> Verdict:
    spans = [m[1] for m in _FENCE.finditer(said)] or [m[1] for m in _SPAN.finditer(said)]
    if len(set(map(normal, spans))) > 1:
        return Verdict("wrong" if _OR.search(said) else "undecided", "several_codes")
    if spans and _DENIED.search(said.partition("`")[0]):
        return Verdict("undecided", "denied")
    code = spans[0] if spans else _LEAD.sub("", said)
    body = _SETUP.sub("", code)
    if (
        any(_same(part, form, question) for part in (code, body))
        or _same(said, form, question)
        or core(said, question, form) == form.strip()
        or (said.startswith(form) and _TELLS.match(said, len(form)))
    ):
        return Verdict("right", "same_code")
    if normal(code) != normal(form) and _IDENTIFIER.match(normal(code)) and _IDENTIFIER.match(normal(form)):
        return Verdict("wrong", "other_identifier")
    return (
        Verdict("wrong", "hedge") if _OR.search(said) and not _OR.search(form) else Verdict("undecided", "other_code")
    )


def _same(code: str, form: str, question: str) -> bool:
    code, form = (part.strip("`").strip("\n") for part in (code, form))
    owner = _OWNER.match(code)  # Canvas.clear(), where a method of Canvas is asked
    if owner and form == code[owner.end() :] and re.search(rf"\b(?:of|in|on) (?:the )?`?{owner[1]}\b", question):
        return True
    if _OWN_MARK.match(form) and not _OWN_MARK.match(code):
        return False
    if programs.same(code, form, question) or programs.same(_PROMPT.sub("", code), _PROMPT.sub("", form), question):
        return True
    a, b = normal(code), normal(form)
    if form.rstrip(" ;").endswith(".") and not code.rstrip(" ;").endswith("."):
        return False
    called = code.rstrip(" ;.").endswith("()") != form.rstrip(" ;.").endswith("()")
    return a == b and bool(_DOTTED.match(b)) and not (called and not _asks_name(question))


def _asks_name(question: str) -> bool:
    """Tell whether a question asks for the name of something, which stands for its call."""
    return bool(_NAMES.search(question)) and not _CALLS.search(question)


def normal(code: str) -> str:
    """Return the code without white space that separates no words, with one kind of quotes, and no call brackets."""
    code = _PROMPT.sub("", code.strip().strip("`").strip())
    lines = [line.strip() for line in code.translate(_QUOTES).splitlines() if line.strip()]
    text = _SPACE.sub("", " ".join(" ".join(lines).split())).rstrip(";.")
    return text[:-2] if re.fullmatch(r"[\w.]+\(\)", text) else text
