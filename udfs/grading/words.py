"""Words: the folded words of an answer, which of them carry meaning, and when two wordings are one."""

import functools
import itertools
import re

from udfs.grading.signs import marks
from udfs.phrases import tokens

# What may stand around an answer without adding to it.
_FUNCTION = """
a an the le la les l un une der die das den dem des ein eine einen el los las il lo gli o os as de het
is are was were be been being has have had does did do it its it's this that these those they them he she his her
their there here we you my our your s re of in on at to for by with from into through via during within upon
as called named known termed and so thus hence therefore then answer final correct response solution result namely
which who whom whose what where when how both used use using means mean refers referred about approximately
approximately around roughly circa would will can should must also just simply indeed actually equal equals
overall total altogether einfach ist war sind wird est sont es son y e et und
"""
FUNCTION = frozenset(_FUNCTION.split())
# What turns an answer round, or leaves it open; never dropped.
_TURNING = """
not no non never neither nor without un isn wasn aren weren don doesn didn t cannot can't except besides unlike or
either maybe perhaps possibly probably might may could unsure un against anti opposite lack lacks false wrong rather
instead than but although however despite unless if hardly barely
scarcely less nothing none nobody incorrect untrue mistaken unlikely impossible
"""
TURNING = frozenset(_TURNING.split())
_LEADING = "in on at by through via with from of for during within as because due to"
_DETERMINERS = "a an the le la les l un une der die das den dem ein eine el los las il lo gli de het"
_PREPOSITIONS, _ARTICLES = frozenset(_LEADING.split()), frozenset(_DETERMINERS.split())
_MET = re.compile(r"(\d) (?=\d)")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MARKS = re.compile(r"[\u200b-\u200f\u00ad\u2060\ufeff]")
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_OWNED = re.compile(
    r"\A(?:the |an? )?([\w -]{1,40})['’]s? (.{1,60})\Z", re.I
)  # the object's mass: the mass of the object
_OF = re.compile(r"\A(?:the |an? )?([\w-]{1,40}) (?:of|from) (?:the |an? )?(.{1,60})\Z", re.I)
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_ADJECTIVES = re.compile(r"\A(?:an? |the )?[a-z]+, [a-z]+ [a-z]+\W*\Z")
_LETTERS = str.maketrans(_PLAIN | {c.upper(): plain for c, plain in _PLAIN.items() if c != "ı"})
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_SPELLINGS = tuple((re.compile(p), new) for p, new in (
    (r"(?<=[a-z]{3})is(e|ed|es|ing|ation|ations|er|ers)$", r"iz\1"), (r"ys(e|ed|es|ing)$", r"yz\1"),
    (r"our(s|ed|ing|less|ful|)$", r"or\1"),
    (r"([^aeiou])re(s?)$", r"\1er\2"), (r"ae|oe", "e"), (r"ogue(s?)$", r"og\1"), (r"ence$", "ense"),
    (r"^grey", "gray"), (r"^aluminium$", "aluminum"), (r"sulph", "sulf"), (r"programme$", "program"),
    (r"^tyre", "tire"),
    (r"^(trave|mode|labe|signa|channe|leve|cance|fue|marve)ll(ed|ing|er|ers)$", r"\1l\2"), (r"^mould", "mold"),
))  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’.&+#-]*[^\W_]+)*[+#]*|[^\W_][+#]*")


def folded(text: str) -> tuple[str, ...]:
    """Return the folded words of a text, without the possessive s."""
    text = _POSSESSIVE.sub("", _MARKS.sub("", text))
    return tokens(text if text.isascii() else text.translate(_LETTERS))


def bare(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Drop articles wherever they stand but at the end, and prepositions in front, but never all words."""
    at = 0
    while at < len(wanted) - 1 and wanted[at] in _PREPOSITIONS | _ARTICLES:
        at += 1
    last = len(wanted) - 1  # where an article names something: vitamin A
    return tuple(w for n, w in enumerate(wanted) if n >= at and (n == last or w not in _ARTICLES))


def same(a: str, b: str, plural: bool = False) -> bool:
    """Tell whether two texts are the same words, give or take case, marks, articles and spelling.

    `plural`: cell is the same as cells.
    """
    a, b = (_GROUPED.sub("", t) for t in (a, b))
    x, y = bare(folded(a)), bare(folded(b))
    if not x or not y:
        return bool(a.strip()) and a.strip() == b.strip()
    return marks(a) == marks(b) and (_equal(x, y) or _respelled(a, b, x, y, plural))


def _respelled(a: str, b: str, x: tuple[str, ...], y: tuple[str, ...], plural: bool) -> bool:
    x, y = tuple(map(american, x)), tuple(map(american, y))
    if _equal(x, y) or (plural and tuple(map(singular, x)) == tuple(map(singular, y))):
        return True
    if plural and len(x) == 3 and (x[1], x[0], x[2]) == y and _ADJECTIVES.search(a):
        return True  # a black, rearing bear
    if plural and _equal(*(bare(folded(_OF.sub(r"\2 \1", t.strip()))) for t in (a, b))):
        return True  # a deficiency of vitamin C: vitamin C deficiency
    turned = [_OWNED.sub(r"\2 of \1", t.strip()) for t in (a, b)]
    if turned != [a.strip(), b.strip()] and _equal(*(bare(folded(t)) for t in turned)):
        return True
    umlauts = [bare(folded(t.translate(_UMLAUTS))) for t in (a, b)]
    return _equal(*umlauts) if umlauts != [x, y] else False


def _equal(x: tuple[str, ...], y: tuple[str, ...]) -> bool:
    return x == y or _joined(x) == _joined(y)


def _joined(words: tuple[str, ...]) -> str:
    """Return words as one, but numbers apart: F-16 is F16, 3.5 is not 35."""
    text = "".join(words)
    if not any(a[-1].isdigit() and b[0].isdigit() for a, b in itertools.pairwise(words)):
        return text
    return _MET.sub(r"\1.", " ".join(words)).replace(" ", "")


@functools.lru_cache(maxsize=2048)
def american(word: str) -> str:
    """Return a folded word in its American spelling."""
    if len(word) > 4 and word.isascii():
        for pattern, new in _SPELLINGS:
            word = pattern.sub(new, word)
    return word


def singular(word: str) -> str:
    """Return an English noun without its plural ending; good enough to compare, not to print."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(?:ss|x|ch|sh|zz)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


_FORMS_OF = """
write wrote written|build built|win won|lead led|make made|give gave given|take took taken|begin began begun
keep kept|break broke broken|choose chose chosen|come came|fight fought|hold held|lose lost|meet met|pay paid
run ran|say said|rise rose risen|see saw seen|sell sold|send sent|sing sang sung|speak spoke spoken|spend spent
stand stood|teach taught|think thought|tell told|draw drew drawn|grow grew grown|know knew known|fall fell fallen
buy bought|bring brought|become became|find found founded|go went gone|die died death|bear born birth|leave left
strike struck|feel felt|throw threw thrown|wear wore worn|cause caused|hide hid hidden|lay laid|lie lay lain
seek sought|shake shook shaken|sink sank sunk|swim swam|catch caught|drive drove driven|eat ate eaten|fly flew flown
forget forgot forgotten|freeze froze frozen|get got gotten|hear heard|mean meant|ride rode ridden|steal stole stolen
feed fed|cut|put|set|hit|let|shut|hurt|cast|spread|split|quit|deal dealt|dig dug|flee fled|bend bent|bind bound
bleed bled|blow blew blown|breed bred|cling clung|creep crept|forbid forbade forbidden|forgive forgave forgiven
grind ground|hang hung|kneel knelt|lead led|lend lent|light lit|ring rang rung|shoot shot|show shown
shrink shrank shrunk|sit sat|sleep slept|slide slid|spin spun|spring sprang sprung|stick stuck|sting stung
sweep swept|swing swung|tear tore torn|tread trod trodden
weave wove woven|weep wept|withdraw withdrew withdrawn|undertake undertook undertaken
overthrow overthrew|swear swore sworn|wake woke|wind wound|burn burnt|learn learnt|spell spelt|spoil spoilt|dream dreamt
"""
IRREGULAR = {form: line.split()[0] for line in re.split(r"[|\n]", _FORMS_OF) for form in line.split()}
_UNCHANGED = "cut put set hit let shut hurt cast spread split quit"
PASTS = {form for form, base in IRREGULAR.items() if form != base} | set(_UNCHANGED.split())


def stem(word: str) -> str:
    """Return a word without its English ending; good enough to see that proposed is a form of propose."""
    word = IRREGULAR.get(word, word)
    if len(word) > 5 and word.endswith(("ied", "ies")):
        return word[:-3] + "y"
    endings = r"(?:ing|ed|es|e|(?<!s)s)$" if len(word) > 4 else r"[se]$"
    short = re.sub(endings, "", word)
    return short if len(short) > 2 else word


def focus(question: str) -> frozenset[str]:
    """Return the words that say what kind of thing is asked: `which river`, `the name of the process`."""
    out: set[str] = set()
    for found in _FOCUS_NOUN.finditer(question[:2000]):
        before = list(itertools.takewhile(lambda w: w not in FUNCTION, folded(found[1])))
        for word in before[-1:]:
            out |= {word, stem(word), singular(word)}
    for found in _FOCUS_ORDER.finditer(question[:2000]):
        before = list(itertools.takewhile(lambda w: w not in FUNCTION, folded(found[1])))
        for word in before[-1:]:
            out |= {word, stem(word), singular(word)}
    for found in _FOCUS.finditer(question[:2000]):
        for word in folded(found[1])[:3]:
            if word in FUNCTION:
                break
            out |= {word, stem(word), singular(word)}
    return frozenset(out)


_FOCUS_NOUN = re.compile(r"\bwhat(?:'s|’s|\s(?:is|was|are|were))\sthe\s((?:[\w'-]+\s?){1,6})", re.I)
_FOCUS_ORDER = re.compile(r"\b(?:name|list|identify|give)\s(?:all\s)?(?:the\s)?((?:[\w'-]+\s?){1,5})", re.I)
_FOCUS = re.compile(
    r"\b(?:which|what|(?:name|title|term|word) (?:of|for)(?: the| a)?)"
    r"(?:\s(?:type|kind|sort|form|class|group|category|part|branch|field|piece|area)s? of(?: the| a| an)?)?\s"
    r"([\w'-]+(?:\s[\w'-]+)?(?:\s[\w'-]+)?)",
    re.I,
)
_IN_YEAR = re.compile(
    r"(?:\A|\s)(?:[Ii]n|[Oo]n|since|by|around|during|from)\s(?:the year\s|early\s|late\s)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s)?"
    r"(?:[A-Z][a-z]+\.?\s)?(?:\d{1,2},?\s)?\d{4}\b,?"
)


def core(text: str, question: str, truth: str) -> str:
    """Return what the text says beyond function words and the question's words, cut off at both ends.

    Words of the truth are never cut. Where the truth itself stands in the question, its words tell nothing,
    and only function words are cut. An answer that is a list is left whole.
    """
    if not re.search(r"\d", truth):
        text = _IN_YEAR.sub("", text)
    found = list(_WORD.finditer(text))
    words = folded(truth)
    kept = set(words[-1:]) | set(words) - _ARTICLES
    asked = {stem(w) for w in folded(question)}
    given = kept and {stem(w) for w in kept} <= asked
    folds = [folded(m.group()) for m in found]
    kind = focus(question)
    prose = any(w in FUNCTION for f in folds for w in f)
    droppable = kind if given or not prose else asked | kind
    start, end = 0, len(found)

    def drops(at: int) -> bool:
        return all(w not in TURNING and w not in kept and (w in FUNCTION or stem(w) in droppable) for w in folds[at])

    while start < end and drops(start):
        start += 1
    while end > start and drops(end - 1):
        end -= 1
    return text[found[start].start() : found[end - 1].end()] if start < end else ""
