"""datatrove's MinHash signatures of documents, one JSON string a line: a script for its own environment.

Prints {"cpu_s": …, "buckets": [[hash, …] or null, …]}: per document the hash of each bucket's row.
"""

import json
import sys
import time
import warnings

from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

warnings.simplefilter("ignore")


def main() -> None:
    """Read the documents named on the command line."""
    with open(sys.argv[1], encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    step = MinhashDedupSignature("/tmp/unused", MinhashConfig())
    step.get_signature(step.get_shingles("The tokenizer is loaded before the clock starts, of course."))
    found, started = [], time.process_time()
    for text in texts:
        shingles = step.get_shingles(text)
        found.append(step.get_signature(shingles) if shingles.size else None)
    spent = time.process_time() - started
    buckets = [signed and ["-".join(map(str, row)) for row in signed] for signed in found]
    print(json.dumps({"cpu_s": spent, "buckets": buckets}))


if __name__ == "__main__":
    main()
