"""Phrases: whether the words of one text stand in another, give or take case, punctuation and diacritics."""

import functools
import re
import unicodedata

from udfs.numbers import SMALL

MAX_LOOKS = 200  # places tried per search, so that hostile text stays cheap
MAX_NAME = 8  # words of a person's name
MAX_GAP = 6  # words between the parts of a phrase that others are coordinated into
MIN_PLURAL = 4  # letters of a word in the singular; shorter ones are too often another word
MIN_STEM = 5  # letters of a word without its ending; shorter ones are too often another word

# Scripts that set no spaces between words: there each character is a token of its own.
NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{NO_SPACES}]|(?:(?![{NO_SPACES}])\w)+[+#]*")
_DENSE = re.compile(rf"[{NO_SPACES}]")
_UNSPACED = re.compile(rf"(?<=[{NO_SPACES}])(?<![年月])(?=\d)")
_MARKS = re.compile("[\u0300-\u036f]+")
_DIGITS = {word: str(n) for word, n in SMALL.items()}
_ARTICLES = frozenset({
    "the", "a", "an", "le", "la", "les", "l", "un", "une", "der", "die", "das", "ein", "eine", "el", "los",
    "las", "il", "lo", "gli", "o", "os", "as", "de", "het",
})  # fmt: skip
_TITLES = _ARTICLES | {
    "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "saint", "st",
    "president", "king", "queen", "emperor", "prince", "princess", "general", "captain", "pope", "senator",
}  # fmt: skip
_PERSON_TITLES = _TITLES - {"st", "saint", "lord", "lady"}
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "v", "vi", "vii", "viii", "phd", "md"})
_SPELLED = {
    "st": "saint",
    "mt": "mount",
    "ft": "fort",
    "jr": "junior",
    "sr": "senior",
    "bros": "brothers",
    "co": "company",
}
_IRREGULAR = {
    form: forms.split()[0].removesuffix("e")
    for forms in (
        "rise rose risen", "fall fell fallen", "grow grew grown", "win won", "lose lost", "begin began begun",
        "build built", "write wrote written", "make made", "man men", "woman women", "child children", "foot feet",
        "tooth teeth", "mouse mice", "goose geese", "leaf leaves", "wolf wolves", "life lives", "knife knives",
        "phenomenon phenomena", "criterion criteria", "bacterium bacteria", "medium media", "datum data",
        "nucleus nuclei", "fungus fungi", "axis axes", "analysis analyses", "crisis crises", "matrix matrices",
        "index indices", "vertex vertices", "large larger largest", "small smaller smallest", "high higher highest",
        "low lower lowest", "great greater greatest", "old older oldest", "long longer longest", "short shorter",
        "fast faster fastest", "slow slower", "strong stronger", "weak weaker", "hot hotter", "cold colder",
    )
    for form in forms.split()
}  # fmt: skip
_STOP = _ARTICLES | {
    "in", "on", "at", "of", "to", "for", "by", "and", "or", "is", "are", "was", "were", "it", "that", "this",
    "be", "with", "from", "as", "not", "no", "yes", "he", "she", "they", "who", "what", "which", "how",
    "when", "where",
}  # fmt: skip


@functools.lru_cache(maxsize=64)
def tokens(text: str) -> tuple[str, ...]:
    """Return the folded words: no case, no diacritics, no punctuation, number words as digits, & as and."""
    text = text.replace("&", " and ")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
    return tuple(_DIGITS.get(t, t) for t in _TOKEN.findall(text.casefold()))


def bare(text: str) -> tuple[str, ...]:
    """Return the tokens without leading articles and titles."""
    return _without(tokens(text), _TITLES)


def core(text: str) -> tuple[str, ...]:
    """Return the tokens without leading function words; all of them where there are no others."""
    return _without(tokens(text), _STOP)


def spaced(text: str) -> str:
    """Return the text with a space before numbers, where the script sets none between words."""
    return _UNSPACED.sub(" ", text)


def words(text: str) -> int:
    """Return about how many words a reader counts; two characters make one in scripts without spaces."""
    dense = len(_DENSE.findall(text))
    return (dense + 1) // 2 + len(_DENSE.sub("", text).split())


def stands_in(phrase: str, text: str) -> bool:
    """Tell whether the phrase stands in the text at word boundaries, in whatever inflection.

    Leading articles and titles may lack; of `chemical and physical weathering` it may be the first kind.
    """
    wanted = tokens(phrase)
    if not wanted:
        return bool(phrase.strip()) and phrase.strip() in text
    text_tokens, without = tokens(text), bare(phrase)
    if within(wanted, text_tokens) or within(without, text_tokens):
        return True
    stems, text_stems = tuple(map(stem, without)), tuple(map(stem, text_tokens))
    return within(stems, text_stems) or _shares_head(stems, text_stems)


def gives_away(phrase: str, text: str, inflected: bool = False) -> str | None:
    """Return the words of the text that are the phrase; one letter or mere function words do not count.

    `inflected`: other numbers and tenses of a single word of some length count too, `welding` for `weld`.
    """
    wanted = _without(tokens(phrase), _ARTICLES)
    if len("".join(wanted)) < 2 or all(t in _STOP for t in wanted):
        return None
    text_tokens = tokens(text)
    for form in dict.fromkeys((wanted, _without(wanted, _PERSON_TITLES))):
        if within(form, text_tokens):
            return " ".join(form)
    if not inflected:
        return None
    for ending, shortest in ((plural, MIN_PLURAL), (stem, MIN_STEM)):
        forms = tuple(map(ending, wanted))
        if len("".join(forms)) >= shortest and within(forms, tuple(map(ending, text_tokens))):
            return " ".join(wanted)
    return None


def named_in(name: str, text: str) -> bool:
    """Tell whether the text names this person: initials stand for names, initials may lack, and so may titles.

    J. R. R. Tolkien is John Ronald Reuel Tolkien, and `Tolkien, John R. R.`; John Adams is not John Quincy Adams.
    """
    last, comma, first = name.partition(",")
    found = _spelled(tokens(text))
    for wanted in [_spelled(bare(n)) for n in (name, f"{first} {last}")[: 1 + bool(comma)]]:
        if not 1 < len(wanted) <= MAX_NAME:
            continue
        window = len(wanted) + MAX_NAME
        turned = (wanted[-1], *wanted[:-1])
        starts = [i for i, t in enumerate(found) if t[0] in (wanted[0][0], turned[0][0])]
        if any(_matches(w, found[at : at + window], wanted[-1]) for at in starts for w in (wanted, turned)):
            return True
    return False


def has_word(word: str, text: str) -> bool:
    """Tell whether the text holds the word, in this spelling."""
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def surname(name: str) -> str:
    """Return the last word of a name of several words, as it is written, but for `Jr.` and the like; else nothing."""
    parts = [p.strip(".,") for p in name.split()]
    while parts and (parts[-1].lower() in _SUFFIXES or parts[-1].isdigit()):
        parts.pop()
    return parts[-1] if len(parts) > 1 and len(parts[-1]) >= 3 and parts[-1][0].isupper() else ""


def acronym(name: str) -> str:
    """Return the initials of the capitalised words of a name of three or more; else nothing."""
    initials = "".join(w[0] for w in re.findall(r"\w+", name) if w[0].isupper())
    return initials if len(initials) >= 3 else ""


def _spelled(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_SPELLED.get(t, t) for t in found)


def _matches(wanted: tuple[str, ...], text: tuple[str, ...], family: str) -> bool:
    """Tell whether the text begins with this name; words and initials may stand for each other, not the family's."""
    at, same = 0, 0
    for word in wanted:
        while 0 < at < len(text) and len(text[at]) == 1 and not text[at].startswith(word[0]):
            at += 1
        other = text[at] if at < len(text) else ""
        initial = word != family and other and min(len(word), len(other)) == 1 and word[0] == other[0]
        if word == other or initial:
            at, same = at + 1, same + 1
        elif len(word) > 1 or at == 0:
            return False
    return same > 1


def _shares_head(wanted: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Tell whether a phrase of two or three words stands there with others of its kind coordinated into it."""
    if not 2 <= len(wanted) <= 3:
        return False
    firsts = [i for i, t in enumerate(text) if t == wanted[0]][:MAX_LOOKS]
    for first in firsts:
        gap = text[first + 1 : first + 2 + MAX_GAP]
        for size in range(1, len(gap)):
            if gap[size : size + 1] == wanted[1:2] and {"and", "or"} & set(gap[:size]):
                return text[first + 1 + size : first + size + len(wanted)] == wanted[1:]
    return False


@functools.lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return the word without the endings of English number and tense: good enough to match, not to print."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii():
        return word
    word = plural(word)
    for ending in ("ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and re.search("[aeiouy]", rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def plural(word: str) -> str:
    """Return the word without the ending of the English plural."""
    if len(word) <= 3 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search("(?:s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def within(wanted: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Tell whether the tokens stand in a row, or their letters cut otherwise: U.S. as US, e-mail as email."""
    if f" {' '.join(wanted)} " in f" {' '.join(text)} ":
        return True
    joined, needle = "".join(text), "".join(wanted)
    at = joined.find(needle)
    if at < 0 or len(needle) < 2:
        return False
    bounds, size = {0}, 0
    for token in text:
        size += len(token)
        bounds.add(size)
    for _ in range(MAX_LOOKS):
        if at in bounds and at + len(needle) in bounds:
            return True
        at = joined.find(needle, at + 1)
        if at < 0:
            break
    return False


def _without(wanted: tuple[str, ...], leading: frozenset[str]) -> tuple[str, ...]:
    """Drop leading words of this kind, but never all."""
    at = 0
    while at < len(wanted) - 1 and wanted[at] in leading:
        at += 1
    return wanted[at:]
