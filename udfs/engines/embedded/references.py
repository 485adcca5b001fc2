"""References: words that point out of a sentence, so that it says too little without the page."""

from typing import TYPE_CHECKING

from udfs.engines.embedded.clause import Clause, Refused
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_PRONOUNS = words("pronouns")
_UNIQUE = words("unique_nouns")


def refuse_references(clause: Clause, known: str) -> None:
    """Refuse words that point out of the sentence: pronouns, definite nouns that nothing in it explains."""
    for i in clause.keep:
        token = clause.doc[i]
        if token.lower_ in _PRONOUNS and token.pos_ == "PRON" and not (clause.pronoun and i == clause.subject.i):
            raise Refused("pronoun")
        if token.lower_ in ("its", "their", "his", "her") and i < clause.root.i:
            raise Refused("pronoun")
        told = bool(known) and known in (token.lower_, token.lemma_)
        told |= clause.pronoun and i == clause.subject.i
        if token.lower_ in ("his", "her") and not _has_person(clause, i):
            raise Refused("pronoun")
        if token.lower_ == "that" and token.dep_ == "det":
            raise Refused("that")
        if token.dep_ == "conj" and token.tag_ in ("VBD", "VBZ", "VBP") and token.head.dep_ not in ("relcl", "advcl"):
            raise Refused("second verb")
        if token.pos_ == "NOUN" and not told and unanchored(token, clause.keep):
            raise Refused(f"which {token.text}?")


def bare_object(clause: Clause) -> bool:
    """Tell whether the verb's object is a mere "evidence" or "a report" of which nothing more is said."""
    objects = [t for t in clause.root.children if t.dep_ == "dobj" and t.pos_ == "NOUN"]
    return any(all(c.dep_ in ("det", "punct") or c.i not in clause.keep for c in t.children) for t in objects)


def _has_person(clause: Clause, before: int) -> bool:
    return clause.pronoun or any(t.ent_type_ == "PERSON" or t.pos_ == "PROPN" for t in clause.doc[:before])


def unanchored(noun: "Token", keep: set[int]) -> bool:
    """Tell whether a noun has "the" but nothing that says which one is meant."""
    children = [t for t in noun.children if t.i in keep]
    if not any(t.lower_ == "the" for t in children) or noun.lower_ in _UNIQUE:
        return False
    return not any(_explains(t) for t in children)


def _part_of_any(noun: "Token") -> bool:
    """Tell whether a noun hangs by "of" on one with "a", so that a name may be of either: a form of the art called …"""
    return noun.head.lower_ == "of" and any(t.lower_ in ("a", "an") for t in noun.head.head.children)


def _explains(token: "Token") -> bool:
    if token.dep_ == "acl" and token.lower_ in ("called", "named", "dubbed") and _part_of_any(token.head):
        return False
    if token.dep_ in ("relcl", "acl", "poss", "nummod") or token.tag_ in ("JJS", "RBS"):
        return True
    if token.dep_ == "prep" and token.i > token.head.i:
        named = any(t.pos_ in ("PROPN", "NUM") for t in token.subtree)
        return any(c.dep_ in ("pobj", "pcomp") for c in token.children) and (token.lower_ == "of" or named)
    proper = token.pos_ == "PROPN" or token.ent_type_ in ("NORP", "ORDINAL") or token.text[:1].isupper()
    return proper and token.dep_ in ("compound", "amod", "appos", "nmod")
