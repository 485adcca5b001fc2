"""[duplicates]: from what similarity on two documents or two questions count as one."""

from typing import Annotated

from pydantic import Field

from etl.config.part import Part


class Duplicates(Part):
    """Thresholds."""

    documents: Annotated[float, Field(ge=0.5, le=1)] = 0.8
    """Share of five-word sequences that two documents have in common, estimated. At 0.8, nearly all documents that
    share 0.9 are found, and none that share 0.5."""
    questions: Annotated[float, Field(ge=0.5, le=1)] = 0.7
    """Share of content words that two questions with the same answer have in common, where one says all that the
    other says; names, numbers and negations must agree at any threshold."""
