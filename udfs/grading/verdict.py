"""What is asked of a comparison, and what it says."""

from typing import Literal, NamedTuple

Outcome = Literal["right", "wrong", "undecided"]


class Asked(NamedTuple):
    """The question and its truth: `forms` are the true answer and its aliases, the answer first."""

    kind: str
    forms: tuple[str, ...]
    question: str = ""
    unit: str = ""


class Verdict(NamedTuple):
    """What a rule says of one answer, and the rule's name."""

    outcome: Outcome
    rule: str


def best(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict over several forms of the truth: right if any is, wrong only if all are."""
    for outcome in ("right", "undecided", "wrong"):
        for verdict in verdicts:
            if verdict.outcome == outcome:
                return verdict
    return Verdict("undecided", "nothing_to_compare")
