"""Unwrapping: an answer without the marks around it, such as bold, brackets, quotes and lead-ins."""

import re

_WRAPS = tuple(re.compile(p, re.S) for p in (
    r"\A(?:\*\*|__|\*|_)(.+?)(?:\*\*|__|\*|_)\Z",
    r"\A\\\((.+)\\\)\Z", r"\A\\\[(.+)\\\]\Z", r"\A\$\$([^$]+)\$\$\Z", r"\A\$([^$]+)\$\Z",
    r"\A\\(?:text|textbf|texttt|mathrm|mathbf|boxed|emph|textit|mathit|operatorname|fbox)\{([^{}]*)\}\Z",
    r"\A[\"“”«‘'](.+)[\"“”»’']\Z", r"\A\((.+)\)\Z", r"\A[-*•]\s+(.+)\Z",
    r"\A(?:###? |> ?)(.+)\Z", r"\A<(?:b|i|strong|em|p)>(.+)</(?:b|i|strong|em|p)>\Z",
))  # fmt: skip
_LEAD = re.compile(
    r"\A(?:so|thus|hence|therefore|then|finally|in conclusion|in short|in summary|overall|as a result|consequently|"
    r"okay|ok|well|sure|certainly|of course|great question|this means(?: that)?|we (?:get|have|find|"
    r"conclude)(?: that)?|"
    r"i (?:think|believe|would say|am confident)(?: that)?|final)\b[,:!.]?\s+|"
    r"\A(?:based on|according to|from|per) (?:this|that|the|my|given)[^,.:]{0,40},\s",
    re.I,
)
_TEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|emph|textit|mathit|operatorname)\{([^{}]*)\}")
_BOLD = re.compile(r"\*\*([^*\n]{1,80})\*\*")
_INLINE = re.compile(r"\A[^*\n]{3,}\*\*.*\*\*[^*\n]*\Z", re.S)  # 3, 6, **9**, **12**, 15
_SUBTITLED = re.compile(r"(?<!\*)\*(?!\*)([^*;:\n]{2,60})[;:][^*\n]{2,80}\*(?!\*)")  # *Frankenstein; or, The Modern …*
_MARKDOWN = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_PLAIN = frozenset({"name", "phrase", "boolean", "choice", "date", "list"})


def _of_code(text: str) -> bool:
    """Tell whether the marks around code are none of its own: bold, LaTeX's text."""
    return text.startswith(("**", "\\text", "\\boxed"))


def unwrapped(text: str, kind: str) -> str:
    """Return the answer without the marks around it: bold, brackets, quotes, LaTeX's text, a final stop."""
    text = _bolded(text.strip()) if kind == "list" else text.strip()
    for _ in range(6):
        before = text
        for pattern in _WRAPS[:7] if kind in ("expression", "code", "list", "number", "integer") else _WRAPS:
            found = pattern.match(text)
            if found and (kind != "code" or _of_code(text)) and found[1].count("(") == found[1].count(")"):
                text = found[1].strip()
        if kind != "code":
            text = _LEAD.sub("", text.rstrip(" ,;:。") if kind != "list" else text)
            text = (
                text[:-1]
                if text.endswith(".") and not re.search(r"\b(?:[A-Za-z]|Jr|Sr|Inc|Ltd|Co|etc)\.\Z", text)
                else text
            )
        if text == before:
            break
    if kind in ("integer", "number"):
        text = text.replace("**", "").replace("__", "")
    if kind in ("name", "phrase"):
        text = _SUBTITLED.sub(r"\1", text)
    if kind in _PLAIN:
        text = _MARKDOWN.sub("", _TEX_TEXT.sub(r" \1 ", text).replace("\\ ", " ").replace("$", "")).strip()
    return text


def _bolded(text: str) -> str:
    """Return the bold parts of a line of which only they are the list; else the line."""
    bold = _BOLD.findall(text)
    return "; ".join(bold) if len(bold) > 1 and all(len(part) > 1 for part in bold) and _INLINE.search(text) else text
