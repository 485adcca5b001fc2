"""Questions on a life: when the person of the page was born and died, from the dates in the lead."""

from collections.abc import Iterator

from udfs.engines.embedded.page import Page
from udfs.engines.embedded.pair import Pair


def life(page: Page) -> Iterator[Pair]:
    """Yield the birth and the death of a person whose lead gives both days in full."""
    if not page.person:
        return
    if page.born:
        yield Pair(f"On what date was {page.topic} born?", page.born, "date", "when", "birth", 9.0)
    if page.died:
        yield Pair(f"On what date did {page.topic} die?", page.died, "date", "when", "death", 8.9)
