"""Corrections: where an output takes back what it said, and what it says instead."""

import re

MAX_CORRECTIONS = 40  # looked at in one text, from the end

# What opens a sentence that takes back the one before.
_OPENERS = (
    r"(?:(?:no|oh|ah|hmm|hm|um|well|but|ok|okay|and)\b\W{1,3})*(?:"
    r"wait\b|hold on\b|hang on\b|w?h?oops\b|scratch that\b|strike that\b|correction\b|never ?mind\b|hmm+\b|"
    r"(?:up)?on (?:second thoughts?|reflection|closer (?:look|inspection|reading)|re-?reading)\b|"
    r"(?:looking|reading|checking|thinking) (?:(?:at|about) )?(?:it |that |this )?(?:again|once more|more closely)\b|"
    r"actually\b|no[,:.!–—] ?|sorry\b|(?:my )?apolog(?:y|ies)\b|i apologi[sz]e\b|my (?:mistake|bad|error)\b|pardon\b|"
    r"i (?:mis[a-z]+|was (?:wrong|mistaken|too hasty)|(?:just )?(?:made|see|found|noticed|spotted) (?:a|an|my|the) "
    r"(?:mistake|error|slip)|take that back|stand corrected|mean\b|meant\b|(?:need|have|must|should) (?:to )?"
    r"(?:correct|revise|change|redo)|got (?:that|it|this) wrong|changed? my (?:mind|answer)|withdraw|retract)|"
    r"let me (?:re-?(?!peat|state|phrase|iterate|mind|cap)\w+|correct|fix|start over|try (?:that |this )?again|revise|"
    r"change)|"
    r"(?:that|this|it)(?:['’]s| is| was) (?:wrong|incorrect|not right|not correct|a mistake|an error|mistaken)\b|"
    r"(?:edit|update|revised?(?: answer)?|corrected(?: answer)?)\s?:|"
    r"make that\b|or rather\b)"
)
_CORRECTS = re.compile(rf"(?:[.!?…)\]\"'*]\s+|\s[–—-]+\s|[–—…]\s?|\n\s{{0,20}}(?:[*_>#-]+\s?)?){_OPENERS}", re.I)
_INLINE = re.compile(
    r",\s(?:no|sorry|wait|no wait|oops|i mean|i meant|or rather|correction|make that|scratch that)\b[,:;–—-]?\s", re.I
)
# What only admits the mistake: up to where the correction itself begins.
_ADMITS = re.compile(
    r"\A[\s,.:;!…–—-]*(?:"
    r"(?:no|wait|sorry|actually|oh|ah|so|then|and|but|ok|okay|well|rather|correction|that)\b(?=[,.:;!…–—-])|"
    r"(?:[^,.:;!?…–—\n]{0,60}\b(?:mis(?:read|took|spoke|counted|stated|wrote|remembered|labell?ed|calculated|"
    r"added|typed|placed)|mix(?:ed)? (?:[a-z]+ ){0,3}up|confused|mistaken?|error|slip|wrong|incorrect|not right|"
    r"not correct|take that back|"
    r"stand corrected|over|again|redo|recheck|recompute|recalculate|reconsider|re-?read|rethink|"
    r"correct (?:that|this|myself|it)|fix (?:that|this|it)|change (?:that|this|it)|"
    r"my (?:mind|answer))\b(?:\s(?:that|this|it|in (?:my|the)|about (?:that|the|my)|the|my)\b[^,.:;!?…–—\n]{0,60})?)"
    r"(?=[,.:;!…–—]|\Z))[,.:;!…–—-]*",
    re.I,
)


_QUOTED = re.compile(r"```.*?```|`[^`\n]{1,400}`|\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”", re.S)
_NO = re.compile(r"\bno\W*\Z", re.I)


def corrected(text: str) -> tuple[str, ...] | None:
    """Return what stands behind the last correction of a text, surest reading first; None where it has none.

    Nothing where no more is said. What is quoted takes nothing back.
    """
    masked = _QUOTED.sub(lambda m: "x" * len(m[0]), text) if any(c in text for c in '`"“') else text
    found = list(_CORRECTS.finditer(masked))[-MAX_CORRECTIONS:]
    start, at = found[-1].span() if found else (-1, -1)
    inline = list(_INLINE.finditer(masked, max(at, 0)))[-1:]
    if inline and inline[0].start() > 0:
        start, at = inline[0].span()
    if at < 0:
        return None
    whole = text[start:].lstrip(" ,.:;!?…–—-\n)\"*'")
    rest = text[at:]
    for _ in range(4):
        admitted = _ADMITS.match(rest)
        if not admitted or not admitted.end():
            break
        rest = rest[admitted.end() :]
    rest = rest.lstrip(" ,.:;!…–—\n").rstrip()
    rest = rest[2:] if rest.startswith("- ") else rest
    if not any(map(str.isalnum, rest)):
        rest = "No." if _NO.search(text) else ""
    return (rest, whole) if rest and whole[:2].lower() == "no" else (rest,) if rest else ()
