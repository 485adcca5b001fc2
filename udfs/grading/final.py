"""The final answer: what free output commits to, found by its marks, or why it commits to nothing."""

import re
from typing import NamedTuple

from udfs.grading.corrections import corrected
from udfs.grading.remarks import BOLD, CORRECTION, without_remarks
from udfs.grading.structured import decoded, given

MAX_OUTPUT = 20_000  # characters looked at, from the end of what is no thought: an answer stands there or nowhere
MAX_ANSWER = 1_000  # characters of one answer
MAX_MARKS = 60  # commitments looked at, from the end
MAX_SHORT = 4  # words of a line that is an answer rather than a sentence
_LEADS = (":", "!", ".", "?", "```", "…")
ADJACENT = 80  # characters between two commitments that no reasoning can have filled
SPAM = 4  # different commitments: more than any correction makes

_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_LINES = re.compile(r"\n(?: ?\n){2,}")
_THOUGHT = ("</think>", "</thinking>", "</thought>", "</reasoning>", "<|end_of_thought|>")
_THINKS = ("<think>", "<thinking>", "<thought>", "<reasoning>", "<|begin_of_thought|>")
_TURN = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|end_of_text|end|user|assistant)\|>|</s>|<(?:end|start)_of_turn>"
)
# Every mark holds one of these; the mark itself is looked for around them only, as it is costly to look for.
_ANCHOR = re.compile(
    r"answer|boxed|<final|####|antwort|lösung|réponse|respuesta|risposta|resposta|antwoord|答案|答え", re.I
)
BEFORE_ANCHOR, AFTER_ANCHOR = 24, 100  # characters: "the final" in front, "to the question is therefore" behind
_MARK = re.compile(
    r"\\(?:boxed|fbox) ?\{"
    r"|<(?:answer|final_answer|final)> ?"
    r'|"(?:final_)?answer" ?: ?'
    r"|(?<![^\W_])(?:(?:the|my|our|a) )?(?:(?:final|correct|right|best|short|overall) )?answer"
    r"(?: (?:to|for) (?:the|this|your|that)(?: [a-z]+){0,2} (?:question|problem|riddle))?"
    r"(?: ?(?:\*\*|__|\*))? ?(?:(?:is|are|was|would be|should be|must be)(?!n['’]t)(?: (?:therefore|thus|then|simply|"
    r"just|clearly))?"
    r"(?: ?[:：])?|[:：=])(?: ?(?:\*\*|__|\*)(?!\S))?[ \n]?"
    r"|(?<=\n)#{1,6} ?(?:the )?(?:final )?answer ?(?:\*\*)? ?:? ?\n+"
    r"|(?<=\n)\*\*(?:the )?(?:final )?answer\*\* ?:? ?\n+"
    r"|(?<=\n)#{4} ?(?=[^#\s])"
    r"|(?:die antwort|antwort|lösung|la réponse|réponse|la respuesta|respuesta|la risposta|risposta|a resposta|"
    r"resposta|"
    r"het antwoord)(?: (?:ist|lautet|est|es|è|é|is))? ?(?:\*\*)?[:：]?(?:\*\*)? "
    r"|(?:最终)?答案(?:是|为|：|:) ?|答え(?:は|：|:) ?",
    re.I,
)
# What makes a commitment none: it is supposed, denied or asked.
_SUPPOSED = re.compile(
    r"\b(?:if|whether|unless|suppose|supposing|assume|assuming|not think|n't think|doubt|not|isn't|wasn't|"
    r"(?:want|wants|asked|told|expect|expects|supposed)\b[^.\n]{0,25}\bsay|what is|what's|could|might|may|"
    r"one possible|possible|wrong|incorrect|previous|verify(?: that)?)\s(?:that\s)?\Z",
    re.I,
)
# A box that is denied where it stands: not \boxed{X}; \boxed{X} is wrong.
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|hardly|rather than|instead of|except|other than)|n['’]t)\s[\s$*(]*\Z", re.I
)
_DENIED_BEHIND = re.compile(
    r"[\s$*)]*(?:is|was|would be|seems)(?:\s(?:clearly|definitely|certainly))?(?:\s(?:wrong|incorrect|false|untrue)|"
    r"(?:n['’]t|\snot)(?:\s(?:correct|right|true|it|(?:the|my) (?:\w+ )?answer)\b|\W*\Z))",
    re.I,
)
_TAG_END = re.compile(r"</(?:answer|final_answer|final)>", re.I)
_PART_OF_WORD = re.compile(rf"[\w.,(−-](?:{BOLD.pattern})|(?:{BOLD.pattern})(?:[^\W_]|%|[.,]\d)")  # **12**.5
_LABEL = re.compile(  # in bold, in front of what it names
    r"(?:\*\*|__)(?:the )?(?:final |total |correct )?(?:answer|verdict|result|conclusion|total|sum|membership|value)"
    r"\s?:",
    re.I,
)
_BULLET = re.compile(r"\A(?:[-*•–]|\(?\d{1,2}[.)])\s{1,16}(?=\S)")
# A sentence ends at a stop that follows no initial, abbreviation or number.
_STOP = re.compile(
    r"(?<![\s.(][A-Za-z])(?<!\.-[A-Z])(?<!^[A-Za-z])(?<!\b(?:Dr|Mr|St|Mt|No|Jr|Sr|vs|ca|ft|pp))(?<!\b(?:Mrs|Mme|Inc|Ltd|etc|Col|"
    r"Gen|Gov|Rev|Sgt|cf\.|e\.g|i\.e|B\.C|A\.D))"
    r"(?<!\b(?:Prof|Capt))[.!?]['\")*\]]*\s+(?=(?:[✅✔✓☑❌✗✘✖❎]\ufe0f? ?)?[\"'(*\[]*[^\W\d_a-z])|(?<=[。！])"
)


class Mark(NamedTuple):
    """A commitment: the text between output[start:end], and what kind of mark stood before it."""

    start: int
    end: int
    text: str
    kind: str  # boxed, tag, or said


class Final(NamedTuple):
    """What an output commits to: `answers` say the same, from the surest reading on."""

    answers: tuple[str, ...] = ()
    how: str = ""
    rivals: tuple[str, ...] = ()  # other commitments beside it that nothing takes back
    every: tuple[str, ...] = ()  # all commitments
    tail: str = ""  # what is said after it
    text: str = ""  # the output without its thoughts
    nothing: str = ""  # why it commits to nothing
    bold: tuple[tuple[str, str], ...] = ()  # answers in bold, each with the sentence around it


def find(output: str, verbatim: bool = False) -> Final:
    """Return the last commitment of an output; what stands in thoughts is none.

    `verbatim`: white space is kept, as code needs it.
    """
    at = max(output.rfind(tag) for tag in _THOUGHT)
    at = output.find(">", at) + 1 if at >= 0 else 0
    opened = [start for start in (output.find(tag, at) for tag in _THINKS) if start >= 0]
    if opened and not output[at : min(opened)].strip():
        return Final(nothing="unfinished_thought")
    text = output[at : min(opened)] if opened else output[at:]
    text = text[-MAX_OUTPUT:].replace("\x00", "").replace("\r\n", "\n")
    text = (text if verbatim else _LINES.sub("\n\n", _SPACES.sub(" ", text))).strip()
    turn = _TURN.search(text)
    while turn and turn.start() == 0:
        text = text[turn.end() :].strip()
        turn = _TURN.search(text)
    text = text[: turn.start()].strip() if turn else text
    if not any(c.isalnum() or c in "∞∅" for c in text):
        return Final(text=text, nothing="empty")
    told = given(text)
    if told:
        return Final((told, text) if verbatim else (told,), "tag", text=text)
    marks = _marks(text)
    return _marked(text, marks, verbatim) if marks else _unmarked(text, verbatim)


def _marks(text: str) -> list[Mark]:
    text = "\n" + text
    out: list[Mark] = []
    at = 0
    for anchor in list(_ANCHOR.finditer(text))[-MAX_MARKS:]:
        at = max(at, anchor.start() - BEFORE_ANCHOR)
        m = _MARK.search(text, at, anchor.end() + AFTER_ANCHOR)
        if not m:
            continue
        at = m.end()
        start, end = m.span()
        if out and start < out[-1].end:
            if out[-1].kind == "said" and "boxed" in m.group():
                out.pop()  # "the answer is \boxed{...}": the box says where it ends
            else:
                continue
        if m.group()[0] == "\\":
            close = _brace(text, end)
            if _DENIED_BEFORE.search(text[max(0, start - 30) : start]) or _DENIED_BEHIND.match(text, close + 1):
                continue
            mark = Mark(start, close + 1, text[end:close], "boxed")
        elif m.group()[0] in '<"':
            mark = _tag(text, start, end, m.group())
        else:
            if _SUPPOSED.search(text[max(0, start - 40) : start].lstrip()):
                continue
            mark = _said(text, start, end)
        if any(map(str.isalnum, mark.text)) or mark.kind == "boxed":
            out.append(mark)
    return out


def _brace(text: str, start: int) -> int:
    """Return where the brace opened before `start` closes; the line's end where it does not."""
    depth = 1
    for at in range(start, min(len(text), start + MAX_ANSWER)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
    line = text.find("\n", start)
    return min(line if line >= 0 else len(text), start + MAX_ANSWER)


def _tag(text: str, start: int, end: int, mark: str) -> Mark:
    if mark[0] == '"':  # JSON
        value = re.compile(r'"((?:[^"\\\n]|\\.){0,1000})"|\[[^\[\]]{0,1000}\]|[^,}\n]{1,1000}').match(text, end)
        if value:
            return Mark(start, value.end(), decoded(value[1]) if value[1] is not None else value[0], "tag")
        return Mark(start, end, "", "tag")
    close = _TAG_END.search(text, end)
    stop = close.start() if close else text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    return Mark(start, close.end() if close else stop, text[end:stop][-MAX_ANSWER:].strip(), "tag")


def _said(text: str, start: int, end: int) -> Mark:
    """Return what is said after a mark: its sentence or line, or the block where the line is empty or a lead-in."""
    while end < len(text) and text[end] in " \n":
        end += 1
    line = text.find("\n", end)
    line = len(text) if line < 0 else line
    stop = _STOP.search(text, end, min(len(text), line + 1, end + MAX_ANSWER))
    to = stop.start() + 1 if stop else min(line, end + MAX_ANSWER)
    first = text[end:to].strip()
    if not stop and (first.endswith(":") or _bulleted(first)):
        block = text.find("\n\n", line)
        to = min(len(text) if block < 0 else block, end + MAX_ANSWER)
    return Mark(start, to, text[end:to].strip(), "said")


def _bulleted(line: str) -> bool:
    return bool(_BULLET.match(line))


def _marked(text: str, marks: list[Mark], verbatim: bool) -> Final:
    last = marks[-1]
    instead = corrected(f"\n{text[last.end :].strip()}")
    if instead:
        return _unmarked(instead[0], verbatim)._replace(text=text)
    rivals: list[str] = []
    for earlier, later in zip(marks[-2::-1], marks[:0:-1], strict=True):
        between = text[earlier.end : later.start]
        same_kind = earlier.kind == last.kind
        if len(between) > ADJACENT or CORRECTION.search(between) or CORRECTION.search(later.text):
            break
        if same_kind:
            rivals.append(earlier.text)
    tail = text[last.end :].strip()
    answers = (corrected(last.text) if last.kind == "said" and not verbatim else None) or (last.text,)
    return Final(answers, last.kind, tuple(rivals), tuple(m.text for m in marks), tail, text)


def _unmarked(text: str, verbatim: bool) -> Final:
    instead = corrected(text)
    if instead is None:
        return _uncorrected(text, verbatim)
    if not instead:
        return Final(text=text, nothing="taken_back")
    read = [_uncorrected(one, verbatim) for one in instead]
    answers = tuple(dict.fromkeys(a for r in read for a in r.answers))
    return read[0]._replace(text=text, answers=answers, how="corrected", bold=tuple(b for r in read for b in r.bold))


def _uncorrected(text: str, verbatim: bool) -> Final:
    lines = [line.rstrip() if verbatim else line.strip() for line in text.split("\n")]
    lines = without_remarks(lines) or [text]
    last = lines[-1][-MAX_ANSWER:]
    answers = [last]
    said = [s for s in sentences(last) if s]
    if len(said) > 1:
        answers.append(said[-1])
    found = BOLD.findall(last)
    bold = []
    if len(found) == 1 and _LABEL.match(last):
        answers.insert(0, last.partition(found[0])[2].strip("*_ "))
    elif len(found) == 1 and not _PART_OF_WORD.search(last):
        answers.insert(0, found[0])
        bold = [(found[0], BOLD.sub(r"\1", _BULLET.sub("", one))) for one in said if BOLD.search(one)]
    if last == "```":
        answers.insert(0, _block(lines))
    if _bulleted(last) or last.startswith("|"):
        block = _block(lines)
        parts = [line for line in block.split("\n") if len(line.split()) <= MAX_SHORT + 1]
        if len(parts) > 1 and last in parts:
            return Final((block, last), "lines", tuple(parts[:-1][-MAX_MARKS:]), text=text)
        answers.insert(0, block)
    short = len(lines) > 1 and all(
        len(line.split()) <= MAX_SHORT and not line.endswith(_LEADS) and "=" not in line for line in lines
    )
    if short and not _bulleted(last):  # lines of a list, or of guesses
        answers.insert(0, "\n".join(lines)[-MAX_ANSWER:])
        return Final(tuple(answers), "lines", tuple(lines[:-1][-MAX_MARKS:]), text=text, bold=tuple(bold))
    if len(lines) > 1 or len(said) > 1:
        return Final(tuple(answers), "last_line", text=text, bold=tuple(bold))
    return Final(tuple(answers), "whole", text=text, bold=tuple(bold))


def _block(lines: list[str]) -> str:
    """Return the list or the fenced code that the output ends with."""
    if lines[-1] == "```":
        opened = max((i for i, line in enumerate(lines[:-1]) if line.startswith("```")), default=0)
        return "\n".join(lines[opened:])
    first = len(lines)
    row = lines[-1].startswith("|")  # of a table
    while first and (lines[first - 1].startswith("|") if row else _bulleted(lines[first - 1])):
        first -= 1
    return "\n".join(lines[first:])[-MAX_ANSWER:]


def sentences(line: str) -> list[str]:
    """Return the sentences of a line."""
    out, at = [], 0
    for m in _STOP.finditer(line):
        out.append(line[at : m.end()].strip())
        at = m.end()
    return [*out, line[at:].strip()]


def opening(text: str) -> tuple[str, str]:
    """Return the first sentence of an output and all that follows."""
    line, _, rest = text.partition("\n")
    first, *others = sentences(line[:MAX_ANSWER])
    return first, " ".join([*others, line[MAX_ANSWER:], rest]).strip()
