"""Answering a question of the page, and what is wrong with how it is marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.site.by_keyboard import is_announced
from tests.site.finding import Part

if TYPE_CHECKING:
    from playwright.sync_api import Page


def other_than(answer: str) -> str:
    """A number that is near, and wrong."""
    return str(float(answer) + 1)


def choose(page: Page, form: str, wanted: Callable[[str], bool]) -> str:
    """Put into the form the first of its choices that is wanted; which one that was."""
    offered = page.locator(f"{form} option").all_inner_texts()[1:]
    choice = next(filter(wanted, offered))
    page.select_option(f"{form} select", choice)
    return choice


def marked(page: Page, part: Part, right: bool) -> str:
    """What the page says to a right answer, or to a wrong one."""
    form, answer = f"form{part.selector}", part["data-answer"]
    if page.locator(f"{form} select").count():
        choose(page, form, lambda choice: (choice == answer) == right)
    else:
        page.fill(f"{form} input", answer if right else other_than(answer))
    page.click(f"{form} button")
    return page.inner_text(f"{form} output")


def grading_faults(page: Page, part: Part) -> list[str]:
    """Whether a wrong answer is called wrong, the right one right, and both are announced."""
    found = []
    wrong, right = marked(page, part, right=False), marked(page, part, right=True)
    if not wrong or "Right" in wrong:
        found.append(f"{part}: a wrong answer is marked {wrong!r}")
    if right != "Right.":
        found.append(f"{part}: the right answer is marked {right!r}")
    if not is_announced(page, f"form{part.selector} output"):
        found.append(f"{part}: the mark is not announced")
    return found
