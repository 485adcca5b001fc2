"""Context: what in a question only somebody who has the passage before him can understand.

Doubtful cases pass: a good question lost here is lost for good, and the check call sees the rest.
"""

import re

MAX_LOOK = 5_000  # characters looked at: what is longer is malformed anyway

# --- pointers at a source

# What may follow a bare "the passage": where more is said of it ("of time", "by Smith") it is no pointer.
_BARE = (
    r"(?=\s*(?:[,.?!;:)]|$)|\s+(?:above|below|provided|given|what|which|who|whom|whose|when|where|why|how|is|are|was|"
    r"were|does|do|did|has|have|had|can|could|as|says?|states?|mentions?|describes?|"
    r"ends?|begins?|starts?|happens?|takes?|uses?|makes?|comes?|becomes?|works?|needs?|belongs?)\b)"
)
_SAID = (
    r"(?:mentioned|described|discussed|stated|given|listed|named|presented|cited|quoted|explained|shown|depicted|"
    r"reported|outlined|noted|highlighted)"
)
_TEXT = r"(?:text|passage|article|document|excerpt|paragraph|snippet|extract|transcript|web\s?page|blog\s?post|website)"
_SHOWN = r"(?:table|figure|chart|graph|diagram|image|picture|photo|photograph|screenshot|illustration|map)"
_POINTERS = tuple(
    re.compile(p, re.I)
    for p in (
        r"\b(?:according\s+to|based\s+on)\s+(?:the|this)\s+(?:(?:given|above|provided|following|source)\s+)?"
        rf"(?P<noun>{_TEXT}|authors?|writer|speaker|narrator|material|study|report|source|page|post|interview|video|"
        rf"review|section|chapter|researchers|data|{_SHOWN}){_BARE}",
        r"\b(?:in|from|within|throughout|by)\s+(?:the|this)\s+(?:(?:given|above|provided|following)\s+)?"
        rf"(?P<noun>passage|excerpt|snippet){_BARE}",
        rf"\b{_SAID}\s+(?:in|by|within|on)\s+(?:the|this)\s+(?:(?:given|above|provided|following)\s+)?"
        rf"(?P<noun>{_TEXT}|authors?|speaker|material|page|section|chapter|report|paper|{_SHOWN})(?:{_BARE}|(?=\s+(?:for|about)\b))",
        r"^(?:in|from)\s+(?:the|this)\s+(?P<noun>text|article|document|paragraph|study|experiment|survey|report|paper|"
        rf"interview|video|{_SHOWN})\s*,",
        r"\b(?:idea|point|topic|theme|purpose|tone|title|gist|focus|subject|message)\s+of\s+(?:the|this)\s+"
        rf"(?P<noun>{_TEXT}){_BARE}",
        rf"\bas\s+the\s+(?P<noun>{_TEXT}|authors?|writer)\s+(?:states?|says?|mentions?|describes?|notes?|explains?|puts?)\b",
        rf"\b(?P<noun>{_TEXT}|{_SHOWN}|list|example|equation|code|formula|section)s?\s+(?:above|below|provided)\b",
        rf"\bthe\s+(?:above|provided|preceding|foregoing)\s+(?P<noun>{_TEXT}|{_SHOWN}|list|example|equation|code|"
        r"formula|section)\b",
        rf"\b{_SAID}\s+(?:above|below|earlier)(?=\s*[,.?!;:)]|$)|"
        r"\b(?:mentioned|listed|described|named|discussed)\s+above\b(?!\s+(?:the|an?|his|her|its)\b)",
        r"\b(?:afore-?mentioned|above-?mentioned|referred\s+to\s+(?:above|below|earlier)|as\s+mentioned)\b",
        r"\baccording\s+to\s+the\s+(?:information|details|data)\s+(?:provided|given|above)\b",
        r"\b(?:in|from|by|per|see|on|to)\s+(?:Table|Figure|Fig\.|Equation|Eq\.|Listing|Exercise|Appendix)\s+\d+[a-z]?"
        r"(?:\.\d+)*(?=\s*[,?]|\s+(?:is|are|was|were|does|do|did|shows?|what|which|how)\b)",
        r"\b(?:laut|gemäß|nach)\s+(?:dem|diesem)\s+(?:text|artikel|autor|abschnitt)\b|"
        r"\blaut\s+(?:text|artikel|autor|abschnitt)\b|"
        r"\b(?:selon|d['’]après)\s+(?:le\s+texte|l['’]article|l['’]auteur|le\s+passage|le\s+document)\s*[,?]|"
        r"\bsegún\s+(?:el|este)\s+(?:texto|artículo|autor|pasaje|documento)\s*[,¿?]|"
        r"\bsecondo\s+(?:il\s+testo|l['’]articolo|l['’]autore|il\s+brano)\s*[,?]|"
        r"\bde\s+acordo\s+com\s+o\s+(?:texto|artigo|autor)\s*[,?]|"
        r"\bvolgens\s+(?:de\s+(?:tekst|auteur)|het\s+artikel)\s*[,?]|(?:根据|根據)(?:本文|文章|文中|上文|短文)",
    )
)
_THIS = re.compile(
    r"\bthis\s+(?P<noun>passage|article|text|excerpt|paragraph|document|study|paper|essay|chapter|website|webpage|"
    r"report|tutorial|blog|post|page|section|interview|video|table|figure|chart|list|story|review|survey)\b",
    re.I,
)
_HERE = re.compile(
    r"\bin\s+this\s+(?:context|case|example|scenario|situation|instance)\b|"
    r"\b(?:live|work|lived|worked|found|born|located|held|built|grown|spoken|produced|made|studied|taught|used)\s+"
    r"(?:here|there)\b",
    re.I,
)
# Pointers only where nothing in the question is named.
_THING = (
    r"(?P<noun>company|firm|organi[sz]ation|films?|movie|novel|book|band|album|song|team|study|experiment|trial|survey|"
    r"authors?|writer|researchers|scientists|project|museum|hotel|couple|victim|suspect|protagonist|narrator|speaker|"
    r"interviewee|article|report|paper|passage|conference|festival|exhibition|tournament|match|expedition|mission|"
    r"foundation|town|village|city|building|bridge|church|castle|ship|war|battle|treaty)"
)
_UNNAMED = tuple(
    re.compile(p, re.I)
    for p in (
        r"\b(?:do|does|did|is|are|was|were|has|have|would)\s+the\s+"
        r"(?P<noun>authors?|writer|speaker|narrator|study|researchers|article|passage|text|report|paper)\s+"
        r"(?:\w+ly\s+)?(?:mention|state|say|suggest|argue|describe|recommend|claim|believe|think|mean|use|find|conclude|"
        r"discuss|report|give|propose|identify|examine|consider|show|involve|compare|cite|warn|define|explain)\w*\b",
        rf"\b(?:in|by|of|from)\s+the\s+(?P<noun>study|experiment|survey|article|paper|{_SHOWN})\s*\?",
        r"\b(?:in|from)\s+the\s+(?P<noun>text|document|paragraph|story)\s*\?",
        rf"\b(?:did|was|were|had)\s+the\s+{_THING}(?=\s*\?|\s+(?!of\b|that\b|which\b|who\b|whose\b|where\b|when\b|"
        r"with\b|for\b|in\b|at\b|on\b|from\b|to\b|by\b|called\b|named\b|known\b)[a-z]+)",
        rf"^(?:who|which\s+\w+)\s+\w+(?:ed|ote|ade|ilt|on|ew|ang|old|ught)\s+the\s+{_THING}\s*\?",
        r"\bthe\s+given\s+(?:equation|function|integral|expression|code|graph|matrix|example|data)\b",
    )
)
# Pointers only where no work is named that the author may be the author of.
_WRITER = re.compile(
    r"\bdo(?:es)?\s+the\s+(?P<noun>authors?|writer|narrator|speaker)\s+(?:\w+ly\s+)?(?:mention|give|cite|list|name|say|state|"
    r"describe|recommend|note|suggest|report|quote)s?\b",
    re.I,
)
_WORK = re.compile(r"\b[Ii]n\s+(?:\w+\s+){0,3}[A-Z]|[\"“«‘]|['’]s\b|\d{4}|\bof\s+(?:\w+\s+)?[A-Z]")
_NAMED = re.compile(r"(?<!^)(?<![.?!]\s)\b[A-Z][\w'’]*[a-z]|(?<!^)\b[A-Z]{2,}|\d{3}|[\"“«`$\\=]")
_FOLLOWING = re.compile(r"\b(?:which|what|who) of the (?:following|these|below|options)\b", re.I)
_OPTIONS = re.compile(r"[:\n(]|\bor\b|[,;]\s", re.I)


def no_context(question: str) -> str | None:
    """Return the words that point at a passage, or at somebody, something or some time that is not named; else None."""
    text = question[:MAX_LOOK].strip()
    found = (
        _first(_POINTERS, text)
        or _first((_THIS,), text)
        or (None if re.search(r"[.?!:;]\s", text) else _first((_HERE,), text))
        or (None if _WORK.search(text) else _first((_WRITER,), text))
        or (None if _NAMED.search(text) else _first(_UNNAMED, text))
        or _pronoun(text)
        or _timeless(text)
    )
    if found:
        return found
    following = _FOLLOWING.search(text)
    return following.group() if following and not _OPTIONS.search(text) else None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str | None:
    """Return the first pointer whose noun was not spoken of before: `A study of mice … what did the study find?`."""
    for pattern in patterns:
        for found in pattern.finditer(text):
            noun = found.groupdict().get("noun") or ""
            if not noun or not re.search(rf"\b{re.escape(noun[:-1])}", text[: found.start()], re.I):
                return found.group()
    return None


# --- pronouns

_INTRO = r"^(?:(?:In|Since|By|After|Before)\s+\d{3,4},\s+)?"
_ASKED = r"(?:[a-z][\w'-]*\s+){0,5}?"
_AUX = r"(?:did|does|was|is|were|had|has|would|could|can|will|do|are)"
_PRONOUN = re.compile(
    rf"{_INTRO}(?:[A-Za-z][a-z'-]*\s+){_ASKED}{_AUX}\s+(?:he|she|him|her|his)\b|"
    rf"{_INTRO}(?:[A-Za-z][a-z'-]*\s+){_ASKED}(?:did|were|had)\s+(?:they(?!\s+call)|their)\b|"
    r"^(?:What|Which|Who|When|Where|How|Why)\s+(?:was|were|is|are)\s+(?:their|its)\b(?![^?]*\bof\b)|"
    r"^(?:When|Where|Why|How|By\s+whom|In\s+which\s+\w+|In\s+what\s+\w+)\s+(?:was|is|did|does)\s+it\s+\w+"
    r"(?:\s+(?:first|originally|built|made|founded|come\s+from))?\s*\?|"
    r"^(?:How|When|Where|Why|What)(?:\s+(?!time\b)[a-z]+)?\s+(?:is|was|did|does|has|had)\s+it(?:\s+(?!to\b|that\b|in\b|"
    r"from\b|for\b|when\b|if\b|until\b|before\b|since\b|possible\b|like\b|take\b)[a-z]+){0,3}\s*\?|"
    r"^(?:How\s+(?:many|much)|What|Which)(?:\s+[a-z]+){1,3}\s+(?:could|did|does|can|has|had)\s+it\s+[a-z]+\s*\?|"
    r"^(?:He|She|They|His)\s+[a-z]|"
    r"^It\s+(?:was|is|has|had)\s+\w+(?:ed|en|nt|lt)\s+(?:in|by|on|at|from)\b|"
    r"^(?:Wann|Wo|Wer|Was|Wie|Warum|Woher|Wohin|In\s+welche[mr]\s+\w+)\s+(?:wurde|war|hat|hatte|ist|starb|lebte)\s+"
    r"(?:er|sie|seine?|ihre?)\b|"
    r"^(?:Quand|Où|Comment|Pourquoi|En\s+quelle\s+année)\s+(?:est|a|était|avait)-t?-?(?:il|elle)\b"
)
_PERSONAL = re.compile(r"\b(?:he|she|him|himself|herself|hers)\b|\b(?:his|her)\b")
_SOMEBODY = re.compile(
    r"(?<!^)\b[A-Z][\w'’-]*\w|\b(?:[Aa]n?|[Tt]he|[Ee]ach|every|any|no|one|some|someone|somebody|anyone|everyone|whose|who|child|"
    r"person|man|woman|king|queen)\b|^(?!In\b|On\b|At\b|By\b|For\b|From\b|To\b|With\b|After\b|Before\b|When\b|While\b|"
    r"What\b|Which\b|Who|Where\b|Why\b|How\b|Did\b|Was\b|Is\b|Does\b|During\b|Since\b)[A-Z]\w+"
)
_FRONTED = re.compile(
    r"^(?:in|on|at|by|for|from|to|with|after|before|when|while|during|since|until|throughout|upon|despite|because|"
    r"although|though|if|as|besides|unlike|like)\b[^,?]*,\s[^?]*[A-Z]",
    re.I,
)
_DEMONSTRATIVE = re.compile(
    rf"^(?:[A-Za-z][a-z'-]*\s+){_ASKED}(?:{_AUX}|of|by|in|for|from|with|to|[a-z]+ed|wrote|made|built)\s+"
    r"(?:this|these|those)\s+(?:\w+\s+)?(?P<noun>"
    r"methods?|approach(?:es)?|techniques?|algorithms?|process(?:es)?|theorems?|systems?|company|organi[sz]ations?|"
    r"events?|films?|movies?|songs?|persons?|people|city|country|species|drugs?|diseases?|conditions?|substances?|"
    r"compounds?|devices?|functions?|equations?|experiments?|projects?|programs?|models?|theory|concepts?|"
    r"phenomen(?:on|a)|results?|teams?|games?|products?|laws?|wars?|battles?|places?|sites?|buildings?|tools?|"
    r"findings?|stud(?:y|ies)|books?|novels?|data|figures?|awards?|treat(?:y|ies|ments?)|roles?|periods?|regions?)\b"
    r"(?!\s+of\b)(?![^?]*\b(?:that|which|who|where|whose)\b)"
)


def _pronoun(text: str) -> str | None:
    for pattern in (_PRONOUN, _DEMONSTRATIVE):
        found = pattern.search(text)
        if found:
            return found.group()
    found = _PERSONAL.search(text)
    if not found or _SOMEBODY.search(text[: found.start()]) or _FRONTED.search(text):
        return None
    # `Who sold his house?` means the one who is asked for, `Who was his teacher?` does not.
    own = re.search(r"^(?:Who|Which)\b.*?(\w+) (?:his|her) [a-z]", text)
    return found.group() if not own or re.fullmatch(_AUX, own[1]) else None


# --- facts that change

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_TIME = re.compile(
    rf"\b\d{{3,4}}s?\b|\b{_MONTH}\b|\b(?:as of|census|century|during|before|after|until|since|when|while|ancient|"
    r"medieval|wartime|independence|founding|launch|outbreak|first|peak|at the (?:time|end|start|beginning|height))\b|"
    r"年|世纪|世紀"
)
_FICTION = re.compile(
    r"\b(?:novel|film|movie|book|play|series|game|opera|myth\w*|story|comic|character|fiction\w*)\b", re.I
)
_TOLD = re.compile(r"[.!?]\s+\S|\bif\b")  # a problem that tells its own story is not about the world
_HEAD = (
    r"(?:president|prime\s+minister|chancellor|c\.?e\.?o\.?|chief\s+executive(?:\s+officer)?|mayor|governor|"
    r"secretary[- ]general|chair(?:man|woman|person)|managing\s+director|head\s+coach)"
)
_OFFICE = (
    rf"(?:{_HEAD}|minister|owner|champion|record\s+holder|head\s+of\s+(?:state|government)|monarch|director|manager|"
    r"captain|leader|editor)"
)
_FIGURE = (
    r"(?:population|unemployment\s+rate|inflation(?:\s+rate)?|gdp(?:\s+per\s+capita)?|gross\s+domestic\s+product|"
    r"market\s+(?:capitali[sz]ation|share|value)|(?:share|stock)\s+price|(?:annual\s+|net\s+)?(?:revenue|turnover|profit|budget)|"
    r"net\s+worth|literacy\s+rate|fertility\s+rate|birth\s+rate|death\s+rate|minimum\s+wage|exchange\s+rate|"
    r"membership\s+fee|admission\s+fee|ticket\s+price|price)"
)
_COUNTED = (
    r"(?:employees|workers|staff|inhabitants|residents|users|subscribers|customers|followers|students|pupils|stores|"
    r"shops|branches|(?:native\s+)?speakers|clients|volunteers)"
)
_ISSUE = (
    r"(?:version|release|edition|model|album|film|season|news|figures?|data|estimates?|census|report|update|count|"
    r"election|winner|champion|record|price|study|research)"
)
_CHANGES = tuple(
    re.compile(p, re.I)
    for p in (
        r"\b(?:currently|nowadays|these\s+days|at\s+present|presently)\b|\bat\s+the\s+moment(?=\s*[,?])|"
        r"\b(?:so\s+far|to\s+date)(?=\s*[,?])|\bas\s+of\s+(?:now|today)\b|"
        r"\b(?:this|last|next)\s+(?:year|month|week|season)\b(?!\s+(?:of|that|before|in)\b)",
        rf"\bcurrent\s+(?:\w+\s+){{0,2}}?(?:{_OFFICE}|{_FIGURE}|{_COUNTED}|{_ISSUE}|number|status|salary|holder|size)\b",
        rf"\b(?:latest|newest|most\s+recent)\s+(?:\w+\s+)?{_ISSUE}\b",
        r"\b(?:how\s+(?:many|much)|who\s+(?:is|leads|owns|holds|heads)|what\s+(?:percentage|share|proportion))\b[^?]*"
        r"\b(?:now|today)\b",
        rf"\bhow\s+many\s+(?:\w+\s+)?{_COUNTED}\s+(?:does|do)\s+(?!(?:an?|each|every|it|one|most)\b)[^?]*"
        r"\b(?:have|employ|serve|teach|count|operate)\b|\bhow\s+many\s+(?:\w+\s+)?(?:employees|workers)\s+work\b",
        r"\bhow\s+many\s+people\s+(?:live|reside|speak|work\s+for|are\s+employed)\b",
        r"\bhow\s+many\s+people\s+does\s+(?:the\s+)?(?-i:[A-Z])\w+(?:\s+\w+){0,3}\s+employ\b",
        rf"^(?:what|how\s+(?:large|big|high))\s+(?:is|was)\s+(?:the\s+)?(?:total\s+|estimated\s+|average\s+)?{_FIGURE}\s+"
        r"(?:of|in|for|at)\s+(?:the\s+)?(?:(?:city|town|state|republic|island|province)\s+of\s+)?(?-i:[A-Z])",
        r"^(?:what|how\s+(?:large|big|high))\s+(?:is|was)\s+(?-i:[A-Z])[\w-]*(?:\s(?-i:[A-Z])[\w-]*){0,3}['’]s?\s+"
        rf"(?:\w+\s+)?{_FIGURE}\s*\?",
        rf"^who\s+(?:is|leads)\s+the\s+(?:\w+\s+)?{_HEAD}\s+(?:of|at)\b(?![^?]*\bin\s+(?-i:[A-Z])[^?]*['’]s\b)",
        r"\b(?:derzeit|aktuell|zurzeit|actuellement|actualmente|attualmente|atualmente)\b",
    )
)


def _timeless(text: str) -> str | None:
    """Return the words that ask for what changes with time, where the question gives no time."""
    if _TIME.search(text) or _FICTION.search(text) or _TOLD.search(text):
        return None
    return next((found.group() for pattern in _CHANGES if (found := pattern.search(text))), None)
