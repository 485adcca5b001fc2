"""Passages cover the text, keep their size, and stay what they are when the document changes elsewhere."""

import random

import pytest

from udfs.passages import count_tokens, passages

WORDS = ["river", "bridge", "steel", "tower", "Keller", "opened", "in", "the", "of", "arch", "storm", "repaired"]


def paragraph(dice: random.Random) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(20, 80))).capitalize() + "."


def document(seed: int, paragraphs: int = 100) -> list[str]:
    dice = random.Random(seed)
    return [paragraph(dice) for _ in range(paragraphs)]


def texts(parts: list[str], most: int = 1000) -> list[str]:
    return [p.text for p in passages("\n\n".join(parts), most)]


def check(text: str, most: int) -> None:
    """Passages stand in order at their offsets, are numbered and short enough, and leave out blanks only."""
    found = passages(text, most)
    at = 0
    for number, passage in enumerate(found):
        assert passage.part == number
        assert text[passage.start : passage.start + len(passage.text)] == passage.text
        assert not text[at : passage.start].strip()
        assert passage.text.strip()
        at = passage.start + len(passage.text)
    assert not text[at:].strip()
    assert max(count_tokens([p.text for p in found])) <= most


def test_a_text_that_fits_is_one_passage() -> None:
    (whole,) = passages("  One.\n\nTwo.  ", 200)
    assert (whole.part, whole.start, whole.text) == (0, 0, "  One.\n\nTwo.  ")


@pytest.mark.parametrize("most", [200, 333, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_paragraphs_are_covered(seed: int, most: int) -> None:
    check("\n\n".join(document(seed)), most)


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_covered(seed: int) -> None:
    dice = random.Random(seed)
    pieces = [*WORDS, "\n", "\n\n", "\n \n", " ", ". ", "? ", "。", "中文字符", "\U0001f9d1\u200d\U0001f680", "x" * 90,
              "\t", "\u2028", "é" * 30, "{}", "<|im_end|>", "\\frac{1}{2}", "0" * 40, "\xa0" * 9]  # fmt: skip
    check("".join(dice.choice(pieces) for _ in range(4000)), dice.choice([64, 200, 500]))


def test_cuts_fall_between_paragraphs() -> None:
    found = texts(document(1))
    assert len(found) > 5
    assert all(p.endswith(".\n\n") for p in found[:-1])


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    found = passages(" ".join(document(2)), 1000)
    assert len(found) > 5
    assert all(p.text.endswith(". ") for p in found[:-1])


def test_no_passage_is_under_a_quarter_of_the_size() -> None:
    sizes = count_tokens(texts(document(3)))
    assert all(size >= 250 for size in sizes)


def test_they_are_a_function_of_text_and_setting() -> None:
    before = texts(document(4))
    passages.cache_clear()
    assert texts(document(4)) == before
    assert texts(document(4), 700) != before


@pytest.mark.parametrize(("at", "removed"), [(50, 1), (50, 0), (0, 0), (0, 1), (99, 1)])
def test_an_edit_leaves_the_passages_elsewhere(at: int, removed: int) -> None:
    changes = []
    for seed in range(20):
        before = document(seed)
        after = [*before[:at], "A paragraph of another wording stands here now.", *before[at + removed :]]
        known = set(texts(before))
        assert len(known) >= 5
        changes.append(sum(text not in known for text in texts(after)))
    assert sorted(changes)[len(changes) // 2] <= 2
    assert max(changes) <= 3


def test_an_article_of_70_kilobytes_has_several() -> None:
    article = "\n\n".join(document(5, 250))
    assert len(article) > 70_000
    assert 2 <= len(passages(article, 6000)) <= 8
    check(article, 6000)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["x" * 5_000_000, "word " * 1_000_000, "中文" * 1_250_000], ids=["x", "words", "han"])
def test_five_megabytes_on_one_line_are_cut(text: str) -> None:
    found = passages(text, 6000)
    assert len(found) > 50
    assert "".join(p.text for p in found) == text


def test_long_runs_of_blanks_do_no_harm() -> None:
    check("One.\n\n" + " \n" * 4000 + "Two. " * 200 + "\n" * 4000, 200)
