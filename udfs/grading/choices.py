"""Choices: the options of a question, and which of them an answer takes."""

import functools
import re

from udfs.grading.verdict import Asked, Verdict
from udfs.grading.words import FUNCTION, TURNING, folded, same, stem

_LETTERED = re.compile(r"(?:(?<=\n)|(?<=\s)|(?<=^)|(?<=[,;:?]))\(?([A-Ja-j1-9]|i{1,3}|iv)[).:]\s+(?=\S)")
_LETTER = re.compile(
    r"\A\W*(?:(?:the\s)?(?:correct\s|right\s|best\s)?(?:option|choice|answer|letter)s?\s*(?:is|:)?\s*)?"
    r"\(?([A-Ja-j1-9]|i{1,3}|iv)(?:[).:]+\s*(.*)|\W*(?:-|–|—|,)\s+(.*)|\W*)\Z",
    re.I | re.S,
)
_OPTION = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter|choose|chose|select|pick|go with|is|[Ii]t's)\s\(?([A-J])\b\)?"
    r"|(?<![\w'])\(?([A-J])\)?\s(?:is|was|must be)\s(?:the\s)?(?:correct|right|best|true|answer)\b"
)
_ALONE = re.compile(r"(?<![\w'°])(?<!\d )(?:[B-J](?![\w'])|A(?=\s*(?:[.,;)]|\Z)))")
_SEVERAL = re.compile(r"\A\W*(?:[A-Ja-j]\W*(?:and|or|,|&|/|und)?\W*){2,}\Z")
_INLINE = re.compile(
    r"(?:[,:;(]|\b(?:is|are|was|were|do|does|did|a|an|the|either|whether|better|which|"
    r"average)\b)?\s*([^,:;()?]{1,80}?)\s*(?:,|\bor\b|\?|\Z)"
)
_NOT = re.compile(r"(?:\bnot|\brather than|\binstead of|\bisn't|\bunlike|\bnever)\s(?:\w+\s){0,2}\Z", re.I)
_DENIED = re.compile(r"\b[Nn]ot (?:option )?\(?([A-J])\b")
_TURNS = TURNING - {"than"}
MAX_QUESTION = 5_000


@functools.lru_cache(maxsize=64)
def options(question: str) -> tuple[tuple[str, str], ...]:
    """Return the lettered options of a question, (letter, text); empty where there are not at least two in order."""
    question = question[:MAX_QUESTION]
    found = list(_LETTERED.finditer(question))
    for start, first in enumerate(found):
        if first[1].lower() not in ("a", "1", "i"):
            continue
        run = [first]
        for m in found[start + 1 :]:
            if m[1].lower() == _next(run[-1][1].lower()):
                run.append(m)
        if len(run) > 1:
            ends = [m.start() for m in run[1:]] + [len(question)]
            return tuple(
                (m[1].upper(), question[m.end() : end].strip(" \n,;?."), ) for m, end in zip(run, ends, strict=True)
            )  # fmt: skip
    return ()


def _next(letter: str) -> str:
    romans = ["i", "ii", "iii", "iv"]
    return romans[romans.index(letter) + 1] if letter in romans[:3] and letter != "i" else (
        "ii" if letter == "i" else chr(ord(letter[0]) + 1)
    )  # fmt: skip


def compare(said: str, asked: Asked) -> Verdict:
    """Compare the option that an answer takes with the true one, each by its letter or its text."""
    listed = options(asked.question)
    if listed:
        return _lettered(said, asked, dict(listed))
    if any(same(said, form) for form in asked.forms):
        return Verdict("right", "same_option")
    if any(len(form.strip("() .")) == 1 for form in asked.forms):
        return _letter_alone(said, asked)
    return _inline(said, asked)


def _lettered(said: str, asked: Asked, listed: dict[str, str]) -> Verdict:
    truth = next((t for t in (_option(form, listed) for form in asked.forms) if t), None)
    if truth is None:
        return Verdict("undecided", "truth_is_no_option")
    if len(said.strip()) > 1 and _SEVERAL.match(said):
        return Verdict("wrong", "several_options")
    taken = _option(said, listed)
    if taken == "":
        return Verdict("wrong", "letter_and_text_differ")
    if taken is None:
        named = _named(said, listed)
        if len(named) > 1:
            return Verdict("wrong", "several_options")
        taken = next(iter(named), None)
    if taken is None:
        denied = {m[1] for m in _DENIED.finditer(said)}
        return Verdict("wrong", "negated") if truth in denied else Verdict("undecided", "no_option")
    return Verdict("right" if taken == truth else "wrong", "option")


def _option(text: str, listed: dict[str, str]) -> str | None:
    """Return the letter of the one option that the text is; empty where its letter and its text disagree."""
    found = _LETTER.match(text)
    if found and found[1].upper() in listed:
        letter, rest = found[1].upper(), (found[2] or found[3] or "").strip()
        other = [k for k, v in listed.items() if k != letter and rest and same(v, rest)]
        more = {m[0] for m in _ALONE.finditer(rest)} & set(listed) - {letter}
        return None if more and not other else "" if other else letter
    for letter, option in listed.items():
        if same(option, text):
            return letter
    return None


def _named(said: str, listed: dict[str, str]) -> set[str]:
    """Return the letters of all options that a sentence names and does not negate."""
    found_ = [(m[1] or m[2], m.start()) for m in _OPTION.finditer(said)]
    named = {letter for letter, at in found_ if letter in listed and not _NOT.search(said[:at][-30:])}
    if named:
        return named | {m[0] for m in _ALONE.finditer(said) if m[0] in listed}
    texts = {letter: f" {' '.join(folded(option))} " for letter, option in listed.items()}
    words = f" {' '.join(folded(said))} "
    found = {k for k, t in texts.items() if t.strip() and t in words}
    # An option within a longer one that is named too counts only for the longer: `large` in `too large`.
    found = {k for k in found if not any(j != k and texts[k] in texts[j] for j in found)}
    return {k for k in found if not _NOT.search(words[: words.find(texts[k]) + 1][-30:])}


def _letter_alone(said: str, asked: Asked) -> Verdict:
    """Judge a letter where the options are not known."""
    found = _LETTER.match(said)
    letters = {m[1] or m[2] for m in _OPTION.finditer(said)}
    if not found and len(letters) != 1:
        return Verdict("wrong" if letters or _SEVERAL.match(said) else "undecided", "no_letter")
    letter = (found[1] if found else letters.pop()).upper()
    return Verdict("right" if letter in {f.strip("() .").upper() for f in asked.forms} else "wrong", "letter")


def _inline(said: str, asked: Asked) -> Verdict:
    """Judge options that the question spells out in its sentence."""
    form = asked.forms[0]
    words, wanted = _stems(said), _stems(form)
    others = _others(asked.question, form)
    taken = [o for o in others if _stems(o) in words]
    stands = wanted in words and not _NOT.search(words[: words.find(wanted) + 1][-30:])
    taken = [o for o in taken if not _NOT.search(words[: words.find(_stems(o)) + 1][-30:])]
    if stands and taken and _stems(taken[0]) not in wanted:
        return Verdict("wrong", "several_options")
    beside = set(folded(said)) - set(folded(form)) - set(folded(asked.question)) - FUNCTION
    if stands and not taken and len(beside) <= 2 and not (set(folded(said)) - set(folded(asked.question))) & _TURNS:
        return Verdict("right", "same_option")
    if wanted in words and not stands and not taken and " only " not in words:
        return Verdict("wrong", "negated")
    if not stands and taken:
        return Verdict("wrong", "other_option")
    return Verdict("undecided", "no_option")


def _stems(text: str) -> str:
    return f" {' '.join(map(stem, folded(text)))} "


def _others(question: str, form: str) -> list[str]:
    """Return the options beside the true one that the question offers around its last `or`."""
    at = question.lower().rfind(" or ")
    if at < 0:
        return []
    after = re.split(r"[?,;.:]", question[at + 4 : at + 100])[0].split()
    while len(after) > 1 and after[0].lower() in FUNCTION and folded(form)[:1] != folded(after[0]):
        after.pop(0)  # in series or in parallel
    before = re.split(r"[:;(]", question[max(0, at - 120) : at])[-1].split(",")
    size = len(form.split())
    options_ = [" ".join(after[:size])] if after else []
    options_ += [" ".join(part.split()[-size:]) for part in before if part.split()]
    return [o for o in options_ if o and not same(o, form) and _stems(o) != _stems(form)]
