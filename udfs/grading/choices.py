"""Choices: the options of a question, and which of them an answer takes."""

import functools
import re

from udfs.grading.verdict import Asked, Verdict
from udfs.grading.wordforms import alike
from udfs.grading.words import FUNCTION, TURNING, folded, same, stem

_LETTERED = re.compile(r"(?:(?<=\n)|(?<=\s)|(?<=^)|(?<=[,;:?]))\(?([A-Ja-j1-9]|i{1,3}|iv)[).:]\s+(?=\S)")
_ROMAN = re.compile(r"(?:(?<=\n)|(?<=\s)|(?<=^)|(?<=[,;:?]))\(?(I{1,3}|IV)[).:]\s+(?=\S)")
_LETTER = re.compile(
    r"\A\W*(?:(?:the\s)?(?:correct\s|right\s|best\s)?(?:option|choice|answer|letter)s?\s*(?:is|:)?\s*)?"
    r"\(?([A-Ja-j1-9]|i{1,3}|iv)(?:[).:]+\s*(.*)|\W*(?:-|–|—|,)\s+(.*)|\W*)\Z",
    re.I | re.S,
)
_OPTION = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter|choose|chose|select|pick|go with|is|was|[Ii]t's)\s\(?([A-J])\b\)?"
    r"|(?<![\w'])\(?([A-J])\)?\s(?:is|was|must be)\s(?:the\s)?(?:correct|right|best|true|answer)\b"
)
_ALONE = re.compile(r"(?<![\w'°])(?<!\d )(?:[B-J](?![\w'])|A(?=\s*(?:[.,;)]|\Z)))")
_SEVERAL = re.compile(r"\A\W*+(?:[A-Ja-j]\W*+(?:and|or|und)?+\W*+){2,}+\Z")
_INLINE = re.compile(
    r"(?:[,:;(]|\b(?:is|are|was|were|do|does|did|a|an|the|either|whether|better|which|"
    r"average)\b)?\s*([^,:;()?]{1,80}?)\s*(?:,|\bor\b|\?|\Z)"
)
_NOT = re.compile(r"(?:\bnot|\brather than|\binstead of|\bisn't|\bunlike|\bnever)\s(?:\w+\s){0,2}\Z", re.I)
_LETTERS = r"\(?\b[A-J]\b\)?(?:(?:\s*(?:,|/|&|\band\b|\bor\b|\bnor\b))+\s*(?:options? )?\(?\b[A-J]\b\)?)*"
# Options that are set aside: not A, B or C; A and B can't be right; C is out.
_REJECTED = re.compile(
    r"(?:\b(?i:not|neither|nor|never|cannot|rul(?:e|es|ed|ing) out|eliminat(?:e|es|ed|ing)|exclud(?:e|es|ed|ing)|"
    r"discard(?:ed|ing)?|reject(?:ed|ing)?|cross(?:ed|ing)? out|rather than|instead of|unlike|except|other than|"
    r"anything but)|n['’]t)\s(?:(?:be|options?|choices?|answers?|the|either|both|all|letter)\s)*"
    rf"{_LETTERS}(?!['’\w])(?:(?<=\))[^.;,:]*?(?=\s(?:but|hence|so)\b|[.;,:]|\Z))?"
    rf"|(?:(?i:option|answer|choice)s?\s)?{_LETTERS}\s(?:(?:is|are|was|were|do|does|did|can|could|has|have|would)"
    r"(?:n['’]t|\snot)|can['’]t|cannot|(?:(?:is|are|was|were|(?:can|must|could|would) be|(?:has|have) been)\s)?"
    r"(?:(?:all|both|clearly|also|obviously|therefore|thus|each|just|simply)\s)*(?:wrong|incorrect|false|out|untrue|"
    r"impossible|unsupported|rejected|eliminated|excluded|ruled out|discarded|irrelevant|contradicted|too \w+|"
    r"fails?))\b[^.;,]*"
)
_OUT = re.compile(
    r"\s(?:(?:is|are|was|were|does|do|did|can|could|would|has|have|isn|aren|wasn|weren|doesn|don|didn|couldn|wouldn)\s"
    r"(?:not|t|too|never|wrong|incorrect|false|out|impossible|excluded|ruled out)|cannot|can t)\s"
)
_NEGATIVE = re.compile(r"\b(?:not|never|except|false|incorrect|wrong|untrue|cannot|least)\b|n['’]t\b", re.I)
_TURNS = TURNING - {"than"}
# The option that an answer ends with.
_CONCLUDED = re.compile(
    r"\b(?i:leav(?:es|ing)|hence|thus|therefore|so|remain(?:s|ing)|must be|has to be|conclu(?:sion|de)|"
    r"go(?:ing)? (?:with|for)|choose|chose|pick|select(?:ed)?|opt for|settle on|answer|choice)\b[\s,:]*"
    r"(?:(?:it|the|my|that|this|must|has|is|be|with|only|us|answer|option|choice|correct|final|right|one|left|to|on|"
    r"for|I|we|would|will)\b[\s,:]*){0,8}[\"'(*]*([B-J]\b|A(?=[\"')*]*(?:[.,;:!]|\s*\Z)))"
    r"|(?<![\w'])([A-J])\)?\s(?:remains|is (?:the )?(?:only )?(?:one |option )?(?:left|remaining|the answer|correct|"
    r"right))\b"
)
# A line on one option, and whether it takes it.
_WALK = re.compile(r"\s*(?:[-*•]\s)?(?:\*\*)?\(?(?:[Oo]ption )?([A-J])(?:\*\*)?[).:](?:\*\*)?\s(.*)")
_TAKES = re.compile(r"\b(?:correct|right|true|yes|supported|matches|fits|answer)\b|[✓✔✅]", re.I)
_LEAVES = re.compile(
    r"\b(?:not|no|never|wrong|incorrect|false|cannot|unsupported|contradict\w*|nor|partly|might|could|may)\b|n['’]t\b|[✗✘❌]",
    re.I,
)
_LAST = re.compile(r"(?<![\w'])\(?([A-J])\)?\W*\Z")
_RUN = re.compile(rf"{_LETTERS}\W*\Z")
_ONE_OF = re.compile(
    r"\bn?or\b|/|\b(?:not|never|except|unlike|besides|than|of|false|incorrect|wrong|untrue|cannot|without|as well|"
    r"(?:exclud|eliminat|reject|discard)\w*)\b|n['’]t\b",
    re.I,
)
_EACH = re.compile(r"\b[A-J]\b")
COMMITTED = frozenset({"other_letter", "letter_and_text_differ"})  # verdicts on a letter, whatever stands beside it
MAX_QUESTION = 5_000
MAX_SAID = 2_000


@functools.lru_cache(maxsize=64)
def options(question: str) -> tuple[tuple[str, str], ...]:
    """Return the lettered options of a question, (letter, text); empty where there are not at least two in order."""
    question = question[:MAX_QUESTION]
    return _run(list(_LETTERED.finditer(question)), question) or _run(list(_ROMAN.finditer(question)), question)


def _run(found: list[re.Match[str]], question: str) -> tuple[tuple[str, str], ...]:
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


def start(question: str) -> int:
    """Return where the options of a question begin; its end where it has none."""
    question = question[:MAX_QUESTION]
    found = (_LETTERED.search(question) or _ROMAN.search(question)) if options(question) else None
    return found.start() if found else len(question)


def _next(letter: str) -> str:
    romans = ["i", "ii", "iii", "iv"]
    return romans[romans.index(letter) + 1] if letter in romans[:3] and letter != "i" else (
        "ii" if letter == "i" else chr(ord(letter[0]) + 1)
    )  # fmt: skip


def compare(said: str, asked: Asked) -> Verdict:
    """Compare the option that an answer takes with the true one, each by its letter or its text."""
    listed = options(asked.question)
    several = [set(_EACH.findall(form)) for form in asked.forms if _SEVERAL.match(form)]
    if listed and several and len(several[0]) > 1:
        return _letters(said, several)
    if listed:
        return _lettered(said, asked, dict(listed))
    if any(same(said, form) for form in asked.forms):
        return Verdict("right", "same_option")
    if any(len(form.strip("() .")) == 1 for form in asked.forms):
        return _letter_alone(said, asked)
    return _inline(said, asked)


def walked(text: str, question: str) -> str | None:
    """Return the line that an output takes of the options it goes through line by line; None where it does not.

    Nothing where it takes none, such as one that breaks off on the way.
    """
    listed = dict(options(question))
    lines = [(m[1], m[2]) for line in text.split("\n") if (m := _WALK.match(line)) and m[1] in listed]
    last = _WALK.match(text.rstrip().rpartition("\n")[2])
    letters = [letter for letter, _ in lines]
    if (
        len(lines) < 2
        or not last
        or letters != sorted(set(letters))
        or all(same(told, listed[letter]) for letter, told in lines[:-1])
    ):
        return None
    taken = [f"{letter}" for letter, told in lines if _TAKES.search(told) and not _LEAVES.search(told)]
    return taken[0] if len(taken) == 1 else ""


def cleared(said: str) -> str:
    """Return an answer without the options, by letter, that it sets aside."""
    return _REJECTED.sub(" ", said[:MAX_SAID])


def _lettered(said: str, asked: Asked, listed: dict[str, str]) -> Verdict:
    truth = next((t for t in (_option(form, listed) for form in asked.forms) if t), None)
    if truth is None:
        return Verdict("undecided", "truth_is_no_option")
    if len(said.strip()) > 1 and _SEVERAL.match(said) and said.strip("() .").upper() not in listed:
        return Verdict("wrong", "several_options")
    turned = _NEGATIVE.search(asked.question)  # which is not a fruit
    left = said if turned else cleared(said)
    taken = _option(said if left == said else left, listed)
    if taken == "":
        return Verdict("wrong", "letter_and_text_differ")
    if taken is None:
        taken = _concluded(left, listed)
    named = set() if taken else _pointed(left, listed)
    taken = next(iter(named)) if len(named) == 1 else taken
    if taken:
        return Verdict("right", "option") if taken == truth else Verdict("wrong", "other_letter")
    named = named or _named(left, listed, not turned)
    if not named:
        denied = {m[0] for r in _REJECTED.finditer(said[:MAX_SAID]) for m in _EACH.finditer(r[0])}
        return Verdict("wrong", "negated") if truth in denied else Verdict("undecided", "no_option")
    return _by_text(left, named, truth, listed)


def _letters(said: str, truths: list[set[str]]) -> Verdict:
    """Judge the letters that an answer ends with, where several are to be chosen."""
    said = said[-MAX_SAID:]
    run = _RUN.search(said)
    taken = set(_EACH.findall(run[0])) if run else set()
    if len(taken) < 2 or _ALONE.search(said[: run.start() if run else 0]) or _ONE_OF.search(said):
        return Verdict("undecided", "no_letters")
    return Verdict("right" if taken in truths else "wrong", "letters")


def _by_text(said: str, named: set[str], truth: str, listed: dict[str, str]) -> Verdict:
    """Judge the options that an answer names by their text."""
    if len(named) > 1:
        return Verdict("wrong", "several_options")
    taken = next(iter(named))
    if _differs(said, taken, listed):
        return Verdict("undecided", "letter_and_text_differ")
    return Verdict("right" if taken == truth else "wrong", "option")


def _concluded(said: str, listed: dict[str, str]) -> str | None:
    """Return the letter that an answer ends with, with no other one behind it."""
    found = list(_CONCLUDED.finditer(said))[-1:]
    letter = (found[0][1] or found[0][2]) if found else ""
    if letter not in listed:
        return None
    behind = {m[0] for m in _ALONE.finditer(said, found[0].end())} & set(listed)
    return None if behind - {letter} else letter


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


def _differs(said: str, taken: str, listed: dict[str, str]) -> bool:
    """Tell whether an answer that names an option by its text ends with the letter of another: 14 (D)."""
    last = _LAST.search(said)
    return last is not None and last[1] in set(listed) - {taken} and not f" {listed[taken]}".endswith(f" {last[1]}")


def _pointed(said: str, listed: dict[str, str]) -> set[str]:
    """Return the letters of all options that a sentence names by their letters."""
    found_ = [(m[1] or m[2], m.start()) for m in _OPTION.finditer(said)]
    named = {letter for letter, at in found_ if letter in listed and not _NOT.search(said[:at][-30:])}
    return named | {m[0] for m in _ALONE.finditer(said) if m[0] in listed} if named else named


def _named(said: str, listed: dict[str, str], denies: bool) -> set[str]:
    """Return the letters of all options that a sentence names by their text and does not negate."""
    texts = {letter: f" {' '.join(folded(option))} " for letter, option in listed.items()}
    words = f" {' '.join(folded(said))} "
    found = {k for k, t in texts.items() if t.strip() and t in words}
    # An option within a longer one that is named too counts only for the longer: `large` in `too large`.
    found = {k for k in found if not any(j != k and texts[k] in texts[j] for j in found)}
    places = {k: words.find(texts[k]) for k in found}
    found = {k for k in found if not denies or not _OUT.match(words, places[k] + len(texts[k]) - 1)}
    return {k for k in found if not _NOT.search(words[: places[k] + 1][-30:])}


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
    said, form, _ = alike(said, asked.forms[0], asked.question)
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
