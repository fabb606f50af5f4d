"""What a claim of the article is made of, and which verdicts the book can give.

Its words are ours, and its text is MyST Markdown: a number in it is asked for by key, with the role number or value,
and never typed.
"""

from dataclasses import dataclass

from zhenwu.spec.sourced import Source, Sourced

HOLDS, IN_PART, FAILS = "holds", "holds in part", "fails"
UNTESTABLE, OPEN = "cannot be tested here", "open"
VERDICTS = (HOLDS, IN_PART, FAILS, UNTESTABLE, OPEN)
SETTLED = (HOLDS, IN_PART, FAILS)  # these need a figure

TOPICS = (
    "The chip",
    "What agents ask of it",
    "The model and its long run",
    "Co-design",
    "The roadmap",
    "The rack and the service",
    "The honest side",
)


@dataclass(frozen=True)
class Claim:
    """One statement that can be tested, and what came of it so far.

    `chapters` are the stems of those that bear on it, written or planned: here stands who serves what, and nowhere
    else. `figure` holds the keys of the numbers behind the verdict, and `facts` what else is known. A verdict
    without a figure is open, or cannot be tested here; an open one has no figure yet. Anything else raises ValueError.
    """

    id: str
    name: str
    topic: str
    words: str
    sources: tuple[Source, ...]
    chapters: tuple[str, ...]
    verdict: str
    remark: str
    figure: tuple[str, ...] = ()
    facts: tuple[Sourced, ...] = ()

    def __post_init__(self):
        if self.verdict not in VERDICTS:
            raise ValueError(f'{self.id} has verdict "{self.verdict}": expected one of {", ".join(VERDICTS)}')
        if self.topic not in TOPICS:
            raise ValueError(f'{self.id} has topic "{self.topic}": expected one of {", ".join(TOPICS)}')
        if self.verdict in SETTLED and not self.figure:
            raise ValueError(f"{self.id} {self.verdict} without a figure: expected a key, or the verdict {OPEN}")
        if self.verdict == OPEN and self.figure:
            raise ValueError(f"{self.id} is {OPEN} with figure {self.figure[0]}: expected no figure behind it")
        if not self.sources:
            raise ValueError(f"{self.id} names no source: expected who says so")

    def other_facts(self) -> tuple[Sourced, ...]:
        """The facts that are not the figure itself."""
        return tuple(fact for fact in self.facts if fact.key not in self.figure)
