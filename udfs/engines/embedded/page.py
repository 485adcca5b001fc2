"""The page: what the lead of a passage tells about its topic, and whether a name is a person's."""

import re
from dataclasses import dataclass
from pathlib import Path

from udfs.engines.embedded.sentences import MAX_CHARS, Sentence, strip_brackets
from udfs.engines.embedded.words import first_names, words

_DATA = Path(__file__).parent / "data"
_MAX_TOPIC = 60  # characters; a longer title is a headline, not a name
_LEAD_CHARS = 400
_COUNTED = 3  # times a name stands with an article, or without, before this is a habit and no slip
# What stands so is a stuff or a doing: made of asphalt, schools of aikido.
_MASS = r"\b(?:of|in|with|from|by) {name}(?=[,.;]|\s(?:and|or|is|was|in|for|as|to|from|with|that|which)\b)"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = rf"(?:(?:{MONTHS})\s\d{{1,2}},\s\d{{3,4}}|\d{{1,2}}\s(?:{MONTHS})\s\d{{3,4}})"
_LIFE = re.compile(rf"\((?:[^()]*[;,]\s*)?(?:born\s+(?:[^();]*?\s)?)?({DAY})(?:\s*[–—-]\s*({DAY}))?\)")
_IS_A = re.compile(r"\b(?:is|was|are|were)\s+(?:a|an|the|one of the)\s+(.{3,120})")
_NP_END = re.compile(
    r"\b(?:of|in|by|that|which|who|whose|from|for|with|on|at|to|developed|made|used|written|located)\b|[,.;]"
)
# A word that also stands in lower case, or behind "the" or an ordinal, is no surname.
_NO_SURNAME = r"(?<!\w)(?:(?:[Tt]he|an?|\d+(?:st|nd|rd|th)) {s}|{small})(?!\w)"
_SITE = re.compile(r"\s+[|–—-]\s+.*$")


@dataclass(frozen=True)
class Page:
    """The topic of a passage. Every field may be empty: many pages have no topic that can be named."""

    topic: str = ""
    person: bool = False
    kind: str = ""
    """What the lead says the topic is, one noun of the list of kinds or roles."""
    proper: bool = False
    """The topic is a proper name: the text never writes it in lower case."""
    lead: int = -1
    """The index of the sentence that begins with the topic and says what it is."""
    born: str = ""
    died: str = ""

    others: tuple[tuple[str, str], ...] = ()
    """Surnames of other persons of the passage, each with the one full name it stands for."""

    named: str = ""
    """The topic as it stands within a sentence, with its article or as a plural; empty if not known."""

    @property
    def surname(self) -> str:
        """The last word of a person's name, which texts use in place of the whole."""
        return self.topic.split()[-1] if self.person and " " in self.topic else ""


def topic_of(title: str | None, passage: str) -> str:
    """Return the title as a topic: without its bracket and the site's name; nothing where it names none."""
    if not title or len(title) > 4 * _MAX_TOPIC:
        return ""
    name = _SITE.sub("", strip_brackets(" ".join(title.split())))
    plain = name.isprintable() and not re.search(r"[\"“”;:?!|{}=<>#/@.]|^List of", name)
    if not name or len(name) > _MAX_TOPIC or len(name.split()) > 7 or not plain:
        return ""
    body = passage[len(title) :] if passage.startswith(f"{title}\n") else passage
    found = re.search(rf"(?<!\w){re.escape(name)}", body, re.IGNORECASE)
    return name if found or _by_surname(name, body) else ""


def _by_surname(name: str, body: str) -> bool:
    """Tell whether a title looks like a person's name, and the text calls that person by surname."""
    parts = name.split()
    if not 2 <= len(parts) <= 4 or parts[0].lower() not in first_names() or not all(p[0].isupper() for p in parts):
        return False
    last = parts[-1]
    known = last.lower() not in words("kinds") and last not in words("countries")
    return known and re.search(rf"(?<!\w){re.escape(last)}(?!\w)", body) is not None


def read_page(title: str | None, passage: str, sentences: list[Sentence]) -> Page:
    """Return what the first sentences say about the topic of the title."""
    topic = topic_of(title, passage)
    others = _full_names(passage, topic)
    if not topic:
        return Page(others=others)
    proper = topic[1:] != topic[1:].lower() or not re.search(rf"[a-z,]\s{re.escape(topic.lower())}", passage)
    for i, sentence in enumerate(sentences[:3]):
        raw = passage[sentence.start : sentence.end]
        head = strip_brackets(raw)[:_LEAD_CHARS]
        alone = rf"{re.escape(topic)}(?!(?-i:\s[A-Z]))"  # not "The Alabama Senate"
        begins = re.match(rf"(?:In [^,]{{3,40}}, )?(?:(the|an?) )?{alone}", head, re.IGNORECASE)
        if not begins and not (i == 0 and _shares_ends(topic, head)):
            continue
        life = _LIFE.search(raw[:_LEAD_CHARS])
        born, died = (life.group(1), life.group(2) or "") if life else ("", "")
        kind = _kind(head)
        person = proper and (bool(life) or kind in words("roles"))
        days = (born, died) if person else ("", "")
        named = _named(topic, proper, passage, (begins.group(1) or "-").lower() if begins else "")
        return Page(topic, person, kind, proper, i, *days, others=others, named=named)
    person = proper and " " in topic and topic.split()[0].lower() in first_names()
    return Page(topic, person, proper=proper, others=others, named=_named(topic, proper, passage, ""))


def _named(topic: str, proper: bool, passage: str, article: str) -> str:
    """Return the topic as it stands within a sentence; nothing for a common noun that may be one of many things."""
    if proper:
        small = topic[0].lower() + topic[1:]
        # "The Ayn Rand Institute" says nothing of Ayn Rand.
        alone = rf"(the )?(?:{re.escape(topic)}|{re.escape(small)})(?!\w|\s[A-Z])"
        found = re.findall(alone, passage[len(topic) :])
        name = small if passage.count(small) > passage.count(topic, len(topic)) else topic
        thing = " of " in topic or topic.rsplit(maxsplit=1)[-1].lower() in words("kinds")
        mostly = len(found) >= (1 if thing else _COUNTED) and 2 * sum(map(bool, found)) > len(found)
        return f"the {name}" if mostly or article == "the" else name
    name = topic.lower()
    if article in ("a", "an"):
        return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")
    if not article and len(re.findall(_MASS.format(name=re.escape(name)), passage)) >= _COUNTED:
        return name
    return {"": "", "-": name, "the": f"the {name}"}[article]


def _shares_ends(topic: str, head: str) -> bool:
    """Tell whether the lead gives the topic's full name: Aldous Leonard Huxley for Aldous Huxley."""
    parts = topic.split()
    return len(parts) > 1 and bool(
        re.match(rf"{re.escape(parts[0])} (?:[A-Z][\w.'-]+ ){{1,3}}{re.escape(parts[-1])}\b", head)
    )


def _kind(head: str) -> str:
    said = _IS_A.search(head)
    if not said:
        return ""
    phrase = _NP_END.split(said.group(1), maxsplit=1)[0]
    for word in reversed(phrase.split()):
        for form in (word, word.removesuffix("s")):
            if form in words("kinds") or form in words("roles"):
                return form
    return ""


def _full_names(passage: str, topic: str) -> tuple[tuple[str, str], ...]:
    """Return surname and full name of persons whom the passage calls by one full name only."""
    found: dict[str, set[str]] = {}
    for name in re.finditer(
        r"(?<![\w-])([A-Z][a-zé]+)(?: [A-Z]\.| [A-Z][a-zé]+)?? ([A-Z][\w-]{2,})\b", passage[:MAX_CHARS]
    ):
        if name.group(1).lower() in first_names():
            found.setdefault(name.group(2), set()).add(name.group())
    found = {s: f for s, f in found.items() if not re.search(_NO_SURNAME.format(s=s, small=s.lower()), passage)}
    unlike = set(topic.split()) | words("countries") | set(MONTHS.split("|"))
    return tuple((s, f) for s, names in sorted(found.items()) for f in names if len(names) == 1 and s not in unlike)


def is_person(name: str, label: str, page: Page) -> bool:
    """Tell whether a name is surely a person's: by a first name, by a title, or as the topic."""
    parts = [p.strip(".,") for p in name.split()]
    if not parts:
        return False
    if page.topic and (name in (page.topic, page.surname)):
        return page.person
    if parts[0] in words("titles") and len(parts) > 1:
        return True
    known = parts[0].lower() in first_names() or re.fullmatch(r"[A-Z]", parts[0]) is not None
    return len(parts) in (2, 3, 4) and known and label in ("PERSON", "") and not set(parts) & words("countries")
