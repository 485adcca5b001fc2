"""Signatures: the estimate is right, near-duplicates are found, others never, and nothing changes with time."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from udfs import minhash
from udfs.minhash import PERMUTATIONS, banding, bands, signature, similarity
from udfs.shingles import ngrams, word_hashes


def edited(words: list[str], jaccard: float, rng: random.Random) -> list[str]:
    """Return the words with so many changed at random places that five-word shingles agree about that much."""
    changes = round(len(words) * (1 - jaccard) / (1 + jaccard) / minhash.SHINGLE_WORDS)
    out = list(words)
    for place in rng.sample(range(len(words)), changes):
        out[place] = f"changed{rng.randrange(10**9)}"
    return out


def exact(left: str, right: str) -> float:
    a, b = (set(ngrams(word_hashes(t), minhash.SHINGLE_WORDS).tolist()) for t in (left, right))
    return len(a & b) / len(a | b)


@pytest.fixture(scope="module")
def pairs() -> Callable[[float, int], list[tuple[str, str]]]:
    """A function that gives pairs of texts of about this similarity."""

    def make(jaccard: float, count: int) -> list[tuple[str, str]]:
        rng = random.Random(round(jaccard * 100))
        texts = [[f"w{rng.randrange(5000)}" for _ in range(rng.randint(300, 900))] for _ in range(count)]
        return [(" ".join(t), " ".join(edited(t, jaccard, rng))) for t in texts]

    return make


def judged(pairs: list[tuple[str, str]], threshold: float) -> tuple[float, float]:
    """Return the share of pairs that are found as near-duplicates, and of pairs that share a band."""
    left, right = (np.stack([s for t in side if (s := signature(t)) is not None]) for side in zip(*pairs, strict=True))
    cut = banding(threshold)
    met = (bands(left, cut) == bands(right, cut)).any(axis=1)
    return float((met & (similarity(left, right) >= threshold)).mean()), float(met.mean())


def test_found_at_nine_tenths_never_at_a_half(pairs: Callable[[float, int], list[tuple[str, str]]]) -> None:
    close, far = pairs(0.9, 300), pairs(0.5, 1000)
    assert abs(np.mean([exact(*p) for p in close[:50]]) - 0.9) < 0.02
    assert abs(np.mean([exact(*p) for p in far[:50]]) - 0.5) < 0.05
    assert judged(close, 0.8)[0] >= 0.99
    found, met = judged(far, 0.8)
    assert found == 0
    assert met > 0.02  # so it is the estimate that turned them down, as it must


@pytest.mark.parametrize("jaccard", [0.3, 0.6, 0.85])
def test_estimate_is_without_bias(jaccard: float, pairs: Callable[[float, int], list[tuple[str, str]]]) -> None:
    some = pairs(jaccard, 300)
    errors = np.array([similarity(signature(a), signature(b)) - exact(a, b) for a, b in some])  # type: ignore[arg-type]
    assert abs(errors.mean()) < 0.01
    assert np.sqrt((errors**2).mean()) < 1.15 * np.sqrt(jaccard * (1 - jaccard) / PERMUTATIONS) + 0.002


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0])
def test_bands_follow_from_the_threshold(threshold: float) -> None:
    cut = banding(threshold)
    assert cut.bands * cut.rows <= PERMUTATIONS
    assert cut.found(threshold) >= minhash.FOUND
    assert cut.found(threshold - 0.3) < 0.35


def test_a_band_says_which_one_it_is() -> None:
    """Repeated values give each band another hash, or empty-looking texts would all meet each other."""
    flat = np.full((1, PERMUTATIONS), 7, np.uint16)
    assert len(set(bands(flat, banding(0.8))[0].tolist())) == banding(0.8).bands


def test_too_few_words_have_no_signature() -> None:
    assert signature("four words are few") is None
    assert signature("") is None
    assert signature("five words are just enough") is not None


def test_order_of_paragraphs_and_case_hardly_matter() -> None:
    text = [" ".join(f"word{i}x{j}" for j in range(80)) for i in range(6)]
    left, right = signature("\n\n".join(text)), signature("\n".join(reversed(text)).upper())
    assert left is not None
    assert right is not None
    assert similarity(left, right) > 0.8


def test_more_shingles_than_a_block() -> None:
    words = [f"w{i}" for i in range(3 * minhash.BLOCK)]
    halves = [signature(" ".join(words[: 2 * minhash.BLOCK])), signature(" ".join(words))]
    assert halves[0] is not None
    assert halves[1] is not None
    assert abs(similarity(halves[0], halves[1]) - 2 / 3) < 0.13


def test_signatures_are_kept_for_good() -> None:
    """They stand in a table and are compared with those of years to come."""
    found = signature("The bridge was opened on 12 March 1931 after four years of work.")
    assert found is not None
    assert found[:8].tolist() == KEPT
    assert bands(found[None], banding(0.8))[0, :2].tolist() == KEPT_BANDS


KEPT = [27130, 29739, 61239, 3035, 55087, 34911, 45343, 24299]
KEPT_BANDS = [6217427724813990228, 5523277566706573755]
