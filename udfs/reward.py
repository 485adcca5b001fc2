"""The reward: whether free output gives the true answer, as verl asks for it, and which rule says so.

Plain Python: no Spark, no pandas, no model; safe in threads, and bounded in time for any output.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from udfs.grading import choices, final, honesty, remarks
from udfs.grading.around import against
from udfs.grading.compare import compare
from udfs.grading.kinds import kind_of
from udfs.grading.rivals import rivals
from udfs.grading.verdict import Asked, Verdict

MAX_TRUTH = 2_000  # characters of a true answer or alias
MAX_ALIASES = 20
MAX_QUESTION = 8_000


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
) -> float:
    """Return 1.0 where a rule is sure that the output's final answer is right, else 0.0.

    `extra_info` may carry question, answer_type, unit and aliases; without them the type is read off the truth.
    """
    return float(grade(data_source, solution_str, ground_truth, extra_info)["score"])


def grade(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return score (1.0 or 0.0), verdict (right, wrong, undecided), rule, answer (what was compared), answer_type.

    `undecided` is what no rule can tell, such as another name for the same thing: a judge may.
    """
    asked = _asked(ground_truth, extra_info or {})
    found = final.find(solution_str if isinstance(solution_str, str) else "", verbatim=asked.kind == "code")
    verdict = _verdict(found, asked)
    return {
        "score": 1.0 if verdict.outcome == "right" else 0.0,
        "verdict": verdict.outcome,
        "rule": verdict.rule,
        "answer": found.answers[0] if found.answers else "",
        "answer_type": asked.kind,
    }


def _asked(ground_truth: Any, extra: Mapping[str, Any]) -> Asked:
    question = _text(extra.get("question"))[:MAX_QUESTION]
    unit = _text(extra.get("unit")).strip()
    aliases = extra.get("aliases")
    listed = list(aliases)[:MAX_ALIASES] if isinstance(aliases, Iterable) and not isinstance(aliases, str) else []
    forms = [_text(form).strip()[:MAX_TRUTH] for form in (ground_truth, *listed)]
    forms = [form for form in forms if form]
    unit = "" if unit.lower() in ("none", "null", "nan") else unit
    kind = kind_of(forms[0] if forms else "", question, _text(extra.get("answer_type")))
    return Asked(kind, tuple(forms), question, unit)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _verdict(found: final.Final, asked: Asked) -> Verdict:
    if not asked.forms:
        return Verdict("undecided", "no_truth")
    if found.nothing:
        return Verdict("undecided" if found.nothing == "taken_back" else "wrong", found.nothing)
    if honesty.instructs(found.text, asked.question):
        return Verdict("wrong", "instruction_to_grader")
    verdict = _best_reading(found, asked)
    if verdict.outcome == "right":
        return _unrivalled(found, asked, verdict)
    if verdict.outcome == "undecided" and honesty.refuses(" ".join(found.answers)):
        return Verdict("wrong", "refusal")
    return verdict


def _best_reading(found: final.Final, asked: Asked) -> Verdict:
    if asked.kind == "choice" and found.how in ("last_line", "lines"):
        line = choices.walked(found.text, asked.question)
        if line is not None:
            return compare(line, asked) if line else Verdict("undecided", "goes_through_options")
    first: Verdict | None = None
    spare = (found.text[-MAX_TRUTH:],) if asked.kind == "code" and found.how in ("last_line", "whole") else ()
    for answer in (*found.answers, *spare):
        verdict = compare(answer, asked)
        if verdict.outcome == "right":
            verdict = against(answer, found.bold, asked) or verdict
        if verdict.outcome == "right" or verdict.rule in choices.COMMITTED:
            return verdict
        first = first if first and (first.outcome == "wrong" or verdict.outcome == "undecided") else verdict
    first = first or Verdict("undecided", "empty")
    if found.how == "last_line" and (above := remarks.closed(found.text, asked.kind)):
        return next((v for v in (compare(a, asked) for a in final.find(above).answers) if v.outcome == "right"), first)
    if found.how in ("last_line", "whole") and first.outcome == "undecided":
        return _opening(found, asked) or first
    return first


def _opening(found: final.Final, asked: Asked) -> Verdict | None:
    """Take the first sentence for the answer where the rest only explains it."""
    head, rest = final.opening(found.text)
    if not rest or len(head) > 200 or head.rstrip().endswith("?"):
        return None
    if remarks.CORRECTION.search(rest) or honesty.withdraws(rest) or honesty.unsure(rest):
        return None
    counts = asked.kind in ("integer", "number", "date") and any(map(str.isdigit, rest))  # the rest may say another
    if len(rest.split()) < 4 or honesty.alternatives(head) or counts:
        return None
    verdict = compare(head, asked)
    return verdict if verdict.outcome == "right" else None


def _unrivalled(found: final.Final, asked: Asked, verdict: Verdict) -> Verdict:
    """Take back a `right` where other answers stand beside it, or what follows takes it back."""
    return _several(found, asked) or _taken_back(found, asked) or verdict


def _several(found: final.Final, asked: Asked) -> Verdict | None:
    """Judge an output by the other answers that it marks as it marks the right one."""
    whole = asked.kind == "code" and found.how == "lines" and compare(found.answers[0], asked).outcome == "right"
    lines = whole or asked.kind == "list"  # these are parts of one answer, no others beside it
    if not lines and any(compare(rival, asked).outcome != "right" for rival in found.rivals):
        return Verdict("wrong", "several_answers")
    others = (
        {r for r in found.every if compare(r, asked).outcome != "right"} if len(found.every) >= final.SPAM else set()
    )
    return Verdict("wrong", "answer_spam") if len(others) >= final.SPAM - 1 else None


def _taken_back(found: final.Final, asked: Asked) -> Verdict | None:
    """Judge an output by what its right answer, or what follows it, says besides."""
    if remarks.CORRECTION.search(found.tail):
        return Verdict("undecided", "corrected_later")
    open_end = asked.kind != "code" and not found.tail and found.how not in ("boxed", "tag")
    if open_end and remarks.breaks_off(found.text, asked):
        return Verdict("undecided", "breaks_off")
    if honesty.withdraws(found.tail):
        return Verdict("wrong", "hedge")
    said = max(found.answers, key=len)
    told = f"{said}. {found.tail}" if found.tail else said
    return Verdict("undecided", "several_answers") if any(rivals(told[:MAX_TRUTH], asked)) else None
