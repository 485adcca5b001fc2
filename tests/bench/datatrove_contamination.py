"""datatrove's search for benchmark items in documents, one JSON string a line: a script for its own environment.

Takes the documents' file and the items'. Prints {"cpu_s": …, "found": [true or false, …]}: whether a document shares
a 12-gram with an item. The index is made by datatrove's own functions; its step would load lighteval for nothing.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont import NGramsDecontFilter, NGramsDecontIndexer


def main() -> None:
    """Read the documents and the items named on the command line."""
    texts, items = ([json.loads(line) for line in Path(p).read_text("utf-8").splitlines()] for p in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        step = NGramsDecontFilter(folder)
        hashes = {h for item in items for h in NGramsDecontIndexer.compute_hashes(step, item)}
        np.array(sorted(hashes), step.config.hash_config.np_descr).tofile(Path(folder) / "items.index.hashes")
        step.filter(Document(text="The index is loaded before the clock starts.", id=""))
    documents = [Document(text=text, id="") for text in texts]
    started = time.process_time()
    found = [step.filter(document) is not True for document in documents]
    print(json.dumps({"cpu_s": time.process_time() - started, "found": found}))


if __name__ == "__main__":
    main()
