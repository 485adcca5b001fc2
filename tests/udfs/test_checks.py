"""The deterministic checks: good pairs of every type pass, and each bad one fails for its reason alone."""

import itertools
import random
import time
from decimal import Decimal
from typing import Any, get_args

import pytest

from udfs import typed
from udfs.answers import AnswerType
from udfs.checks import failures
from udfs.context import no_context
from udfs.dates import Date
from udfs.leaks import leaked
from udfs.options import elements
from udfs.support import supported
from udfs.wording import malformed

Case = tuple[str, str, str, str]  # type, question, answer (with "|" before aliases, "#" before a unit), evidence


def judged(kind: str, question: str, answer: str, source: str) -> list[str]:
    answer, _, unit = answer.partition(" # ")
    answer, *aliases = answer.split(" | ")
    candidate = {
        "question": question,
        "answer": answer,
        "aliases": aliases,
        "answer_type": kind,
        "unit": unit or None,
        "evidence": source,
    }
    return list(failures(candidate, f"Some words before. {source} And some behind."))


GOOD: list[Case] = [
    # integer
    (
        "integer",
        "How many people lived in Wuhan in 2010?",
        "4779736",
        "In 2010 Wuhan had 4,779,736 inhabitants.",
    ),
    (
        "integer",
        "How many people lived in Sofia in 1999?",
        "1120000",
        "Sofia had 1.12 million people in 1999.",
    ),
    ("integer", "How many hearts does an octopus have?", "3", "An octopus has three hearts."),
    ("integer", "How many seats does the hall in Ulm have?", "1200", "Der Saal in Ulm hat 1.200 Plätze."),
    ("integer", "How many seats does the hall in Nancy have?", "1200", "La salle a 1\u202f200 places."),
    (
        "integer",
        "How many days after launch did Apollo 13 return?",
        "6 # days",
        "It returned after six days.",
    ),
    ("integer", "How many states did the union have in 1900?", "19", "The union counted 19 states."),
    (
        "integer",
        "How many B-52 bombers were built at the Seattle plant?",
        "277",
        "Seattle built 277 of them.",
    ),
    ("integer", "Which one of Saturn's rings, by number, is widest?", "1", "It is ring number one."),
    (
        "integer",
        "How many keys does a standard piano have?",
        "88 | eighty-eight",
        "It has eighty-eight keys.",
    ),
    ("integer", "How many of the 3 million voters in Riga abstained?", "3", "Only 3 voters abstained."),
    ("integer", "How often did Anna Fischer win the Vienna open?", "2", "Anna Fischer won it twice."),
    ("integer", "What is the lowest temperature on Mount Erin, in °C?", "-40 # °C", "It falls to −40 °C."),
    ("integer", "Which rank does Peru hold in copper mining?", "2", "Peru ranks second in copper."),
    ("integer", "In Python, what does `len([1, 2, 3])` return?", "3", "It returns 3."),
    ("integer", "What is the remainder of $10 - 3 - 3$ by 4 in Z?", "0", "The remainder is 0."),
    # number
    ("number", "What share of voters backed the Basel plan in 1999?", "35.5 # %", "It won 35.5 percent."),
    ("number", "What was Norvik's profit in 2022?", "41.2 # million euros", "Profit was 41.2 million euros."),
    ("number", "What was Norvik's profit in 2021?", "41200000 # euros", "Profit was €41.2 million."),
    ("number", "What is the Avogadro constant?", "6.022e23 # 1/mol", "It is 6.022 × 10²³ per mole."),
    ("number", "What is the Avogadro constant called N_A?", "6.022e23", "$N_A = 6.022 \\times 10^{23}$."),
    ("number", "What fraction of Chad's land is arable?", "0.5", "About ½ of the land is arable."),
    ("number", "How tall is the tower at Brno in metres?", "3.5 # m", "Der Turm ist 3,5 Meter hoch."),
    ("number", "What is the defined speed of light in m/s?", "299792458 # m/s", "It is 299,792,458 m/s."),
    ("number", "What did a barrel of oil cost in May 2020?", "29.4 # US dollars", "It cost US$29.40."),
    # date
    ("date", "When did Ada Brown die in York?", "12 March 1990", "She died on March 12, 1990, in York."),
    ("date", "In which month was the Oslo bridge opened?", "March 1990", "It opened on 12 March 1990."),
    ("date", "In which year was the Oslo bridge opened?", "1990", "It opened on 12 March 1990."),
    ("date", "When did Kate Sheppard's act become law?", "1893-09-19", "Signed on 19 September 1893."),
    ("date", "When was Troy VII destroyed?", "1180 BC", "Troy VII was destroyed in 1180 BCE."),
    (
        "date",
        "When did the Great War take place?",
        "1914-1918",
        "The war, from 1914 to 1918, killed millions.",
    ),
    ("date", "In which century was the abbey of Melk founded?", "11th century", "It was founded in 1089."),
    ("date", "In which decade did Nokia enter the phone market?", "1980s", "Nokia entered it in the 1980s."),
    ("date", "In which month may hunters shoot deer in Jura?", "May", "Deer are shot in May only."),
    ("date", "On what date did the 1905 strike at Lodz end?", "May 4, 1905", "It ended on 4 May 1905."),
    (
        "date",
        "Wann wurde die Brücke in Ulm eröffnet?",
        "12. März 1990",
        "Am 12. März 1990 wurde sie eröffnet.",
    ),
    ("date", "In which season of 1990 was the Oslo bridge opened?", "spring 1990", "Opened in spring 1990."),
    # name
    ("name", "Who discovered penicillin?", "Alexander Fleming | Fleming", "Sir Alexander Fleming found it."),
    ("name", "Who painted the ceiling at Parma?", "The Master of Prato", "Painted by a Master of Prato."),
    ("name", "Which city is the capital of Brazil?", "Brasília", "The capital is Brasilia since 1960."),
    ("name", "Which power fought Spain in 1898?", "US | United States", "Spain fought the U.S. that year."),
    ("name", "Who ruled Denmark in 1600?", "King Christian IV", "Christian IV ruled it."),
    ("name", "Which band played at Leeds in 1970?", "The Who", "The Who played at Leeds."),
    ("name", "Which firm owns the Zürich store?", "Müller & Söhne", "It belongs to Müller and Söhne."),
    ("name", "中国的首都是哪里？", "北京", "中国的首都是北京市。"),
    ("name", "Who wrote the novel The Tin Drum?", "Günter Grass", "It is by Gunter Grass."),
    # phrase
    (
        "phrase",
        "Which protein carries oxygen in octopus blood?",
        "haemocyanin",
        "Haemocyanin carries oxygen.",
    ),
    (
        "phrase",
        "What does the zinc coat give to steel?",
        "cathodic protection",
        "the so-called Cathodic\nProtection",
    ),
    ("phrase", "Which language is Linux's kernel mainly written in?", "C++", "It is written in C++."),
    ("phrase", "What is the law about current and voltage called?", "Ohm's law", "This is Ohm’s law."),
    ("phrase", "What is the study of the past by its remains called?", "archaeology", "It is archaeology."),
    ("phrase", "What does the author of Moby-Dick hunt?", "a white whale", "Melville hunts a white whale."),
    ("phrase", "The chemical symbol of gold is ____.", "Au", "Its symbol is Au."),
    (
        "phrase",
        "Name the gas that plants take up in photosynthesis.",
        "carbon dioxide",
        "They take up carbon dioxide.",
    ),
    ("phrase", "What kind of animal is a whale?", "mammal", "Whales are mammals."),
    # boolean
    ("boolean", "Is mercury liquid at room temperature?", "true | yes", "Mercury is liquid then."),
    ("boolean", "Is it true that no planet rotates backwards?", "No", "Venus rotates backwards."),
    # choice
    ("choice", "Is a tomato botanically a fruit or a vegetable?", "fruit", "A tomato is a fruit."),
    ("choice", "Did Norvik's revenue rise, fall or stay equal in 2022?", "rise", "It did rise."),
    ("choice", "Which is denser at 4 °C: ice or liquid water?", "liquid water", "Liquid water is denser."),
    ("choice", "Which pole is it? (A) north (B) south", "B", "It is pole B."),
    # expression
    ("expression", "To what does $\\sum_{n=0}^\\infty ar^n$ converge?", "\\frac{a}{1-r}", "It is $a/(1-r)$."),
    ("expression", "What is the derivative of $x^2$?", "2x", "The derivative is 2x."),
    ("expression", "Solve $x^2 = 4$ for positive x.", "x", "It is two."),
    # list
    ("list", "Which two metals does heraldry know?", "gold; silver", "The metals are gold and silver."),
    ("list", "Which three primes are below six?", "2, 3 and 5", "These are 2, 3, and 5."),
    ("list", "Of cats, dogs and bees, which two are mammals?", "cats; dogs", "Cats and dogs are mammals."),
    ("list", "Which two sums were paid at Bern?", "1,000; 2,500", "They paid 1,000 and 2,500 francs."),
    # code
    ("code", "Which argument lifts the limit of `lru_cache`?", "maxsize=None", "Use `maxsize=None`."),
    ("code", "Which Python function returns the length of a list?", "len", "Call `len(x)`."),
    # a letter, a keyword or a title stands behind an article
    ("expression", "To which power must a to the power b be raised to give a?", "1/b", "It is 1/b."),
    ("expression", "What is the ratio of a to b if b is twice a?", "1/2", "It is 1/2."),
    ("code", "Which method does the with statement call first in Python?", "__enter__", "It calls `__enter__`."),
    ("name", "Which band sang 'The The Song' at the A to Z of Riga?", "Haemo", "Haemo did."),
]


@pytest.mark.parametrize("case", GOOD, ids=lambda c: f"{c[0]}-{c[2]}")
def test_good_pairs_pass(case: Case) -> None:
    assert judged(*case) == []


def test_there_are_good_pairs_of_all_types() -> None:
    assert len(GOOD) >= 60
    assert len({kind for kind, *_ in GOOD}) == 10


S = "unsupported_answer"
L = "leak"
N = "no_context"
T = "type_mismatch"
A = "answer_too_long"
M = "malformed_question"
LONG = "one two three four five six seven eight nine ten eleven"
BAD: list[tuple[str, Case]] = [
    (
        S,
        ("integer", "How many people lived in Wuhan in 2010?", "4779735", "In 2010 it had 4,779,736 people."),
    ),
    (S, ("integer", "How many people lived in Wuhan in 2010?", "779", "In 2010 it had 4,779,736 people.")),
    (S, ("integer", "How many hearts does an octopus have?", "4", "An octopus has three hearts.")),
    (S, ("integer", "How many nights did Ms Roe stay?", "90", "She stayed in room NT-90.")),
    (S, ("integer", "How cold is Mount Erin in January?", "40 # °C", "It falls to −40 °C.")),
    (S, ("number", "What share of voters backed the plan in Basel?", "35.6 # %", "It won 35.5 percent.")),
    (
        S,
        ("number", "What was Norvik's profit in 2022?", "41.2 # billion euros", "Profit: 412 million euros."),
    ),
    (S, ("number", "What is the Avogadro constant?", "6.022e22", "It is 6.022 × 10²³ per mole.")),
    (S, ("date", "When did Ada Brown die in York?", "12 March 1990", "She died in March 1990.")),
    (S, ("date", "When did Ada Brown die in York?", "13 March 1990", "She died on March 12, 1990.")),
    (S, ("date", "When did the Great War take place?", "1914-1919", "The war, from 1914 to 1918.")),
    (S, ("date", "In which century was the abbey of Melk founded?", "12th century", "It dates from 1089.")),
    (S, ("date", "In which month may hunters shoot deer in Jura?", "May", "Hunters may shoot deer.")),
    (S, ("name", "Who discovered penicillin?", "Howard Florey | Florey", "Alexander Fleming found it.")),
    (S, ("name", "Who found the strings of Bern?", "Cat", "They concatenate strings.")),
    (S, ("phrase", "Which protein carries oxygen in octopus blood?", "haemoglobin", "Haemocyanin does.")),
    (S, ("phrase", "What carries oxygen in octopus blood?", "blue haemocyanin", "Haemocyanin is blue.")),
    (S, ("choice", "Is a tomato a fruit or a vegetable?", "vegetable", "A tomato is a fruit.")),
    (S, ("list", "Which two metals does heraldry know?", "gold; copper", "They are gold and silver.")),
    (T, ("expression", "What is the speed of a wave on a string?", "it depends on tension", "It depends on tension.")),
    (L, ("integer", "How many hearts do the 3 hearts of an octopus make?", "3", "It has three hearts.")),
    (L, ("integer", "How many are the three hearts of an octopus?", "3", "It has 3 hearts.")),
    (L, ("integer", "How many are 1,000 grams of gold?", "1000", "It is 1000.")),
    (
        L,
        (
            "number",
            "How much is 41.2 million euros in Norvik's books?",
            "41.2 # million euros",
            "41.2 million",
        ),
    ),
    (L, ("date", "What happened in Oslo on 12 March 1990?", "March 12, 1990", "On 12 March 1990 it opened.")),
    (L, ("date", "In which year was the 1990 Oslo bridge opened?", "1990", "It opened on 12 March 1990.")),
    (L, ("name", "Who was the doctor Alexander Fleming?", "Alexander Fleming", "Alexander Fleming did.")),
    (L, ("name", "Who is called Fleming in London?", "Alexander Fleming | Fleming", "Alexander Fleming.")),
    (L, ("name", "Which river is the Nile of Egypt?", "The Nile", "It is the Nile.")),
    (L, ("name", "Which city is Brasilia in Brazil?", "Brasília", "It is Brasília.")),
    (L, ("name", "Which country, the U.S. of course, won?", "US", "The US won.")),
    (
        L,
        (
            "phrase",
            "What is the CATHODIC-protection effect called?",
            "cathodic protection",
            "cathodic protection",
        ),
    ),
    (L, ("phrase", "What is 光合作用 in plants in China?", "光合作用", "它叫光合作用。")),
    (L, ("choice", "Which plant part is a fruit, botanically speaking?", "fruit", "A tomato is a fruit.")),
    (L, ("list", "Which are the metals gold and silver?", "gold; silver", "They are gold and silver.")),
    (L, ("code", "What does `len` do in Python to a list?", "len", "Call len.")),
    (L, ("expression", "What equals $\\frac{a}{1-r}$ in the limit?", "\\frac{a}{1-r}", "It is that.")),
    (N, ("phrase", "According to the text, what carries oxygen?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "What carries oxygen according to the passage?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "In the passage, what carries oxygen?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "What is mentioned in the article as a carrier?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "What does this article call the carrier?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "What does the author recommend against pain?", "haemocyanin", "Haemocyanin does.")),
    (N, ("phrase", "What is the main idea of the passage?", "rust", "It is rust.")),
    (N, ("name", "Who led the troops mentioned above?", "Haemo", "Haemo did.")),
    (N, ("name", "What did he discover in 1928?", "penicillin", "He found penicillin.")),
    (N, ("date", "When was it founded?", "1928", "Founded in 1928.")),
    (N, ("date", "In which year did she move to Paris?", "1928", "She moved in 1928.")),
    (N, ("name", "Who invented this method?", "Haemo", "Haemo did.")),
    (N, ("phrase", "How many took aspirin in the study?", "most of them", "Most of them.")),
    (N, ("phrase", "In the study, how many took aspirin?", "most of them", "Most of them.")),
    (N, ("phrase", "Which of the following is a metal?", "gold", "Gold is one.")),
    (N, ("phrase", "Laut dem Text, was trägt den Sauerstoff?", "Kupfer", "Kupfer trägt ihn.")),
    (T, ("integer", "How many hearts does an octopus have?", "some hearts", "It has some hearts.")),
    (T, ("integer", "How tall is the Brno tower in metres?", "3.5 # m", "It is 3.5 m tall.")),
    (T, ("number", "How many days did the Riga trip take?", "5-10 # days", "It took 5-10 days.")),
    (T, ("date", "When did Ada Brown die in York?", "Christmas Day", "On Christmas Day she died.")),
    (T, ("date", "When did Ada Brown die in York?", "45", "It was 45.")),
    (T, ("boolean", "Is mercury liquid at room temperature?", "perhaps", "Perhaps.")),
    (T, ("choice", "Is a tomato a berry or a vegetable?", "fruit", "A tomato is a fruit.")),
    (T, ("list", "Which metals does heraldry know?", "gold", "It knows gold.")),
    (T, ("name", "Who led the Riga party in 1920?", "He was led by Haemo", "He was led by Haemo.")),
    (T, ("name", "Who led the Riga party in 1921?", "It was led by Haemo.", "It was led by Haemo.")),
    (T, ("phrase", "How tall is the Brno tower?", "very tall # m", "It is very tall.")),
    (T, ("essay", "How tall is the Brno tower?", "very tall", "It is very tall.")),
    (A, ("phrase", "What did the Brno choir sing at noon?", LONG, f"They sang {LONG}.")),
    (A, ("code", "Which line ends the Brno program?", "x" * 201, "It ends.")),
    (
        A,
        ("list", "Which letters did the Brno choir sing?", "; ".join("abcdefghijk"), "a b c d e f g h i j k"),
    ),
    (M, ("name", "Who won?", "Haemo", "Haemo did.")),
    (M, ("name", "", "Haemo", "Haemo did.")),
    (M, ("name", "Who won the Riga open in 1920", "Haemo", "Haemo did.")),
    (M, ("name", "The winner of the Riga open.", "Haemo", "Haemo did.")),
    (M, ("name", "Who won the Riga open? And who lost the final?", "Haemo", "Haemo did.")),
    (M, ("name", "Who turned the Riga canal into a to wide road?", "Haemo", "Haemo did.")),
    (M, ("name", "Who won the of Riga open in 1920?", "Haemo", "Haemo did.")),
    (M, ("name", "Who lost the the Riga open in 1920?", "Haemo", "Haemo did.")),
    (M, ("name", "Who won " + "the great " * 70 + "Riga open?", "Haemo", "Haemo did.")),
]


@pytest.mark.parametrize(("failure", "case"), BAD, ids=lambda v: v if isinstance(v, str) else v[1][:30])
def test_bad_pairs_fail_for_their_reason_alone(failure: str, case: Case) -> None:
    assert judged(*case) == [failure]


def test_a_long_name_fails_twice_in_order() -> None:
    assert judged("name", "Who led the Riga party?", LONG, f"It was {LONG}.") == [T, A]


@pytest.mark.parametrize(
    ("kind", "answer", "source", "passage"),
    [
        ("integer", "1234", "Aruba had 1,234", "Aruba had 1,234,567 people in 2010."),
        ("integer", "3", "It grew by 3", "It grew by 3.75 percent."),
        ("number", "0.75", ".75 percent", "It grew by 3.75 percent."),
        ("date", "198", "born in 198", "He was born in 1984."),
        ("integer", "5", "5 degrees", "It was -5 degrees."),
        ("integer", "5", "5 Grad", "Es waren –5 Grad."),
        ("name", "Rome", "the capital is Rome", "So the capital is Romeville."),
        ("name", "Ville", "ville is the capital", "Romeville is the capital."),
    ],
)
def test_evidence_that_cuts_through_a_word_or_number_supports_no_part_of_it(
    kind: str, answer: str, source: str, passage: str
) -> None:
    pair = {"question": "What was it in Aruba in 2010?", "answer": answer, "answer_type": kind, "evidence": source}
    assert failures(pair, passage) == {"unsupported_answer": answer}


def test_ungrounded_evidence_says_nothing_of_support() -> None:
    pair: dict[str, Any] = {
        "question": "Who found penicillin first?",
        "answer": "Fleming",
        "answer_type": "name",
    }
    assert failures({**pair, "evidence": "Fleming did"}, "Florey did") == {"ungrounded_evidence": "Fleming did"}
    assert failures({**pair, "evidence": None}, "Fleming did") == {"ungrounded_evidence": ""}
    assert failures({**pair, "evidence": "Fleming   “did”"}, 'So Fleming "did".') == {}


@pytest.mark.parametrize(
    "question",
    [
        "Who invented this method of the Riga school?",
        "In the study of logic, what is a tautology?",
        "Who is the author of Moby-Dick?",
        "In the passage of time, which star dims?",
        "According to the author of Utopia, who should rule?",
        "According to the article by Smith (2010), what causes rust?",
        "According to Newton, what keeps planets in orbit?",
        "How long after the death of the author does copyright last in France?",
        "Which CSS property sets the colour of the text?",
        "Why is it important to wash hands?",
        "How long does it take to boil an egg at sea level?",
        "When was it discovered that penicillin kills bacteria?",
        "Is it true that whales sleep?",
        "What time is it in Tokyo when London strikes noon?",
        "Einstein left Berlin in 1933. Where did he go?",
        "When Marie Curie moved to Paris, what did she study?",
        "What did Marie Curie study when she moved to Paris?",
        "A 2010 paper by Dr Roe defined entropy. Which year does this paper cite?",
        "In the 1974 study by Loftus and Palmer, which verb gave the highest estimates?",
        "What is this theorem called that states $a^2 + b^2 = c^2$?",
        "Which of the following is a metal: gold, coal or wood?",
        "How do people in Peru call their capital?",
        "In which passage does Dante meet Virgil?",
        "What is an author's moral right?",
        "How does Excel align the text in a cell?",
        "What does the Northwest Passage connect?",
        "Which document did King John sign in 1215?",
        "What is the boiling point of water at the pressure given by one atmosphere?",
        "In a right triangle, how is its hypotenuse found?",
        "In which year did the author of Emma die?",
        "What did the authors of the Federalist Papers call themselves?",
        "Which report did the Club of Rome publish in 1972?",
        "What did the Study Group 13 decide?",
        "May dogs enter the Riga museum?",
        "What is the current through a resistor of 5 ohms at 10 volts?",
        "How many people are in a barbershop quartet?",
        "How many workers does it take to row a trireme?",
        "What is the latest date on which Easter can fall?",
        "Which isotope is used to date rocks?",
        "What was the population of Aruba in 2010?",
        "What is the population of Lilliput in the novel?",
        "Who is the president of Taggart Transcontinental in Ayn Rand's Atlas Shrugged?",
        "What is the most recent common ancestor of whales and hippos called?",
        "Which modern country is now where Troy stood?",
        "Who directed his first film, The Killers, as a student in 1956?",
        "In his 1905 paper, what did Einstein explain?",
        "After she moved to Paris, which prize did Marie Curie win?",
        "Why does a bee die after it stings, and not a wasp?",
        "How far is it from Riga to Oslo?",
        "In Figure skating, what is an axel?",
        "Which SQL clause drops duplicates from the table?",
        "What is price elasticity?",
        "Jane has 3 dogs now. How many does she have if she buys 2 more?",
    ],
)
def test_no_false_alarm_about_context(question: str) -> None:
    assert not no_context(question)
    assert not malformed(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the film 'Who Is Harry Kellerman?' about?",
        "In which year was What Ever Happened to Baby Jane? released?",
        "Let $x = 3$. Compute $x^2 + 1$.",
        "If $x = 3$, find $x^2$.",
        "The capital of Peru is ____",
        "¿Quién pintó el Guernica?",
        "日本の首都はどこですか。",
        "What does the regex `a?b?c` match?",
        "Which page does https://example.org/a?b=c show?",
        "Really?! Who won the Riga open?",
        "Ποια είναι η πρωτεύουσα;",
        "Which king, who lost Ulm and who was killed at Leuven, ruled Bavaria?",
        "What is the difference between who and whom?",
        "A. J. Ayer wrote which book in 1936?",
    ],
)
def test_well_formed(question: str) -> None:
    assert not malformed(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the current chancellor of Austria?",
        "Who is the mayor of Riga?",
        "What is the population of Aruba?",
        "What was Norvik's revenue?",
        "How many employees does Siemens have?",
        "How many people live in Aruba?",
        "What is the latest version of TeX?",
        "How many members does the club have today?",
        "What is it made of?",
        "Who wrote the report?",
        "What does the author say about Riga?",
        "In the diagram, which valve opens first?",
        "What is shown in the picture?",
    ],
)
def test_context_is_missing(question: str) -> None:
    assert no_context(question)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which country fought South American Chile in 1866?", "United States"),
        ("Who was the son of John Adams?", "John Quincy Adams"),
        ("Which member of the Kennedy family was shot in Dallas?", "John F. Kennedy"),
        ("Which city is the capital of Mexico?", "Mexico City"),
        ("Which language do people in Portugal speak?", "Portuguese"),
        ("What is a row of the periodic table called?", "period"),
        ("Who sailed with Columbus on the Santa Maria?", "Juan de la Maria Cosa"),
    ],
)
def test_what_only_looks_like_a_leak(question: str, answer: str) -> None:
    assert leaked(question, answer, "name", None) is None
    assert leaked(question, answer, "phrase", None) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which colours, blue and red, are in the flag of Chad?", "red; blue"),
        ("In which cities, Riga and Ulm, did Haemo teach?", "Riga; Ulm"),
        ("Who, Maren Holt and King Harald, led the works?", "Maren Holt; King Harald"),
        ("Which of these, gold and silver, are metals?", "gold; silver"),
        ("Which of the two, gold and silver, did Haemo find in Ulm?", "gold; silver"),
    ],
)
def test_what_asks_is_no_option_beside_a_list(question: str, answer: str) -> None:
    assert leaked(question, answer, "list", None) == answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which of cats, dogs and bees are tame?", "dogs; bees"),
        ("Which fly: bats, crows and cats?", "crows; cats"),
        ("Which colours, of blue, red and green, are in the flag of Chad?", "red; blue"),
        ("Which two among gold, silver and coal are metals?", "gold; silver"),
    ],
)
def test_elements_to_choose_from_are_no_leak(question: str, answer: str) -> None:
    assert leaked(question, answer, "list", None) is None


@pytest.mark.parametrize(
    ("answer", "evidence", "passage"),
    [
        ("J. R. R. Tolkien", "John Ronald Reuel Tolkien wrote it.", ""),
        ("John Ronald Reuel Tolkien", "J.R.R. Tolkien wrote it.", ""),
        ("Tolkien, John", "John R. R. Tolkien wrote it.", ""),
        ("John Kennedy", "John F. Kennedy won.", ""),
        ("Dr. Alexander Fleming", "Fleming found it.", "Alexander Fleming was a Scot. Fleming found it."),
        ("St. Peter", "It was Saint Peter.", ""),
        ("World Health Organization", "The WHO said so.", "The World Health Organization (WHO) met. The WHO said so."),
        ("Martin Luther King Jr.", "Martin Luther King, Jr., spoke.", ""),
    ],
)
def test_a_name_in_another_form_is_supported(answer: str, evidence: str, passage: str) -> None:
    assert supported(answer, "name", None, evidence, passage or evidence)


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("John Adams", "John Quincy Adams won."),
        ("Alexander Fleming", "Ian Fleming wrote it."),
        ("J. Smith", "A. Smith did."),
    ],
)
def test_another_name_is_not_supported(answer: str, evidence: str) -> None:
    assert not supported(answer, "name", None, evidence, evidence)


@pytest.mark.parametrize(
    ("answer", "kind", "evidence"),
    [
        ("chemical weathering", "phrase", "It is chemical and physical weathering."),
        ("12 March 1990", "date", "In 1990 it rained; on 12 March the bridge fell."),
        ("26000000", "integer", "Sie hat 26 Millionen Ziegel."),
        ("red light; blue light", "list", "Plants use red and blue light."),
        ("12 March 1990; 4", "list", "On March 12, 1990 there were four."),
    ],
)
def test_an_answer_said_otherwise_is_supported(answer: str, kind: str, evidence: str) -> None:
    assert supported(answer, kind, None, evidence, evidence)


@pytest.mark.parametrize(
    ("answer", "kind", "unit", "value"),
    [
        ("4.779.736", "integer", None, Decimal(4779736)),
        ("4 779 736", "integer", None, Decimal(4779736)),
        ("47,79,736", "integer", None, Decimal(4779736)),
        ("1.234,56", "number", None, Decimal("1234.56")),
        ("−5", "integer", None, Decimal(-5)),
        ("twenty-one", "integer", None, Decimal(21)),
        ("two hundred and five", "integer", None, Decimal(205)),
        ("a hundred", "integer", None, Decimal(100)),
        ("2½", "number", None, Decimal("2.5")),
        ("$1.5 billion", "number", None, Decimal(1500000000)),
        ("about 300 m", "integer", None, Decimal(300)),
        ("5.0", "integer", None, Decimal(5)),
        ("1.2.3", "number", None, None),
        ("two or three", "integer", None, None),
        ("12 March 1990", "integer", None, None),
        ("The answer is 5", "integer", None, None),
        ("Mar. 12, 1990", "date", None, Date(1990, 3, 12)),
        ("the 12th of March, 1990", "date", None, Date(1990, 3, 12)),
        ("12.03.1990", "date", None, Date(1990, 3, 12)),
        ("25/12/1990", "date", None, Date(1990, 12, 25)),
        ("15 March 44 BC", "date", None, Date(-44, 3, 15)),
        ("AD 79", "date", None, Date(79)),
        ("nineteenth century", "date", None, Date(19, grain="century")),
        ("1914–18", "date", None, (Date(1914), Date(1918))),
        ("12–15 March 1990", "date", None, (Date(1990, 3, 12), Date(1990, 3, 15))),
        ("March to May 1990", "date", None, (Date(1990, 3), Date(1990, 5))),
        ("99/99/1990", "date", None, None),
        ("Yes.", "boolean", None, True),
        ("FALSE", "boolean", None, False),
        ("y", "boolean", None, None),
        ("x", "phrase", None, None),
    ],
)
def test_typed_values(answer: str, kind: str, unit: str | None, value: object) -> None:
    assert typed.value(answer, kind, unit) == value


def test_elements() -> None:
    assert elements("a; b, c; and d") == ["a", "b, c", "d"]
    assert elements("a, b, and c") == ["a", "b", "c"]
    assert elements("1,000, 2,000 and 3") == ["1,000", "2,000", "3"]
    assert elements("") == []


def test_nothing_raises() -> None:
    rng = random.Random(7)
    bits = [
        *"0123456789-.,;:/^{}$%()?_'\"\\ \n\t½²年月日",
        *(
            "May",
            "1990",
            "12",
            "e9",
            "10^",
            "BC",
            "th",
            "million",
            "one",
            "and",
            "century",
            "\\frac",
            "s",
            "\ud800",
        ),
    ]
    kinds = get_args(AnswerType)
    for kind in itertools.islice(itertools.cycle(kinds), 4_000):
        a, q, e = ("".join(rng.choices(bits, k=rng.randint(0, 9))) for _ in range(3))
        failures(
            {"question": q, "answer": a, "aliases": [q], "answer_type": kind, "unit": None, "evidence": e},
            a + e + q,
        )


def test_missing_fields_are_empty() -> None:
    nothing = dict.fromkeys(("question", "answer", "aliases", "answer_type", "unit", "evidence"))
    for candidate in ({}, nothing):
        assert list(failures(candidate, "")) == ["ungrounded_evidence", T, M]


@pytest.mark.parametrize(
    "bit", ["a", "1", "1,", "one ", "May ", "1990-", "é ", "(", "$", "? ", '"', " ", "the text ", "; "]
)
def test_long_texts_take_bounded_time(bit: str) -> None:
    text = bit * (1_000_000 // len(bit))
    began = time.process_time()
    for kind in ("integer", "date", "name", "list"):
        answer = bit.strip() + ("5" if kind in ("integer", "date") else " x")
        failures({"question": text, "answer": answer, "answer_type": kind, "evidence": text}, text)
        failures({"question": text, "answer": text, "aliases": [text] * 9, "answer_type": kind}, text)
    assert time.process_time() - began < 30
