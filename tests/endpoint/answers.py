"""The right answers: functions of a request's fields alone, so whoever asks again gets the same."""

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

DOMAINS = (
    "math", "technology_engineering", "coding", "social_science", "natural_science",
    "travel_lifestyle", "commerce_economics", "medicine_health", "education", "other",
)  # fmt: skip
BLANK = "____"

_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s+|。|\n")
_SCALE = r"\s*(?:%|percent|hundred|thousand|million|billion|trillion)"
_NUMBER = re.compile(
    rf"(?<![\w.,/:^+\\\-–−])(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|0|[1-9][0-9]*)(?:\.[0-9]+)?(?![\w/:^\-–−]|[.,]\d|{_SCALE})"
)
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]{2,})*")
_COMMON = {
    "the", "this", "that", "these", "those", "there", "their", "they", "its", "she", "his", "her",
    "our", "you", "your", "for", "and", "but", "when", "where", "what", "which", "who", "how",
    "why", "are", "was", "were", "not", "yes", "all", "some", "any", "one", "two", "first", "also",
    "however", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
}  # fmt: skip
_MIN_WORDS, _MAX_CHARS = 6, 400


def stable_hash(text: str) -> int:
    """Return a 32 bit hash of `text` that is the same in every process."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _qualify(fields: Mapping[str, str]) -> dict[str, Any]:
    passage = fields.get("passage", "")
    reason = "informative"
    if "boilerplate" in passage.lower():
        reason = "boilerplate"
    elif len(passage.split(None, 20)) < 20:
        reason = "too_shallow"
    return {"reasoning": f"It is {reason}.", "qualified": reason == "informative", "reason": reason}


def _classify(fields: Mapping[str, str]) -> dict[str, Any]:
    passage = fields.get("passage", "")
    h = stable_hash(passage)
    words = [w for w in passage[:4000].lower().split() if len(w) > 4 and w.isalpha()] or ["facts"]
    count = 1 + h // 10 % 3
    chosen = dict.fromkeys(words[(h // 30 + 7 * i) % len(words)] for i in range(count))
    return {"domain": DOMAINS[h % 10], "personas": [f"a reader interested in {w}" for w in chosen]}


def _numbers(sentence: str) -> list[tuple[str, str]]:
    return [("number" if "." in m[0] else "integer", m[0]) for m in _NUMBER.finditer(sentence)]


def _names(sentence: str) -> list[tuple[str, str]]:
    """Return the runs of capitalised words that do not open the sentence."""
    found: list[tuple[str, str]] = []
    opening = _WORD.search(sentence)
    for match in _NAME.finditer(sentence, opening.end() if opening else 0):
        run: list[str] = []
        for word in [*match[0].split(" "), ""]:
            if word[:1].isupper() and len(word) > 2 and word.lower() not in _COMMON:
                run.append(word)
            elif run:
                found.append(("name", " ".join(run)))
                run = []
    return found


def _sentences(passage: str) -> list[str]:
    ends = [m.end() for m in _SENTENCE_END.finditer(passage)]
    return [passage[a:b].strip() for a, b in zip([0, *ends], [*ends, len(passage)], strict=True)]


def _fact(passage: str, h: int) -> tuple[str, str, str] | None:
    """Return sentence, answer type and answer of the first fact from a place that `h` picks."""
    sentences = _sentences(passage)
    for i in range(len(sentences)):
        sentence = sentences[(h + i) % len(sentences)]
        if len(sentence) > _MAX_CHARS or len(sentence.split(None, _MIN_WORDS)) < _MIN_WORDS:
            continue
        if facts := _numbers(sentence) or _names(sentence):
            return sentence, *facts[h // 7 % len(facts)]
    return None


def _blanked(text: str, answer_type: str, answer: str) -> str:
    if answer_type == "name":
        return re.sub(rf"(?<!\w){re.escape(answer)}(?!\w)", BLANK, text, flags=re.IGNORECASE)
    value = float(answer.replace(",", ""))
    return re.sub(
        r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?",
        lambda m: BLANK if float(m[0].replace(",", "")) == value else m[0],
        text,
    )


def _generate(fields: Mapping[str, str]) -> dict[str, Any]:
    fact = _fact(fields.get("passage", ""), stable_hash(fields.get("persona", "")))
    names = ("question", "answer", "answer_type", "unit", "evidence")
    if fact is None:
        return {"answerable": False, **dict.fromkeys(names), "aliases": []}
    evidence, answer_type, found = fact
    answer = found.replace(",", "") if answer_type != "name" else found
    topic = " ".join((fields.get("title") or "its subject").split())
    statement = _blanked(f"{topic}: {' '.join(evidence.split())}", answer_type, found)
    about = f"in this statement about {statement.rstrip('.!?')}?"
    return {
        "answerable": True,
        "question": f"Which value fills the blank ({BLANK}) {about}",
        "answer": answer,
        "aliases": [found] if found != answer else [],
        "answer_type": answer_type,
        "unit": None,
        "evidence": evidence,
    }


def _check(fields: Mapping[str, str]) -> dict[str, Any]:
    correct = stable_hash(fields.get("question", "")) % 10 != 0
    return {
        "reasoning": "The statement supports it." if correct else "The statement says otherwise.",
        "has_context": True,
        "answer_correct": correct,
        "leaks_answer": False,
    }


def _difficulty(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fills the blank from the passage; without one, or where the statement does not stand there, it does not know."""
    _, _, statement = fields.get("question", "").rstrip("?").partition(" in this statement about ")
    parts = [re.escape(part) for part in statement.partition(": ")[2].split(BLANK)]
    found = re.search("(.+?)".join(parts), " ".join(fields.get("passage", "").split())) if len(parts) > 1 else None
    return {"text": f"It says so.\n\nAnswer: {found[1]}" if found else "I do not know."}


def _judge(fields: Mapping[str, str]) -> dict[str, Any]:
    """Right is what holds the true answer."""
    truth, responses = fields.get("answer", ""), fields.get("responses", "").splitlines()
    return {
        "reasoning": "As it says.",
        "marks": ["right" if truth.lower() in r.lower() else "wrong" for r in responses],
    }


_STAGES: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "qualify": _qualify,
    "classify": _classify,
    "generate": _generate,
    "check": _check,
    "difficulty": _difficulty,
    "judge": _judge,
}


def right_answer(stage: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what a perfect model would answer in `stage`; `{"ok": true}` for a request of no stage."""
    answer = _STAGES.get(stage)
    return answer(fields) if answer else {"ok": True}
