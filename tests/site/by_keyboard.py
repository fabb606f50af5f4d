"""A reader without a mouse: every step here is a key, and what cannot be reached by Tab cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_STEPS = 1500  # from one end of the longest page to the other
ANNOUNCED = "element => element.closest('output, [role=status], [role=alert], [role=log], [aria-live]') !== null"
SHOWS_FOCUS = """element => {
  const kinds = ["outline", "boxShadow", "borderColor", "backgroundColor"];
  const look = () => kinds.map((kind) => getComputedStyle(element)[kind]).join();
  const focused = look();
  element.blur();
  const plain = look();
  element.focus();
  return focused !== plain;
}"""


def skip_the_menu(page: Page) -> None:
    """The first Tab of a page reaches the link past the menu."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.skip-link') !== null"), "the first Tab is no skip link"
    page.keyboard.press("Enter")


def tab_to(page: Page, selector: str, most: int = MOST_STEPS) -> None:
    """Press Tab until an element that matches has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector}: not reached by {most} times Tab")


def is_announced(page: Page, selector: str) -> bool:
    """Whether a screen reader says what changes in the element."""
    return page.locator(selector).first.evaluate(ANNOUNCED)


def shows_focus(page: Page) -> bool:
    """Whether the focused element looks otherwise than without focus."""
    return page.evaluate(f"({SHOWS_FOCUS})(document.activeElement)")
