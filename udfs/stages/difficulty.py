"""Stage difficulty: how often a reference model solves a pair, from what it knows and from the document.

Its answers are free text, as a trainer's model would give, and the rule grader marks them, as a trainer's reward would.
What it calls undecided is kept, for the stage judge.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from udfs.answers import FreeText
from udfs.reward import grade
from udfs.stages import Answers, Inputs, Logic, Result, Row, document_inputs

FIELDS = ("question", "answer", "aliases", "answer_type", "unit")
MEASURED_DDL = (
    "closed_book_pass double, closed_book_k int, closed_book_undecided int, "
    "document_pass double, document_k int, document_undecided int, doubtful boolean"
)
UNTOLD_DDL = "closed_book_untold array<string>, document_untold array<string>"
MAX_UNTOLD = 300  # characters kept of an answer that no rule can mark
Marks = Mapping[str, int]


def _inputs(row: Row) -> tuple[Inputs, ...]:
    """Twice the same question: without the document, and with it."""
    asked = {"question": row["question"]}
    return (asked, {**document_inputs(row), **asked})


def _result(row: Row, closed_book: Answers, document: Answers) -> Result:
    """A pair is doubtful where no sample solved it though it was asked with the document; where no such sample could
    be marked, nothing is known of that.
    """
    known, shown = [_mark(row, a) for a in closed_book], [_mark(row, a) for a in document]
    return {
        **measured(_count(known), _count(shown)),
        "closed_book_untold": _untold(known),
        "document_untold": _untold(shown),
    }


def measured(known: Marks, shown: Marks) -> Result:
    """Return the columns of MEASURED_DDL from how many answers were right, wrong and undecided, without the document
    and with it.
    """
    solved = known["right"] + shown["right"]
    told = shown["right"] + shown["wrong"]
    return {
        **_rates("closed_book", known),
        **_rates("document", shown),
        "doubtful": not solved if told or known["right"] else None,
    }


def _mark(row: Row, answer: FreeText | None) -> tuple[str, str]:
    """Return right, wrong or undecided, and the answer compared; a sample that came to no answer cannot be marked."""
    if answer is None:
        return "undecided", ""
    about = {name: row.get(name) for name in ("question", "answer_type", "unit", "aliases")}
    found = grade("webscale-rl", answer.text, row["answer"], about)
    return str(found["verdict"]), str(found["answer"])


def _count(marks: Iterable[tuple[str, str]]) -> Marks:
    return Counter(verdict for verdict, _ in marks)


def _untold(marks: Iterable[tuple[str, str]]) -> list[str]:
    return [answer[:MAX_UNTOLD] for verdict, answer in marks if verdict == "undecided" and answer]


def _rates(name: str, marks: Marks) -> Result:
    """The share of right answers among the `k` that could be marked; null where none could."""
    marked = marks["right"] + marks["wrong"]
    return {
        f"{name}_pass": marks["right"] / marked if marked else None,
        f"{name}_k": marked,
        f"{name}_undecided": marks["undecided"],
    }


def _leads_to(row: Row, result: Result) -> list[Row]:
    return [{**row, **result}] if result["closed_book_untold"] or result["document_untold"] else []


LOGIC = Logic(name="difficulty", version=2, answer=FreeText, inputs=_inputs, result=_result, leads_to=_leads_to)
