"""Lines that are no prose: code, formulas, rows of tables. Rules that were made for prose leave them out."""

import re

# A line without any of these is prose: asked first, since nearly all lines of the web are.
_SIGNS = re.compile(
    r"[=|\t(){}\[\];<>$\\^@#√∑∫∈≤≥≈≠→⇒∀∃∂]| {2}|--|^\W*\d|^(?:import|from|return|else|try|pass|end|begin)\b|^\.\.\.$"
)

_ROW = re.compile(
    r"""
      ^\|[^|]*\w[^|]*\|[^|]*\w.*\|           # | cell | cell |
    | ^[-=~_*+\#|:\ ]{4,}$                    # |---|---|, a rule between rows or under a heading
    | ^[^\w\n]*+(?=\d[\deEjJ]*+(?:[.,+-]++[eEjJ][\deEjJ]*+)*+[^\w\n]++\d[\deEjJ]*+[^\w\n])  # three numbers
       (?:\d[\d.,eEjJ+-]*+[^\w\n]*+)++(?:[eEjJ][\d.eEjJ+-]*+[^\w\n]*+)?+$                   # and nothing else
    | ^[^\t]*\S\t[^\t]*\S\t.*\S               # three cells between tabs
    | ^(?=.*\d)(?:\S+\ {2,}){3,}\S            # columns set with spaces, with a number among them
    """,
    re.VERBOSE,
)

_CODE = re.compile(
    r"""
      ^(?:>>>|\.\.\.|\$)(?:\ |$)                                          # prompts
    | ^(?:\#!|\#include\b|\#define\b|/\*|\*/|//\ ?\w|@\w[\w.]*(?:\(.*\))?$)  # comments, directives, decorators
    | ^</?[a-z][\w-]*(?:\s[^<>]*)?>                                       # a tag
    | ^(?:import|from|using|require|\#?include)\ [\w.*{},\ "'<>/]+;?$
    | ^(?:(?:async|export|pub|public|private|protected|static|final|abstract)\ )*
       (?:def|class|fn|func|function|struct|enum|interface|trait|impl|namespace|template|const|let|var|void|int|double
         |float|char|bool|auto)\b[^.!?]*[({;:=]
    | ^(?:if|elif|else\ if|for|foreach|while|switch|case|except|catch|with)\b.*(?:[({\[]|[)\]'"\w]\ ?[:{])$
    | ^(?:else|try|finally|do|begin|end|fi|done|pass|break|continue|then|return)\s*[:;{]?$
    | ^(?:return|raise|throw|yield)\ [^\s]+(?:[(\[.].*|;)$
    | ^(?:SELECT|INSERT\ INTO|UPDATE|DELETE\ FROM|CREATE|ALTER|DROP)\ .*(?:\bFROM\b|\bTABLE\b|\bSET\b|\bVALUES\b|;$)
    | ^[\w.$\[\]"'*&<>]+\ (?:[-+*/|&^%:]?=|<-)\ \S                         # assignment
    | ^[\w.]+=[^\s|]+,?$                                                  # VAR=value, key=value,
    | ^[\w.$:>-]+\(.*\)\s*[;{,:]?$                                        # a call by itself
    | (?:\w\(|\w\[|[=<>]|->|::).*[;{]$                                    # a statement of the C family
    | ^[\[\](){}]+[;,]?$
    | ^["']?[\w-]+["']?:\ .*[,{\[]$                                       # a key of JSON, YAML or CSS
    | ^[\w-]+:\ [^:;]+;$
    """,
    re.VERBOSE,
)

_FORMULA = re.compile(
    r"""
      \\(?:frac|sum|int|prod|lim|sqrt|begin|end|left|right|alpha|beta|gamma|lambda|theta|pi|sigma|mathbb|mathcal|mathrm
        |mathbf|cdot|times|leq?|geq?|neq|in|to|partial|infty|text|quad|log|sin|cos|exp)\b
    | \$[^$\s](?:[^$]*[^$\s])?\$(?!\d) | \\[\[\]()] | [∀∂∃∇∈∉∏∑√∫≈≠≤≥⇒⇔∧∨⊂⊆∪∩ℝℕℤ→≡]
    | (?<![=<>!:/?&])=(?![=>]) | \^[\w({-]
    | \d\s*[+*·÷]\s*\d
    """,
    re.VERBOSE,
)
_LOOKED_AT = 200  # characters of a line; what is longer and no sentence is no code that anyone would read
_COMMAND = re.compile(r"\\[A-Za-z]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def technical(line: str) -> bool:
    """Say whether a line, given without the white space around it, is code, a formula or a row of a table.

    A sentence with a formula in it is prose: most of its characters stand in words of four letters or more.
    """
    line = line[:_LOOKED_AT]
    if not _SIGNS.search(line):
        return False
    if _ROW.search(line) or _CODE.search(line):
        return True
    if not _FORMULA.search(line):
        return False
    worded = sum(map(len, _LONG_WORD.findall(_COMMAND.sub("", line))))
    return 2 * worded < len(line) - line.count(" ")
