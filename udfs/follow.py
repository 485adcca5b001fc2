"""Follows a passage through the stages: each answer leads to the next stage's calls while the prompt's prefix is warm.

Nothing is derived here: the calls land in the journal, and the tables are made from the ledger as ever.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from udfs.caller import Caller, Settled, Task
from udfs.stages import Row, logic
from udfs.tasks import calls, result

ELSEWHERE = Settled("elsewhere")  # another document stands for this call


@dataclass(frozen=True)
class Passage:
    """Rows of one passage with calls to make in the first stage, and what was paid before for any stage."""

    rows: Sequence[Row]
    wanted: frozenset[str]
    """The call_keys that are to be settled here."""
    known: Mapping[str, Settled] = field(default_factory=dict)


async def follow(callers: Sequence[Caller], passage: Passage, order: int = 0) -> list[Settled]:
    """Settle a passage's calls in the first caller's stage, then what they lead to in the stages of the others;
    return how the first ones fared. Passages of a lower `order` go first where slots are scarce.
    """
    first: list[Settled] = []
    rows = passage.rows
    for caller, behind in zip(callers, [*callers[1:], None], strict=True):
        stage, spec = logic(caller.spec.stage), caller.spec
        asked = [(row, calls(stage, spec, row)) for row in rows]
        wanted = passage.wanted if caller is callers[0] else None
        tasks = [t for _, some in asked for t in some]
        settled = dict(
            zip(
                [t.call_key for t in tasks],
                await asyncio.gather(*(_settle(caller, t, passage.known, wanted, order) for t in tasks)),
                strict=True,
            )
        )
        first = first or [s for k, s in settled.items() if k in passage.wanted]
        if behind is None or caller.stop is not None:
            break
        made = [(row, [settled[t.call_key] for t in some]) for row, some in asked]
        rows = _next(caller, made)
        if not rows:
            break
    return first


async def _settle(
    caller: Caller, task: Task, known: Mapping[str, Settled], wanted: frozenset[str] | None, order: int
) -> Settled:
    if task.call_key in known:
        return known[task.call_key]
    if wanted is not None and task.call_key not in wanted:
        return ELSEWHERE
    return await caller.call(task, order)


def _next(caller: Caller, made: Sequence[tuple[Row, list[Settled]]]) -> list[Row]:
    """Return the rows of the next stage; of equal pairs the first asks, as in the stage's inputs."""
    stage = logic(caller.spec.stage)
    rows: dict[object, Row] = {}
    for row, settled in made:
        if any(s.how not in ("called", "known") for s in settled):
            continue
        outcomes = [{"text": s.text, "error_type": s.error_type, "failure": None} for s in settled]
        got = result(stage, caller.spec, row, outcomes)
        if got.get("error_type") is None:
            for following in stage.leads_to(row, got):
                rows.setdefault(following.get("qa_id") or len(rows), following)
    return list(rows.values())
