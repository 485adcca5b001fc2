"""Languages: whether two texts are plainly written in different scripts or languages.

By script and function words alone: few words are enough for a sure "no", and names, titles and terms of another
language mislead nobody. What is not plain is no difference.
"""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

MAX_LOOK = 20_000  # characters of a text
MIN_SHARE = 0.6  # of the letters that one script must have to be the text's
MIN_WORDS = 2  # function words of its own language that a question must hold to be told by them
MIN_LEAD = 3.0  # how many times as many function words the passage must have of its own language as of the other

_FUNCTION = {
    "en": "the of and to is was were are did does do what which who whom whose when where why how many much with from "
    "that this has have had by for an be been in on at it its as or not",
    "de": "der die das den dem des ein eine einer eines einem einen und ist war wurde wurden sind hat hatte wer wie wo "
    "wann warum welche welcher welches welchem welchen viele mit von vom zum zur auf für nicht sich auch bei nach als "
    "im in am an es",
    "fr": "le la les un une des du de et est était sont a été qui que quel quelle quels quelles où quand comment "
    "pourquoi combien avec dans par pour sur au aux ce cette il elle en ne pas se",
    "es": "el la los las un una de del y es era fue son ha qué quién cuál cuáles dónde cuándo cómo cuántos cuántas por "
    "para con en al que se su no lo como",
    "it": "il lo la gli le un una di del della dei delle e è era fu sono ha chi che quale quali dove quando come "
    "quanti quante perché con in nel nella per da dal si non al",
    "pt": "o a os as um uma de do da dos das e é era foi são tem quem que qual quais onde quando como quantos quantas "
    "por para com em no na nos nas se não ao",
    "nl": "de het een en is was werd zijn heeft wie wat welke waar wanneer waarom hoe hoeveel met van voor op aan in "
    "niet zich ook bij naar als door te dat",
    "sv": "och är var av den det en ett som på med till för från hur många vad vem vilken vilket när varför inte har "
    "i om de",
    "pl": "i w na z do jest był była było są kto co który która które gdzie kiedy jak ile dlaczego nie się od po przez",
}
_LANGUAGES: dict[str, list[str]] = {}
for _language, _text in _FUNCTION.items():
    for _word in dict.fromkeys(_text.split()):
        _LANGUAGES.setdefault(_word, []).append(_language)
_SCRIPTS = {
    "CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hangul", "LATIN": "Latin", "CYRILLIC": "Cyrillic",
    "GREEK": "Greek", "ARABIC": "Arabic", "HEBREW": "Hebrew", "DEVANAGARI": "Devanagari", "THAI": "Thai",
}  # fmt: skip
_LATIN_WORD = re.compile(r"[^\W\d_]+")


def differ(question: str, passage: str, evidence: str) -> str | None:
    """Return how the question's script or language differs from that of passage and evidence; None where that is not
    plain.
    """
    asked, read = script(question), script(passage)
    if not asked or not read:
        return None
    if asked != read:
        return None if script(evidence) in (asked, None) else f"{asked} script, passage {read}"
    if asked != "Latin":
        return None
    mine, theirs = _function_words(question), _function_words(passage)
    language, other = _leader(mine), _leader(theirs)
    if language is None or other is None or language in (other, _leader(_function_words(evidence))):
        return None
    sure = mine[language] >= MIN_WORDS and mine[language] >= 2 * mine[other]
    plain = theirs[other] >= MIN_LEAD * max(theirs[language], 1)
    return f"language {language}, passage {other}" if sure and plain else None


@functools.lru_cache(maxsize=8)
def script(text: str) -> str | None:
    """Return the script of most letters of a text; Kana for any text with Japanese syllables; None where mixed."""
    counts: Counter[str] = Counter()
    for letter, n in Counter(text[:MAX_LOOK]).items():
        if letter.isascii():
            counts["Latin"] += n if letter.isalpha() else 0
        elif letter.isalpha():
            counts[_SCRIPTS.get(unicodedata.name(letter, "?").split()[0].split("-")[0], "other")] += n
    dense = counts["Han"] + counts["Kana"]
    if counts["Kana"] * 10 > dense > 0:
        counts["Kana"], counts["Han"] = dense, 0
    total = counts.total()
    name, most = counts.most_common(1)[0] if total else ("", 0)
    return name if name and name != "other" and most >= MIN_SHARE * total else None


@functools.lru_cache(maxsize=8)
def _function_words(text: str) -> Mapping[str, int]:
    """Return how many function words of each language a text has. The last few are remembered, since the pairs of one
    passage come one after another.
    """
    counts = dict.fromkeys(_FUNCTION, 0)
    for word in _LATIN_WORD.findall(text[:MAX_LOOK].lower()):
        for language in _LANGUAGES.get(word, ()):
            counts[language] += 1
    return counts


def _leader(counts: Mapping[str, int]) -> str | None:
    """Return the language with more function words than any other."""
    second, first = sorted(counts, key=counts.__getitem__)[-2:]
    return first if counts[first] > counts[second] else None
