"""datatrove's filters over documents, one JSON string a line: a script for its own environment, which has none of us.

Prints {"cpu_s": …, "rejected": [reason or null, …]}: the four filters in FineWeb's order, up to the first reject.
"""

import json
import sys
import time
import warnings
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)

warnings.simplefilter("ignore")
FILTERS: list[Any] = [
    GopherRepetitionFilter(),
    GopherQualityFilter(min_doc_words=None, max_doc_words=None),  # length is judged in tokens, by another rule
    C4QualityFilter(filter_no_terminal_punct=False),  # as FineWeb uses it
    FineWebQualityFilter(),
]


def first_reject(text: str) -> str | None:
    """Return the reason of the first filter that turns the text down."""
    document = Document(text=text, id="")
    for each in FILTERS:
        verdict = each.filter(document)
        if verdict is not True:
            return str(verdict[1])
    return None


def main() -> None:
    """Read the documents named on the command line."""
    with open(sys.argv[1], encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    first_reject("The tokenizer is loaded before the clock starts.")
    started = time.process_time()
    rejected = [first_reject(text) for text in texts]
    print(json.dumps({"cpu_s": time.process_time() - started, "rejected": rejected}))


if __name__ == "__main__":
    main()
