"""Pages, chapters and claims held together: each gap between them is a warning, which ends the build.

A page among the chapters has an entry in `zhenwu/spec/chapters.py`, with the same title. Every chapter serves a claim.
Every claim names a chapter that is written or planned. Keys of numbers are the business of `number_role.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sphinx.util import logging
from spine_places import place

from zhenwu.spec import chapters, claims
from zhenwu.spec.chapters import APPENDICES

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)
NO_CHAPTERS = ("The question", "Reference")  # the parts of _toc.yml whose pages are not chapters

Fault = tuple[str, str | tuple[str, int]]  # what is wrong, and where: file and line, or page and line


def chapter_pages(env: BuildEnvironment) -> list[str]:
    """The pages that _toc.yml has among the chapters."""
    site_map = getattr(env, "external_site_map", None)
    trees = site_map.root.subtrees if site_map else []
    return [str(item) for tree in trees if tree.caption not in NO_CHAPTERS for item in tree.files()]


def page_faults(env: BuildEnvironment) -> Iterator[Fault]:
    titles = {chapter.stem: chapter.title for chapter in chapters.CHAPTERS}
    for page in chapter_pages(env):
        if page not in titles:
            yield f"page {page}: expected a Chapter of this stem in zhenwu/spec/chapters.py", (page, 1)
    for stem, title in titles.items():
        shown = env.titles[stem].astext() if stem in env.titles else title
        if shown != title:
            wanted = f'expected "{title}", as in {place("Chapter", stem)}'
            yield f'chapter {stem} has the title "{shown}": {wanted}', (stem, 1)


def table_faults() -> Iterator[Fault]:
    for chapter in chapters.CHAPTERS:
        if not chapter.claims and chapter.part != APPENDICES:
            where = str(place("Chapter", chapter.stem))
            yield f"chapter {chapter.stem} serves no claim: expected its stem in one of zhenwu/spec/claims.py", where
    stems = {chapter.stem for chapter in chapters.CHAPTERS}
    for claim in claims.CLAIMS:
        unknown = ", ".join(stem for stem in claim.chapters if stem not in stems) or "none"
        if unknown != "none" or not claim.chapters:
            wanted = "stems of zhenwu/spec/chapters.py, written or planned"
            yield f"claim {claim.id} names chapter {unknown}: expected {wanted}", str(place("Claim", claim.id))


def check(app: Sphinx, env: BuildEnvironment) -> None:
    for fault, where in (*page_faults(env), *table_faults()):
        logger.warning("%s", fault, location=where)
