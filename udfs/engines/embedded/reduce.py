"""Reduction: a parsed sentence refused by its grammar, or cut down to a main statement that stays true."""

import re
from typing import TYPE_CHECKING

from udfs.engines.embedded.clause import SUBJECTS, Clause, Refused
from udfs.engines.embedded.references import bare_object, refuse_references
from udfs.engines.embedded.words import words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_LOOSE = ("csubj", "csubjpass", "ccomp", "parataxis", "expl", "dep", "intj", "meta", "preconj")
_CONDITIONS = words("conditions")
_ABSOLUTE = re.compile(r", (?:with|by) |, the \w+ \w+ing\b")


def clause_of(doc: "Doc", known: str = "", kind: str = "") -> Clause:
    """Return the main statement of a parsed sentence.

    `known` is a common noun that needs no explanation on this page, its topic. "The" and `kind` is the topic.

    Raises:
        Refused: the sentence is one whose cut-down form might be false, or not understood on its own.
    """
    roots = [t for t in doc if t.dep_ == "ROOT"]
    if len(roots) != 1 or roots[0].pos_ not in ("VERB", "AUX"):
        raise Refused("not one main verb")
    root = roots[0]
    subjects = [t for t in root.children if t.dep_ in SUBJECTS]
    if len(subjects) != 1 or subjects[0].i > root.i:
        raise Refused("not one subject")
    subject = subjects[0]
    pronoun = subject.i == 0 and subject.lower_ in ("he", "she")
    pronoun |= bool(kind) and subject.i == 1 and f"{doc[0].text} {subject.text}" == f"The {kind}"
    if subject.lemma_ == "example":
        raise Refused("examples")
    if subject.pos_ not in ("NOUN", "PROPN") and not pronoun:
        raise Refused("subject is no noun")
    if any(t.dep_ in _LOOSE or t.tag_ == "MD" or t.dep_ == "neg" for t in doc):
        raise Refused("loose or modal clause")
    if not _finite(root):
        raise Refused("verb is not finite")
    between = [t for t in doc[subject.i + 1 : root.i] if t.head == root]
    if any(t.dep_ not in ("aux", "auxpass", "advmod", "punct") for t in between):
        raise Refused("phrase between subject and verb")
    clause = Clause(doc, root, subject, {t.i for t in doc}, pronoun)
    _trim(clause)
    refuse_references(clause, known)
    if bare_object(clause) or _ABSOLUTE.search(clause.text(clause.keep)):
        raise Refused("object or addition that says too little")
    return clause


def _finite(root: "Token") -> bool:
    if root.tag_ in ("VBD", "VBZ", "VBP"):
        return True
    return any(t.dep_ in ("aux", "auxpass") and t.tag_ in ("VBD", "VBZ", "VBP") for t in root.children)


def _trim(clause: Clause) -> None:
    for token in clause.doc:
        if token.i not in clause.keep:
            continue
        if token.dep_ == "conj" and token.pos_ in ("VERB", "AUX") and token.head.i in (clause.root.i,):
            _cut_conjunct(clause, token)
        elif token.dep_ == "advcl":
            _cut_adverbial(clause, token)
        elif token.dep_ == "appos":
            _cut_apposition(clause, token)
        elif token.dep_ in ("relcl", "acl") and _after_comma(clause, token):
            _cut(clause, token)
            _refuse_bare(clause, token.head)
        elif token.lower_ == "also" and token.dep_ == "advmod":
            clause.keep.discard(token.i)


def _after_comma(clause: Clause, token: "Token") -> bool:
    before = token.left_edge.i - 1
    return before >= 0 and clause.doc[before].text == ","


def _cut(clause: Clause, token: "Token") -> None:
    for i in range(token.left_edge.i - 1, token.right_edge.i + 1):
        clause.keep.discard(i)
    after = token.right_edge.i + 1
    if after < len(clause.doc) and clause.doc[after].dep_ == "cc":
        raise Refused("list after a dropped clause")
    if after < len(clause.doc) and clause.doc[after].text == ",":
        clause.keep.discard(after)


def _refuse_bare(clause: Clause, noun: "Token") -> None:
    """Refuse a subject with "the" that has lost what told which one it is, and holds no name: the last Democrat."""
    left = [clause.doc[i] for i in clause.kept(noun)]
    named = any(t.pos_ == "PROPN" and t.ent_type_ != "NORP" for t in left)
    definite = any(t.lower_ == "the" and t.head == noun for t in left)
    if noun == clause.subject and definite and not named and all(t.dep_ != "poss" for t in left):
        raise Refused("cut subject")


def _cut_apposition(clause: Clause, noun: "Token") -> None:
    """Cut an explanation in commas. A name after a comma stays: Ulm, Germany, or an item of a list."""
    if _after_comma(clause, noun):
        if noun.pos_ == "NOUN" and any(t.dep_ == "det" for t in noun.children):
            _cut(clause, noun)
            _refuse_bare(clause, noun.head)
        elif noun.pos_ == "NOUN":
            raise Refused("list or apposition")


def _cut_conjunct(clause: Clause, verb: "Token") -> None:
    """Cut a second statement. What follows it might belong to it, so nothing may follow."""
    joints = [t for t in clause.root.children if t.dep_ == "cc" and clause.root.i < t.i < verb.i]
    if not joints or any(t.lower_ not in ("and", "but") for t in joints):
        raise Refused("alternatives")
    if joints[0].i - 1 == clause.root.i:
        raise Refused("shared complement")
    start = joints[0].i
    verbs = [t for t in clause.doc if t.dep_ == "conj" and t.i < start and t.i > clause.root.i and t.pos_ == "VERB"]
    start = min([start, *(t.left_edge.i for t in verbs)])
    for i in range(start, len(clause.doc)):
        if clause.doc[i].head.i <= start and i > verb.right_edge.i and not clause.doc[i].is_punct:
            raise Refused("text after a dropped clause")
        if i < len(clause.doc) - 1 or not clause.doc[i].is_punct:
            clause.keep.discard(i)


def _cut_adverbial(clause: Clause, verb: "Token") -> None:
    if any(t.lower_ in _CONDITIONS and t.dep_ != "prep" for t in verb.children) or verb.left_edge.i < clause.subject.i:
        raise Refused("condition or leading clause")
    if verb.left_edge.i > clause.root.i and _after_comma(clause, verb):
        rest = range(verb.right_edge.i + 1, len(clause.doc))
        if any(not clause.doc[i].is_punct for i in rest):
            raise Refused("text after a dropped clause")
        _cut(clause, verb)
