"""Remarks: the lines behind an answer that only close, prove or comment on it, and outputs that break off."""

import re

from udfs.grading.honesty import unsure, withdraws
from udfs.grading.verdict import Asked

BOLD = re.compile(r"(?:\*\*|__)(?=\S)([^*_\n]{1,300}?)(?:\*\*|__)")
CORRECTION = re.compile(
    r"\b(?:wait|actually|correction|scratch that|on second thought|let me (?:re|double|check|correct|fix)|"
    r"i (?:was|made a|made an|forgot|mis|mean)|just kidding|joking|edit|update|never ?mind|sorry|no, |"
    r"hmm|hold on|(?:that|this)(?:'s| is| was) (?:wrong|incorrect|not right)|"
    r"change my (?:answer|mind)|re-?check|re-?consider|mistake|error above|instead)\b",
    re.I,
)
_CLOSING = re.compile(
    r"\A\W*(?:(?:i )?hope (?:this|that|it) helps?|let me know|feel free|please (?:let|feel|ask)|"
    r"if you (?:have|need|would)|is there anything|thank|good luck|have a (?:nice|great)|source|sources|reference|note|"
    r"\[\d+\]|https?://|\(?(?:confidence|certainty)|q\.e\.d|∎|■|end of|"
    r"(?:would you like|do you want|want me to|shall i|(?:i['’]m |i would be |i['’]d be )?happy to|if you['’]d like)"
    r"(?!.*[\d:]))\b.*",
    re.I,
)
# A last line that only proves or explains the answer before it.
_ASIDE = re.compile(
    r"\A\W*(?:check(?:ing)?|verification|proof|explanation|reason(?:ing)?|rationale|justification|why)\b\W*:\W*\S|"
    r"\A\([^()]+\)\Z",
    re.I,
)
# One that only adds something to it, where it stands out by itself.
_REMARK = re.compile(
    r"\A\W*(?:it(?: is|['’]s| may be) (?:also )?(?:interesting|worth|important|useful|noteworthy) (?:to (?:note|add|"
    r"mention|know)|noting|mentioning|adding|knowing)|interestingly|incidentally|by the way|as (?:a|an) (?:side ?note|"
    r"aside)|side ?note|fun fact|note that|for (?:context|reference|background))\b",
    re.I,
)
_DISPUTED = re.compile(
    r"\b(?:some|other|others|several|many|certain) (?:sources|scholars|people|historians|texts|accounts|give|say|"
    r"argue|claim)|\bdisput|\bwrong\b|\bincorrect\b|\bcontradict|\bshould (?:be|read|have)\b|\bmy answer\b",
    re.I,
)
_BREAKS_OFF = re.compile(
    r"(?:\s[=≈<+×(\[]|\s\(|=|[(\[]|\b(?:the|an|of|from|into|than|and|or|but|nor|because|if|whether|which|as|with|by|at|"
    r"to|for|between|per|its|their|our|your)|"
    r"(?:\S+\s){4}(?<!\bit\s)(?<!they\s)(?<!he\s)(?<!there\s)(?<!that\s)(?<!this\s)(?<!who\s)(?<!you\s)(?<!we\s)"
    r"(?:is|are|was|were))\s*\Z"
)
_ARTICLE = re.compile(r"\b(?:and|or|of|with|has|have|had|into|from|by|was|is|in|on|for) a\s*\Z")
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*\Z")
_CLOSES = {
    "list": re.compile(
        r"together,? (?:they|these) (?:form|make up|are|constitute|comprise)\b[^\d=:]*|"
        r"(?:make sure|be sure|good luck)\b[^\d=:]*",
        re.I,
    ),
    "expression": re.compile(r"(?:this|that) (?:is|gives|represents|describes) the\b(?:[^\d=\\^$]|\$[a-z]\$)*", re.I),
}
_LIMITS = re.compile(
    r"\b(?:not|no|only|except|but|without|first|last|former|latter|or|other|also|too|as well)\b|n['’]t\b|[?:]", re.I
)
MIN_WORDS = 4  # of a line that breaks off; what is shorter may be a fragment that ends so


def closed(text: str, kind: str) -> str:
    """Return the lines of a list or formula above a last one that only says what they are: together they form a
    system, this is the slope. Nothing where it may say more, or there is none.
    """
    above, _, last = text.rstrip().rpartition("\n")
    closing = _CLOSES.get(kind)
    if not closing or not closing.fullmatch(last.strip()) or _LIMITS.search(last) or _doubted(last):
        return ""
    return above.rstrip()


def without_remarks(lines: list[str]) -> list[str]:
    """Return the lines of an output without those that only close it, or comment on the answer before them."""
    lines = [line for line in lines if line and not (_CLOSING.match(line) and len(line) < 200 and not _taken(line))]
    while len(lines) > 1 and not _doubted(lines[-1]):
        beside = _REMARK.match(lines[-1]) and len(BOLD.findall(lines[-2])) == 1 and not _taken(lines[-1])
        if not beside and not _ASIDE.match(lines[-1]):
            break
        lines.pop()
    return lines


def _taken(line: str) -> bool:
    return bool(_DISPUTED.search(line))


def _doubted(line: str) -> bool:
    return bool(CORRECTION.search(line)) or unsure(line) or withdraws(line)


def breaks_off(text: str, asked: Asked) -> bool:
    """Tell whether an output ends amid a clause, with a word that neither the truth nor the question ends with."""
    line = text.rstrip().rpartition("\n")[2][-500:]
    article = asked.kind not in ("choice", "expression") and _ARTICLE.search(line)  # which may be a letter
    if len(line.split()) < MIN_WORDS or not (article or _BREAKS_OFF.search(line)):
        return False
    last = _LAST_WORD.search(line)
    ends = {m[1].lower() for m in map(_LAST_WORD.search, (*asked.forms, asked.question)) if m}
    return not (last and line.rstrip().endswith(last[1]) and last[1].lower() in ends)
