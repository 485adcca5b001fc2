"""MinHash: a text's shingles as a short signature, from which the similarity of two texts is estimated.

Similarity is Jaccard's: distinct shingles that two texts share, divided by all distinct shingles of both.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from udfs.shingles import Hashes, mix, ngrams, sequence, word_hashes

if TYPE_CHECKING:
    import pyarrow as pa

SHINGLE_WORDS = 5  # as in FineWeb (arXiv 2406.17557, section 3.4) and datatrove
PERMUTATIONS = 128
BLOCK = 8192  # shingles permuted at a time: a buffer of 4 MB
FOUND = 0.9  # a pair right at the threshold shares a band at least this often

SIGNATURE_DDL = "content_hash string, threshold double, signature binary, bands array<long>"

Signature = NDArray[np.uint16]

_FACTORS = (sequence(1001, PERMUTATIONS) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
_SHIFTS = (sequence(1002, PERMUTATIONS) >> np.uint64(32)).astype(np.uint32)


class Banding(NamedTuple):
    """How signatures are cut into bands: texts that agree in one whole band are compared."""

    bands: int
    rows: int

    def found(self, similarity: float) -> float:
        """Return how probably two texts of this similarity share a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


def banding(threshold: float) -> Banding:
    """Return the banding with the fewest chance meetings that finds FOUND of the pairs right at the threshold."""
    every = [Banding(PERMUTATIONS // rows, rows) for rows in range(1, PERMUTATIONS + 1)]
    return max((b for b in every if b.found(threshold) >= FOUND), key=lambda b: b.rows)


def signature(text: str) -> Signature | None:
    """Return the PERMUTATIONS minima over the text's shingles, the low 16 bits of each; None for a text without.

    Two minima that differ agree in 16 bits by chance once in 65,536.
    """
    shingles = ngrams(word_hashes(text), SHINGLE_WORDS)
    if not shingles.size:
        return None
    return _minima(shingles).astype(np.uint16)


def _minima(shingles: Hashes) -> NDArray[np.uint32]:
    hashes = (shingles >> np.uint64(32)).astype(np.uint32)
    minima = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, hashes.size, BLOCK):
        permuted = np.multiply.outer(_FACTORS, hashes[start : start + BLOCK])
        permuted += _SHIFTS[:, None]
        np.minimum(minima, permuted.min(axis=1), out=minima)
    return minima


def bands(signatures: NDArray[np.uint16], cut: Banding) -> NDArray[np.int64]:
    """Return one hash per band, shape (signatures, bands); the number of the band is part of the hash."""
    count = len(signatures)
    values = signatures[:, : cut.bands * cut.rows].reshape(count, cut.bands, cut.rows).astype(np.uint64)
    factors = sequence(1003, cut.rows) | np.uint64(1)
    sums = (mix(values + np.uint64(1)) * factors).sum(axis=2, dtype=np.uint64) + sequence(1004, cut.bands)
    return mix(sums).view(np.int64)


def similarity(left: NDArray[np.uint16], right: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return the estimated similarity of pairs of signatures, row by row; standard error at most 0.044."""
    agree: NDArray[np.float64] = (left == right).mean(axis=-1)
    return agree


def sign(batches: "Iterator[pa.RecordBatch]", threshold: float) -> "Iterator[pa.RecordBatch]":
    """Turn texts (content_hash, text) into signatures (SIGNATURE_DDL); a text without shingles gets none."""
    import pyarrow as pa

    cut = banding(threshold)
    for batch in batches:
        texts = zip(batch["content_hash"].to_pylist(), batch["text"].to_pylist(), strict=True)
        found = [(name, signed) for name, text in texts if (signed := signature(text)) is not None]
        if found:
            signed = np.stack([s for _, s in found])
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array([name for name, _ in found], pa.string()),
                    pa.array([threshold] * len(found), pa.float64()),
                    pa.array([s.astype("<u2").tobytes() for s in signed], pa.binary()),
                    pa.array(bands(signed, cut).tolist(), pa.list_(pa.int64())),
                ],
                names=["content_hash", "threshold", "signature", "bands"],
            )


def compare(batches: "Iterator[pa.RecordBatch]", threshold: float) -> "Iterator[pa.RecordBatch]":
    """Keep the pairs that are similar enough: in place of the columns a and b (signatures, last) comes `score`."""
    import pyarrow as pa

    for batch in batches:
        a, b = (
            np.frombuffer(b"".join(batch[side].to_pylist()), "<u2").reshape(-1, PERMUTATIONS) for side in ("a", "b")
        )
        scores = similarity(a, b)
        kept = pa.RecordBatch.from_arrays(
            [*batch.columns[:-2], pa.array(scores, pa.float64())], names=[*batch.schema.names[:-2], "score"]
        )
        yield kept.filter(pa.array(scores >= threshold))
