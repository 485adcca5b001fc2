"""Spelled numbers: fractions, points, halves and letters for scales, rewritten so that `udfs.numbers` reads them."""

import re

from udfs.numbers import SMALL

_SMALL = "|".join(sorted(SMALL, key=len, reverse=True))
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "fifteenth": 15, "sixteenth": 16,
    "twentieth": 20, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_SCALE = r"(?=\s(?:hundred|thousand|million|billion|trillion|dozen)s?\b)"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(p, re.I), new) for p, new in (
    (r"\b(?:minus|negative)\s(?=[\d.])", "-"),
    (r"\b(?:an?)\s(?=(?:hundred|thousand|million|billion|trillion|dozen|half|third|quarter|fourth|fifth|sixth|"
     r"seventh|eighth|ninth|tenth|hundredth|thousandth)\b)", "one "),
    (r"\bhalf\s(?:an?|one)\s(?=(?:hundred|thousand|million|billion|trillion|dozen)\b)", "0.5 "),
    (r"\bhalf\s(?:an?)\s(?=[a-z])", "0.5 "),
    (r"\b(\d[\d.,]*)\s?(?-i:k)\b", r"\1 thousand"),
    (r"\b(\d{1,4})\s?h\s?(\d{1,2})(?:\s?m(?:in)?)?\b", r"\1 h \2 min"),
    (r"\b(\d{1,4}):(\d\d)\s?(?:hours?|hrs?|h)\b", r"\1 h \2 min"),
    (r"\ban?\s(hour|day|week|year|mile|metre|meter|minute|month)\sand\s(?:a|one)\shalf\b", r"1.5 \1"),
    (r"\b(\d+)\s([a-z]+)\sand\s(?:a|one)\shalf\b", r"\1.5 \2"),
    (r"(\d)\s?(?:mio|mn|mln)\b\.?", r"\1 million"),
    (r"(\d)\s?(?:bn|bln|mrd)\b\.?", r"\1 billion"),
    (r"(\d)\s?(?:tn|trn)\b\.?", r"\1 trillion"),
    (r"\b(\d[\d.,]*)\slakhs?\b", r"\g<1>e5"),
    (r"\b(\d[\d.,]*)\scrores?\b", r"\g<1>e7"),
    (rf"\ban?\s(?=(?:hour|day|week|month|year|minute|mile|foot|pound),?\s(?:and\s)?(?:\d|{_SMALL}\b))", "one "),
))  # fmt: skip
_AND_PART = re.compile(rf"\b(\d+|{_SMALL})\sand\s(?:an?\s|one\s)?(half|quarter|third)\b", re.I)
_OF_PARTS = re.compile(rf"\b(\d+|{_SMALL})[\s-]({_PART})s?\b(?!\s(?:largest|smallest|century|place|grade))", re.I)
_POINT = re.compile(rf"\b(\d+|{_SMALL})\spoint((?:\s(?:\d|{_SMALL})\b){{1,12}})", re.I)
_LARGE = {"hundred": "100", "thousand": "1000", "million": "1000000"}
_ONE_IN = re.compile(r"\A\W*(?:one|1) in (?:one |an? )?(hundred|thousand|million|\d{1,9})\W*\Z", re.I)
_RATIO = re.compile(r"\A\s*(\d{1,4})\s?:\s?(\d{1,4})\s*\Z")
_HALF = re.compile(r"\A\W*half\W*\Z", re.I)


def respell(text: str) -> str:
    """Return the text with `two and a half million` as `2 1/2 million`, `two point five` as `2.5`, and so on."""
    if not re.search(r"[a-zA-Z:]", text):
        return text
    for pattern, new in _RULES:
        text = pattern.sub(new, text)
    text = _POINT.sub(lambda m: f"{_value(m[1])}.{''.join(str(_value(w)) for w in m[2].split())}", text)
    text = _AND_PART.sub(lambda m: _mixed(_value(m[1]), m[2]), text)
    text = _OF_PARTS.sub(lambda m: f"{_value(m[1])}/{_PARTS[m[2].lower()]}", text)
    text = _RATIO.sub(lambda m: f"{m[1]}/{m[2]}", _ONE_IN.sub(lambda m: f"1/{_LARGE.get(m[1], m[1])}", text))
    return _HALF.sub("1/2", text)


def _value(word: str) -> int:
    return int(word) if word.isdigit() else SMALL[word.lower()]


def _mixed(whole: int, part: str) -> str:
    if part.lower() == "third":
        return f"{whole} 1/3"
    return f"{whole}{'.5' if part.lower() == 'half' else '.25'}"
