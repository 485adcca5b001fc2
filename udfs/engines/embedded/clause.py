"""The clause: a parsed sentence with one verb and one subject, and which of its words stay."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

SUBJECTS = ("nsubj", "nsubjpass")


class Refused(Exception):
    """This sentence makes no pair; the message says why."""


@dataclass
class Clause:
    """A sentence with one root and one subject. `keep` holds the indexes of the tokens that stay."""

    doc: "Doc"
    root: "Token"
    subject: "Token"
    keep: set[int] = field(default_factory=set)
    pronoun: bool = False
    """The subject is He or She; a template puts the topic's name in its place."""

    def kept(self, token: "Token") -> list[int]:
        """Return the kept indexes of a token's subtree."""
        return sorted(i for i in range(token.left_edge.i, token.right_edge.i + 1) if i in self.keep)

    def text(self, indexes: Iterable[int]) -> str:
        """Return tokens as text, in order, with the commas that trimming left alone taken away."""
        parts, last = [], None
        for i in sorted(indexes):
            parts.append(("" if last is None or last + 1 == i else " ") + self.doc[i].text_with_ws)
            last = i
        return tidy("".join(parts))

    @property
    def front(self) -> list[int]:
        """The kept tokens before the subject, without punctuation."""
        first = self.subject.left_edge.i
        before = [i for i in sorted(self.keep) if i < min(first, self.root.i) and i not in self._verbs]
        while before and self.doc[before[-1]].is_punct:
            before.pop()
        return before

    @property
    def _verbs(self) -> set[int]:
        return {t.i for t in self.root.children if t.dep_ in ("aux", "auxpass", "neg")}

    @property
    def auxiliaries(self) -> list["Token"]:
        """The auxiliaries of the root, in order."""
        return [t for t in self.root.children if t.dep_ in ("aux", "auxpass") and t.i < self.root.i]

    @property
    def passive(self) -> bool:
        """Tell whether the root is a passive."""
        return self.subject.dep_ == "nsubjpass"

    @property
    def predicate(self) -> list[int]:
        """The kept tokens after the subject, without the last stop."""
        last = len(self.doc) - 1
        end = last if self.doc[last].is_punct else last + 1
        return [i for i in sorted(self.keep) if self.subject.right_edge.i < i < end]


def tidy(text: str) -> str:
    """Return text with single spaces and without commas that stand alone or at an end."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([,.%])", r"\1", text)
    text = re.sub(r"(?:,\s*)+,", ",", text)
    return text.strip(" ,")
