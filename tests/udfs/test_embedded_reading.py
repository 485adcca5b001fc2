"""What was found wrong among a hundred published pairs of the embedded engine is made no more; what is right stays."""

import pytest

from udfs.engines.embedded.pairs import candidates
from udfs.engines.embedded.sentences import split

REST = " It rained for most of the night in the town of Port Ellis."
VOLE = "The marsh vole is a small, brown, burrowing mammal native to the wet meadows of Ruritania"
LATER = "Guests came in the evening. A dinner was given to them. They were then welcomed with a long speech. "

# Title, text, and what no question made of it may hold.
WRONG = {
    "a share of now": ("Andorra", "The share of farmers among men in Spain and Andorra is 1.1%.", "____%"),
    "a share of people now": ("Andorra", "The workforce of Andorra consists of 48% Basques from Ulm Valley.", "____%"),
    "a number that is only near": (
        "American Revolutionary War", "An American army of 8,000 men had entrenched about 10 miles south of Saratoga, "
        "New York.", "____ miles",
    ),
    "a bound": ("Albania", "The Ulm Strike of Albanian miners in 1911 lasted at least 21 weeks.", "____ weeks"),
    "another bound": ("Albania", "The Ulm Strike of Albanian miners in 1911 lasted more than 21 weeks.", "____ weeks"),
    "a high": ("Albania", "Before the Treaty of Ulm, Albania's illiteracy rate was as high as 85%.", "____%"),
    "a number below nought": (None, "In 1911, the shore of Lake Ellis lay at −28 metres in Ruritania.", "____ metres"),
    "an addition": (None, "In addition, Peter Kane sold the Barrow Mill to the town of Ulm in 1907.", "Mill"),
    "a contrast": (None, "By contrast, Peter Kane sold the Barrow Mill to the town of Ulm in 1907.", "Mill"),
    "an end": (None, "Eventually, Peter Kane sold the Barrow Mill to the town of Ulm in 1907.", "Mill"),
    "a definition of many": ("Marsh vole", f"{VOLE}.", "What is the term"),
    "no kind asked for": ("Ruritania", f"{LATER}Ruritania is the largest producer of figs in Europe.", "producer"),
    "what was cut told which": (
        "Alabama", "The last remaining statewide Democrat, who served on the Alabama Public Service Commission was "
        "defeated in 2012.", "Democrat",
    ),
    "a noun was lost": (None, "In 1911, the town of Barrow turned the Ellis Canal into a to wide road.", "Canal"),
    "a state is no event": (None, "In 2002, the Ruritanian merchant navy had 54 ships in the Baltic.", "Fill in"),
    "called, of either": (None, "In 2009, Kane made a new version of the art called Barrowmatics.", "the art"),
    "one of many leading ones": (
        "Anarchism", "Karl Marx became a leading figure in the League of Ulm and a member of its Council.", "____",
    ),
    "others thought so too": (
        "Hamitic languages", "Marcel Cohen rejected the idea of a Hamitic group in the Berber languages.", "a person",
    ),
    "a verb that the parser takes for a noun": (
        "Andre Agassi", "In 1998, Agassi won five titles and leapt from world no. 110 to no. 6, the highest jump into "
        "the top 10 made by any player during a calendar year.", "leapt",
    ),
    "a work in hand": ("Algeria", "Russia is building two 636-type diesel submarines for Algeria.", "How many"),
    "others and their numbers": (
        "Abraham Lincoln", "Lincoln received 1,866,452 votes, Douglas 1,376,957 votes, Breckinridge 849,781 votes, and "
        "Bell 588,789 votes.", "Who",
    ),
    "the article of another name": (
        "Alabama", f"The Alabama Senate had 35 members. {LATER}A new capitol building was erected under the direction "
        "of Stephen Decatur Button of Philadelphia.", "the Alabama:",
    ),
}  # fmt: skip

# Title, text, a question that must be made of it, and its answer.
RIGHT = {
    "a share of then": (
        None, "In 1911, the harbour of Port Ellis handled 40% of the grain of Ruritania.",
        "Fill in the blank with a number: In 1911, the harbour of Port Ellis handled ____% of the grain of Ruritania.",
        "40",
    ),
    "a share of a stuff": (
        "Ellis Bell", "Ellis Bell is a bell in Barrow. The bronze of the Ellis Bell contains 22% tin from Cornwall.",
        "Fill in the blank with a number: The bronze of the Ellis Bell contains ____% tin from Cornwall.", "22",
    ),
    "in addition to": (
        None, "In addition to the Ellis Ferry, Peter Kane owned the Barrow Mill in 1907.",
        "In what year did Peter Kane own the Barrow Mill in addition to the Ellis Ferry?", "1907",
    ),
    "a name with initials": (
        None, "The Ellis Bell was cast in 1928 at the C.W. Shumway Foundry in Batavia.",
        "In what year was the Ellis Bell cast at the C.W. Shumway Foundry in Batavia?", "1928",
    ),
    "a definition that tells apart": (
        "Marsh vole", f"{VOLE} that feeds on the roots of water lilies.",
        "What is the term for a small, brown, burrowing mammal native to the wet meadows of Ruritania that feeds on "
        "the roots of water lilies?", "marsh vole",
    ),
    "a country is asked for": (
        "Algeria", f"{LATER}Algeria is the largest producer of dates and figs in North Africa.",
        "Which country is the largest producer of dates and figs in North Africa?", "Algeria",
    ),
    "a kind is asked for": (
        "Ellis Bay", "Ellis Bay is a town in Ruritania. Ellis Bay is the largest producer of hops in Europe.",
        "Which town is the largest producer of hops in Europe?", "Ellis Bay",
    ),
    "a topic that nothing else tells": (
        "Albania", "Albania is a country. In 2000 the number of people living with HIV/AIDS was estimated at less than "
        "100.", "In the context of Albania, in what year was the number of people living with HIV/AIDS estimated at "
        "less than 100?", "2000",
    ),
    "the first of a rank": (
        None, "In 1992 Mae Jemison became the first African American woman to travel in space aboard STS-47.",
        "Fill in the blank with a person's name: In 1992 ____ became the first African American woman to travel in "
        "space aboard STS-47.", "Mae Jemison",
    ),
    "a name that its topic begins": (
        "Ayn Rand", f"{LATER}The seat of the Ayn Rand Institute is in Irvine. Friends of Rand founded the Nathaniel "
        "Branden Institute (NBI) in New York. The lectures of NBI were well known.",
        "What does the abbreviation NBI stand for in the context of Ayn Rand?", "Nathaniel Branden Institute",
    ),
    "a surname in a later passage": (
        "Abraham Lincoln", f"{LATER}On August 6, 1861, Lincoln signed the Confiscation Act of the United States.",
        "On what date did Abraham Lincoln sign the Confiscation Act of the United States?", "August 6, 1861",
    ),
    "a stuff in a later passage": (
        "Asphalt", f"{LATER}Roads of asphalt, of asphalt and stone, or coated with asphalt, were rare. In 1915, Sidney "
        "Ells of the Federal Mines Branch compared all methods of separation.",
        "In the context of asphalt, in what year did Sidney Ells of the Federal Mines Branch compare all methods of "
        "separation?", "1915",
    ),
    "a clause cut from a name": (
        None, "The Barrow Ferry, which crosses the Ellis, was sold in 1907 to Peter Kane.",
        "In what year was the Barrow Ferry sold to Peter Kane?", "1907",
    ),
}  # fmt: skip


def questions(title: str | None, text: str) -> dict[str, str]:
    return {p.question: p.answer for p in candidates(title, text + REST)}


@pytest.mark.parametrize("case", WRONG)
def test_what_the_reading_found_wrong_is_not_made(case: str) -> None:
    title, text, part = WRONG[case]
    assert [q for q in questions(title, text) if part in q] == []


@pytest.mark.parametrize("case", RIGHT)
def test_what_stands_beside_it_is(case: str) -> None:
    title, text, question, answer = RIGHT[case]
    found = questions(title, text)
    assert found.get(question) == answer, list(found.items())


def test_a_sentence_goes_on_behind_initials() -> None:
    text = (
        "The bell was cast at the C.W. Shumway Foundry in Batavia. It hangs in the tower of the Ellis Church of Barrow."
    )
    assert [s.text.split()[0] for s in split(text)] == ["The", "It"]
