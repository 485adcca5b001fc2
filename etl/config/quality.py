"""[quality]: which documents are good enough for a model to see; every rule by the name that stands on a reject."""

from typing import Annotated, Literal

from pydantic import Field

from etl.config.part import Part

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Mask = Literal["email", "ip", "phone", "card", "iban", "secret"]


class Quality(Part):
    """Rules over what was measured of a document (`documents.measures`); 0 switches a `min_` off, 1 a share's `max_`.

    Sources: Gopher arXiv 2112.11446 (appendix A.1), C4 arXiv 1910.10683 (section 2.2), FineWeb arXiv 2406.17557
    (section 3), Webscale-RL arXiv 2510.06499 (section 3.2). Shares of words, lines and characters are those of the
    prose: lines of code, formulas and tables are left out.
    """

    mask: tuple[Mask, ...] = ("email", "ip", "phone", "card", "iban", "secret")
    """What is masked in a text before it is stored and hashed; FineWeb masks e-mail and public IP addresses."""
    blocked_hosts: tuple[str, ...] = ()
    """Hosts whose pages, and those of their subdomains, are turned down."""
    blocked_hosts_file: str | None = None
    """A file with one such host a line, as Spark sees it; `#` begins a comment."""
    licenses: tuple[str, ...] = ()
    """Accepted licences, compared without case, "" for none stated; an empty list accepts all."""
    robots: tuple[str, ...] = ("noai",)
    """Robots directives that turn a page down, where its source carries them."""
    languages: tuple[str, ...] = ("en",)
    """Accepted languages (ISO 639 codes); an empty list accepts all."""
    min_language_score: Share = 0.65
    """Probability of the language (FineWeb)."""

    min_redirect_tokens: Count = 100
    """A page that says that it redirects is one below this length; ours."""
    min_tokens: Count = 50
    """Length in o200k tokens (Webscale-RL)."""
    max_tokens: Count = 130_000
    """Gopher's 100,000 words, at 1.3 tokens a word."""

    max_lorem_ipsum: Count = 0
    """Occurrences of "lorem ipsum" (C4)."""
    max_policy_chars: Share = 0.3
    """Characters in lines that name JavaScript, cookies or terms of use: lines that C4 drops. The share is ours."""
    max_curly_chars: Share = 1
    """Curly brackets among the characters. C4 drops a page with any: LaTeX and code with it, so this is off."""
    min_sentences: Count = 3
    """Sentences in lines of five words or more (C4); a line of code or a formula counts as one."""
    min_word_chars: Count = 3
    """Mean length of a word (Gopher)."""
    max_word_chars: Count = 10
    """Mean length of a word (Gopher)."""
    min_alpha_words: Share = 0.8
    """Words with a letter in them (Gopher)."""
    max_symbol_words: Count = 0.1
    """Hash signs or ellipses, whichever are more, per word (Gopher)."""
    min_stop_words: Annotated[float, Field(ge=0, le=8)] = 2
    """Of eight English stop words, how many stand in an English text (Gopher)."""
    max_bullet_lines: Share = 0.9
    """Lines that begin with a bullet (Gopher)."""
    max_ellipsis_lines: Share = 0.3
    """Lines that end in an ellipsis (Gopher)."""
    min_punct_lines: Share = 0
    """Lines that end like a sentence. FineWeb's 0.12 drops articles that close with a long list: off."""
    min_punct_chars: Share = 0.12
    """Characters in lines that end, or run on to end, like a sentence: FineWeb's threshold, by characters."""
    max_short_lines: Share = 1
    """Lines of at most 30 characters. FineWeb's 0.67 drops such articles too: off."""
    max_short_chars: Share = 0.67
    """Characters in lines of at most 30: FineWeb's threshold, by characters."""
    max_lines_per_word: Count = 0.3
    """Lines per word (FineWeb's published code)."""

    max_dup_lines: Share = 1
    """Lines that stood before. Gopher's 0.3 drops articles with what was left of a table: off."""
    max_dup_line_chars: Share = 0.1
    """Characters in them (FineWeb; Gopher 0.2)."""
    max_dup_paragraphs: Share = 0.3
    """Paragraphs that stood before (Gopher)."""
    max_dup_paragraph_chars: Share = 0.2
    """Characters in them (Gopher)."""
    max_top_2gram: Share = 0.20
    """Characters in the most frequent run of two words (Gopher)."""
    max_top_3gram: Share = 0.18
    """Likewise, of three (Gopher)."""
    max_top_4gram: Share = 0.16
    """Likewise, of four (Gopher)."""
    max_dup_5grams: Share = 0.15
    """Characters in runs of five words that stood before (Gopher)."""
    max_dup_6grams: Share = 0.14
    """Likewise, of six (Gopher)."""
    max_dup_7grams: Share = 0.13
    """Likewise, of seven (Gopher)."""
    max_dup_8grams: Share = 0.12
    """Likewise, of eight (Gopher)."""
    max_dup_9grams: Share = 0.11
    """Likewise, of nine (Gopher)."""
    max_dup_10grams: Share = 0.10
    """Likewise, of ten (Gopher)."""
