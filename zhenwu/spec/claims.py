"""Every claim of the article, and what this book found: the table behind the page "What the article says".

The claims stand in `claims_chip.py`, `claims_model.py` and `claims_company.py`, in the article's order. Later facts
correct the article; then both stand here, and the remark says which is newer.
"""

from zhenwu.spec.claim import Claim
from zhenwu.spec.claims_chip import CHIP_CLAIMS
from zhenwu.spec.claims_company import COMPANY_CLAIMS
from zhenwu.spec.claims_model import MODEL_CLAIMS

CLAIMS: tuple[Claim, ...] = CHIP_CLAIMS + MODEL_CLAIMS + COMPANY_CLAIMS


def served_by(stem: str) -> tuple[Claim, ...]:
    """The claims that a chapter bears on."""
    return tuple(claim for claim in CLAIMS if stem in claim.chapters)
