"""Masking of personal data and secrets: found by their form, checked by their check digits where they have any.

No list of names, no model: what is masked has a form that hardly anything else has.
"""

import ipaddress
import re
from collections.abc import Callable, Collection
from functools import partial

# Each pattern begins with the characters that it can begin with, which the search skips to, and looks back after.
_EMAIL = re.compile(
    r"[a-z0-9](?<![\w.+%-].)[\w.+%-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])", re.ASCII | re.IGNORECASE
)
# Addresses that stand for nobody: reserved names (RFC 2606), and the user of Git's remote URLs.
_NOBODY = re.compile(r"^git@|@(?:.+\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)

_IP = re.compile(r"\d(?<![\w.-].)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)", re.ASCII)
_VERSION_BEFORE = re.compile(r"(?:version|ver\.|release|section|chapter|§)\s*$", re.IGNORECASE)

_PHONE = re.compile(
    r"""
      \+(?<![\w+.].)\d{1,3}[ .\-/]?(?:\(0?\d{1,5}\)[ .\-/]?)?\d{1,5}(?:[ .\-/]\d{1,8}){1,5}(?![\w-])   # international
    | \+(?<![\w+.].)\d{10,14}(?!\w)
    | [(2-9](?<![\w.-].)(?:(?<=\()[2-9]\d\d\)\ ?|\d\d[.-])[2-9]\d\d[.-]\d{4}(?![\w-]|\.\d)               # North America
    | [(0](?<![\w.+-].)(?:(?<=\()0|(?<=0))\d{1,5}\)?(?:[ \-/]{1,3}\d{1,8}){1,6}(?!\w)            # with a label
    """,
    re.ASCII | re.VERBOSE,
)
_LABEL_BEFORE = re.compile(r"(?:tel|tel\.|phone|telefon|fax|mobil|mobile|handy):?\s*$", re.IGNORECASE)
# What a figure can be written like too; and what is no phone number: decimals, one digit or noughts among thousands.
_NUMERAL = re.compile(r"\+(?:\d+|\d{1,3}(?:[ .]\d{3})+|\d{1,3}\.\d{4,})", re.ASCII)
_FIGURE = re.compile(r"\+(?:\d{1,3}\.\d{4,6}|\d(?:[ .]\d{3})+|\d{1,3}(?:[ .]\d{3})*[ .]000(?:[ .]\d{3})*)", re.ASCII)
_COORDINATES = re.compile(r"\+\d{1,3}\.\d{4,}[,;/ -]{1,2}[-+]?\d{1,3}\.\d\d", re.ASCII)
_MEASURED = re.compile(  # what follows a figure
    r",\d|\s?[€$£¥%°]|\s(?:(?:mi|bi|tri)llion|USD|EUR|GBP|CHF|JPY|CNY|INR|k(?:g|m|Wh?)|(?:dollar|euro|pound|franc|peso|"
    r"rupee|rouble|ruble|inhabitant|resident|person|user|visitor|voter|vote|job|household|share|barrel|ton|tonne|litre|"
    r"liter|metre|meter|kilometre|kilometer|mile|acre|hectare|year|unit|point)s?|copies|yen|yuan|won|kron[aeo]r?|złoty|"
    r"zł|people|percent|per cent)(?!\w)",
    re.IGNORECASE,
)
_CARD = re.compile(
    r"[2-6](?<![\w.,-].)(?:(?<=4)\d{3}|(?<=5)[1-5]\d\d|(?<=2)[2-7]\d\d|(?<=6)(?:011|5\d\d|2\d\d)|(?<=3)[457]\d\d)"
    r"(?:[ -]?\d){11,12}(?![\w-]|[.,]\d)",
    re.ASCII,
)
_IBAN = re.compile(r"[A-Z](?<!\w.)[A-Z]\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)", re.ASCII)
_IBAN_LENGTHS = {  # SWIFT's IBAN registry: of whole numbers, by country
    15: "NO", 16: "BE", 18: "DK FO FI GL NL", 19: "MK SI", 20: "AT BA EE KZ LT LU XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS", 23: "AE GI IL IQ TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "PT ST",
    26: "IS TR", 27: "FR GR IT MC MR SM", 28: "AL AZ CY DO GT HU LB PL", 29: "BR PS QA UA", 30: "JO KW MU",
    31: "MT SC",
}  # fmt: skip
_LENGTH_OF = {country: length for length, countries in _IBAN_LENGTHS.items() for country in countries.split()}

_SECRET_SIGNS = (
    "AKIA", "ASIA", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "sk_live_",
    "rk_live_", "xox", "hf_", "npm_", "pypi-", "eyJ", "PRIVATE KEY-----",
)  # fmt: skip
_SECRET = re.compile(
    r"""
      A(?<![\w-].)(?:(?:KIA|SIA)[A-Z0-9]{16}|Iza[\w-]{35})(?![\w-])
    | g(?<![\w-].)(?:h[pousr]_[A-Za-z0-9]{36,255}|ithub_pat_\w{22,255}|lpat-[\w-]{20,255})(?![\w-])
    | s(?<![\w-].)k-(?=[\w-]{0,255}\d)[\w-]{20,255}(?![\w-])
    | [rs](?<![\w-].)k_live_[A-Za-z0-9]{16,255}(?![\w-])
    | x(?<![\w-].)ox[abeoprs]-[\w-]{10,255}(?![\w-])
    | h(?<![\w-].)f_[A-Za-z0-9]{30,255}(?![\w-])
    | n(?<![\w-].)pm_[A-Za-z0-9]{36}(?![\w-])
    | p(?<![\w-].)ypi-[\w-]{50,255}(?![\w-])
    | e(?<![\w-].)yJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{10,4000}(?![\w-])
    | -----BEGIN\ (?:[A-Z]+\ )?PRIVATE\ KEY-----(?:[^-]|-(?!----)){1,20000}-----END\ (?:[A-Z]+\ )?PRIVATE\ KEY-----
    """,
    re.ASCII | re.VERBOSE,
)


def mask(text: str, kinds: Collection[str]) -> tuple[str, dict[str, int]]:
    """Return the text with what is found of the kinds replaced by its kind in brackets, and how often, by kind.

    Kinds: `email`, `ip` (public IPv4 addresses), `phone`, `card` (Luhn's check digit), `iban` (length and check
    digits), `secret` (API keys by their makers' prefixes, tokens, private keys). Masking what is masked changes
    nothing.
    """
    counts: dict[str, int] = {}
    for kind, (signs, pattern, holds) in _KINDS.items():
        if kind in kinds and any(sign in text for sign in signs):
            text = pattern.sub(partial(_replaced, kind, holds, counts), text)
    return text, counts


def _replaced(kind: str, holds: Callable[[re.Match[str]], int], counts: dict[str, int], match: re.Match[str]) -> str:
    """`holds` says how many characters of the match are what it looks like; none leaves the match as it is."""
    length = holds(match)
    if not length:
        return match[0]
    counts[kind] = counts.get(kind, 0) + 1
    return f"[{kind.upper()}]{match[0][length:]}"


def _whole(match: re.Match[str]) -> int:
    return len(match[0])


def _somebody(match: re.Match[str]) -> int:
    return 0 if _NOBODY.search(match[0]) else len(match[0])


def _public_ip(match: re.Match[str]) -> int:
    try:
        public = ipaddress.IPv4Address(match[0]).is_global
    except ValueError:
        return 0
    named = _VERSION_BEFORE.search(match.string, max(0, match.start() - 12), match.start())
    return len(match[0]) if public and not named else 0


def _callable(match: re.Match[str]) -> int:
    if match[0].startswith("+"):
        return _dialled(match)
    national = match[0].lstrip("(").startswith("0")
    if national and not _LABEL_BEFORE.search(match.string, max(0, match.start() - 12), match.start()):
        return 0
    return len(match[0]) if 7 <= sum(map(str.isdigit, match[0])) <= 15 else 0


def _dialled(match: re.Match[str]) -> int:
    """Behind a sign stands a country's code; that of North America is 1, with ten digits behind it."""
    digits = "".join(filter(str.isdigit, match[0]))
    possible = len(digits) >= 11 and digits[1] > "1" if digits[0] == "1" else len(digits) >= 8 and digits[0] != "0"
    return len(match[0]) if possible and len(digits) <= 15 and not _figure(match) else 0


def _figure(match: re.Match[str]) -> bool:
    """Tell whether what is written like a phone number is a figure: by its form, or by what follows."""
    text, (start, end) = match.string, match.span()
    if _FIGURE.fullmatch(match[0]) or _COORDINATES.match(text, start):
        return True
    return bool(_NUMERAL.fullmatch(match[0]) and _MEASURED.match(text, end))


def _luhn(match: re.Match[str]) -> int:
    digits = [int(c) for c in match[0] if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    amex = digits[0] == 3 and digits[1] in (4, 7)
    right = len(digits) == (15 if amex else 16) and (sum(doubled) + sum(digits[::-2])) % 10 == 0
    return len(match[0]) if right else 0


def _mod_97(match: re.Match[str]) -> int:
    """A number ends where its country says; what follows in the match is the next word."""
    length, compact = _LENGTH_OF.get(match[0][:2], 0), ""
    for end, char in enumerate(match[0], 1):
        compact += char.strip()
        if len(compact) == length:
            number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
            ends = end == len(match[0]) or match[0][end] == " "
            return end if ends and int(number) % 97 == 1 else 0
    return 0


_KINDS: dict[str, tuple[Collection[str], re.Pattern[str], Callable[[re.Match[str]], int]]] = {
    "secret": (_SECRET_SIGNS, _SECRET, _whole),  # what the text must have at all, the form, the check
    "email": ("@", _EMAIL, _somebody),
    "iban": ("0123456789", _IBAN, _mod_97),
    "card": ("23456", _CARD, _luhn),
    "phone": ("0123456789", _PHONE, _callable),
    "ip": (".", _IP, _public_ip),
}
