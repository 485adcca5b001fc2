"""Evidence is found give or take typography, and what is returned is the passage's own slice."""

import itertools
import re
import time
import unicodedata

import pytest

from udfs.evidence import find, whole

PASSAGE = (
    "The café “Zoë” opened in\n1990 — it’s small.\u200b The ﬁrst guest\u00a0paid 5\u202f€. "
    "Soft\u00adware, naïve x² … end."
)


@pytest.mark.parametrize(
    ("evidence", "slice_"),
    [
        ("opened in\n1990", "opened in\n1990"),
        ("opened in 1990", "opened in\n1990"),
        ('The café "Zoë" opened', "The café “Zoë” opened"),
        ("1990 - it's small.", "1990 — it’s small."),
        ("  it's small. The first guest ", "it’s small.\u200b The ﬁrst guest"),
        ("cafe\u0301", "café"),
        ("guest paid 5 €", "guest\u00a0paid 5\u202f€"),
        ("Software", "Soft\u00adware"),
        ("x2", "x²"),
        ('"it\'s small."', "it’s small"),
        ("...paid 5 €...", "paid 5\u202f€"),
        ("… naïve x2 …", "naïve x²"),
        ("Soft\u200bware,   naïve", "Soft\u00adware, naïve"),
    ],
)
def test_found(evidence: str, slice_: str) -> None:
    found = find(evidence, PASSAGE)
    assert found is not None
    assert PASSAGE[found[0] : found[1]] == slice_


@pytest.mark.parametrize(
    "evidence", ["", "  ", "...", '"', "\u200b", "the café", "opened in 1991", "rst guests", "irst guest"]
)
def test_not_found(evidence: str) -> None:
    assert find(evidence, PASSAGE) is None


def test_decomposed_passage() -> None:
    passage = "Le cafe\u0301 noir"
    assert find("café", passage) == (3, 8)


def test_empty_passage() -> None:
    assert find("x", "") is None


def test_long_passages_are_cheap() -> None:
    passages = ["a\u00a0" * 50_000, "a" * 100_000, "é “x” " * 20_000, "\u200b" * 100_000, "ﬁ" * 100_000]
    began = time.process_time()
    for passage in passages:
        find("no such \u201cthing\u201d", passage)
        find("a" * 5000 + "é", passage)
        find("i" + "fi" * 5000, passage)
    assert time.process_time() - began < 5


VARIANTS = {
    "decomposed": lambda t: unicodedata.normalize("NFD", t),
    "composed": lambda t: unicodedata.normalize("NFC", t),
    "compatible": lambda t: t.replace("fi", "ﬁ").replace("fl", "ﬂ").replace("...", "…"),
    "wide": lambda t: t.translate({i: i + 0xFEE0 for i in range(0x30, 0x3A)}),
    "no-break": lambda t: t.replace(" ", "\u00a0"),
    "wrapped": lambda t: t.replace(" ", "\r\n \t"),
    "thin": lambda t: t.replace(" ", "\u2009"),
    "soft hyphens": lambda t: t.replace("er", "e\u00adr"),
    "zero width": lambda t: t.replace("n", "n\u200b").replace("a", "\ufeffa").replace("o", "o\u2060"),
    "curly": lambda t: re.sub(r'"([^"]*)"', "“\\1”", t).replace("'", "’"),
    "german quotes": lambda t: re.sub(r'"([^"]*)"', "„\\1“", t).replace("'", "‘"),
    "guillemets": lambda t: re.sub(r'"([^"]*)"', "«\\1»", t).replace("'", "′"),
    "em dashes": lambda t: t.replace("-", "—"),
    "minus signs": lambda t: t.replace("-", "−"),
    "no-break hyphens": lambda t: t.replace("-", "\u2011"),
}
TEXT = (
    'Émile said: "It\'s -30 °C", no less - in the office of Zoë Đỗ at Việt Trì... 한국어와 日本語 가각. '
    "The first flight (1998-2004) carried 👩‍🚀 𝒙𝒚 and 👍🏽 over Åre; naïve fools affirmed it."
)
INVISIBLE = "\u200b\ufeff\u2060"
SPANS = [
    'Émile said: "It\'s -30 °C"', "no less - in the office", "office of Zoë Đỗ at Việt Trì...", "한국어와 日本語 가각",
    "The first flight (1998-2004)", "carried 👩‍🚀 𝒙𝒚 and 👍🏽 over Åre", "naïve fools affirmed it.",
]  # fmt: skip


@pytest.mark.parametrize("here", VARIANTS)
def test_typography_of_either_side_does_not_matter(here: str) -> None:
    for there, span in itertools.product(VARIANTS, SPANS):
        passage, copied = VARIANTS[there]("🎈 " + TEXT), VARIANTS[here](span)
        found = find(copied, passage)
        assert found is not None, (there, span)
        assert passage[slice(*found)].strip(INVISIBLE) == VARIANTS[there](span).strip(INVISIBLE)


def test_a_letter_is_not_cut_from_its_accent() -> None:
    assert find("caf", "un cafe\u0301") == (3, 6)
    assert find("cafe", "un cafe\u0301") is None
    assert find("cafe", "un café") is None
    assert find("cafe", "café, cafe") == (6, 10)
    assert find("e\u0323\u0301", "x\u00e9\u0323y") == find("e\u0301\u0323", "x\u00e9\u0323y") == (1, 3)


@pytest.mark.parametrize(
    ("passage", "cut", "taken"),
    [
        ("Aruba had 1,234,567 people", "had 1,234", "had 1,234,567"),
        ("Aruba had 1,234,567 people", "234,567 people", "1,234,567 people"),
        ("it grew by 3.75 percent", ".75", "3.75"),
        ("it fell to (-5.5) degrees", "5.5", "-5.5"),
        ("the capital Romeville", "mevil", "Romeville"),
        ("un cafe\u0301teria", "cafe\u0301", "cafe\u0301teria"),
        ("born in 1984. 12 days", "1984", "1984"),
        ("in 1984, 300 people", "1984", "1984"),
        ("the war of 1914-1918 and 1939 –1945", "1918 and 1939 –1945", "1918 and 1939 –1945"),
        ("a war (1939 –1945)", "1945", "1945"),
        ("the B-52 bomber", "52", "52"),
        ("Rome's _Tiber_", "Rome", "Rome"),
        ("Rome's _Tiber_", "Tiber", "Tiber"),
        ("他生于1984年五月", "1984", "1984"),
        ("他生于1984年五月", "五", "五"),
    ],
)
def test_words_and_numbers_are_taken_whole(passage: str, cut: str, taken: str) -> None:
    at = passage.index(cut)
    start, end = whole((at, at + len(cut)), passage)
    assert passage[start:end] == taken


@pytest.mark.parametrize("bit", ["a", "1,", "-1 ", "1. ", "é-", "中", "\u0301"])
def test_whole_words_of_long_passages_are_cheap(bit: str) -> None:
    passage = bit * 500_000
    start, end = whole((len(passage) // 2, len(passage) // 2 + 3), passage)
    assert start <= len(passage) // 2 < end
