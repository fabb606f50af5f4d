"""What the drawn cases of a family came to: how many counted, and how near they came to the bar."""

from dataclasses import dataclass, field

from tests.oracle.twin import Errors


@dataclass
class Tally:
    """All comparisons of one family in this run."""

    errors: list[Errors] = field(default_factory=list)

    @property
    def counted(self) -> list[Errors]:
        """Those without a near tie of a router."""
        return [error for error in self.errors if not error.near_tie]

    @property
    def large(self) -> int:
        """How many of those have a logit beyond 3."""
        return sum(error.largest > 3 for error in self.counted)

    @property
    def over(self) -> int:
        """How many of those miss the bar."""
        return sum(max(error.ours, error.ours_double) > error.bar for error in self.counted)

    def __str__(self) -> str:
        shares = sorted(error.ours / error.bar for error in self.counted)
        if not shares:
            return f"{len(self.errors)} cases, all near ties"
        ties = len(self.errors) - len(shares)
        return (
            f"{len(self.errors)} cases, {ties} near ties of a router left out, {self.large} with |logit| > 3, "
            f"{self.over} over the bar; error over bar: median {shares[len(shares) // 2]:.2f}, largest {shares[-1]:.2f}"
        )


TALLIES: dict[str, object] = {}  # what is printed at the end, by name
