"""Words and shingles as hashes: equal where a reader sees the same words, different otherwise, the same for good."""

import random

import numpy as np
import pytest

from udfs.shingles import CHUNK, ngrams, word_hashes


def same(left: str, right: str) -> bool:
    return bool(np.array_equal(word_hashes(left), word_hashes(right)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("The Bridge, opened in 1931.", "the bridge  opened\nin 1931"),
        ("Café", "Cafe\u0301"),
        ("ΑΘΗΝΑ", "αθηνα"),
        ("eﬃcient ﬁlter", "efficient filter"),
        ("hy\u00adphen", "hyphen"),
        ("km²", "km2"),
        ("𝐛𝐨𝐥𝐝 text", "bold text"),
        ("ＡＢＣ１２", "abc12"),
        ("don't", "don’t"),
        ("snake_case", "snake case"),
        ("a 😀 b", "a b"),
        ("水道、橋", "水道橋"),
    ],
)
def test_same_words(left: str, right: str) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("in 1931", "in 1932"),
        ("ab c", "a bc"),
        ("ab", "ba"),
        ("a", "a a"),
        ("१९", "19 "),
        ("é", "e"),
        ("𠀀", "𠀁"),
        ("a" * 200 + "b", "b" + "a" * 200),
    ],
)
def test_different_words(left: str, right: str) -> None:
    assert not same(left, right)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" ,. \n", 0),
        ("one", 1),
        ("one, two", 2),
        ("東京 is 2 big", 5),
        ("ภาษา", 4),
        ("हिन्दी भाषा", 2),
        ("\ud800", 0),
    ],
)
def test_count(text: str, count: int) -> None:
    assert len(word_hashes(text)) == count


def test_equal_words_and_no_others_have_equal_hashes() -> None:
    rng = random.Random(5)
    words = ["".join(rng.choices("abcdé0123ßж", k=rng.randint(1, 12))) for _ in range(50_000)]
    hashes = word_hashes(" ".join(words))
    assert len(hashes) == len(words)
    assert len(set(hashes.tolist())) == len(set(words))


def test_neighbours_do_not_matter() -> None:
    text = "Ein Maß für Größe; 12 Maß, und größe: 水水 ﬁx"
    alone = [word_hashes(w)[0] for w in ("ein", "maß", "für", "größe", "12", "maß", "und", "größe", "水", "水", "fix")]
    assert word_hashes(text).tolist() == alone


@pytest.mark.parametrize("filler", ["wort ", "ﬁ ", "水", "x"])
def test_long_text_is_hashed_in_pieces(filler: str) -> None:
    words = word_hashes(filler * (3 * CHUNK // len(filler)))
    assert len(words) == {"x": 3}.get(filler, 3 * CHUNK // len(filler))
    assert filler == "x" or len(set(words.tolist())) == 1


def test_ngrams() -> None:
    words = word_hashes("a b c a b c")
    grams = ngrams(words, 3)
    assert len(grams) == 4
    assert grams[0] == grams[3]
    assert len(set(grams.tolist())) == 3
    assert grams[0] == ngrams(word_hashes("A b, c"), 3)[0]
    assert not set(ngrams(words, 2).tolist()) & set(grams.tolist())
    assert not ngrams(words, 7).size


def test_hashes_are_kept_for_good() -> None:
    """Signatures and indexes outlive versions of Python, numpy and this program."""
    assert word_hashes("The bridge, 1931: Größe 水").tolist() == KEPT


KEPT = [9130111906595478312, 7833320049773841182, 15745803831350096973, 700074766855269160, 15292147703610951803]


def test_every_letter_and_digit_is_seen() -> None:
    missed = [c for c in map(chr, range(0x20, 0x3000)) if c.isalnum() and not word_hashes(c).size]
    assert missed == ["ͺ"]  # a blank with a mark, says Unicode
