"""A keyboard and nothing else. Wherever the focus stands, it has to be seen."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

MOST_TABS = 120
_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return {label: "", shown: true};
  const words = one.labels && one.labels.length ? one.labels[0] : one;
  const told = words.cloneNode(true);
  const asides = "kbd, .optional, .usa-checkbox__label-description, .usa-radio__label-description, svg";
  for (const aside of told.querySelectorAll(asides)) aside.remove();
  const tile = one.labels && one.labels.length ? getComputedStyle(one.labels[0], "::before").outlineStyle : "none";
  const group = one.closest(".usa-input-group") || one;
  const outlines = [getComputedStyle(one).outlineStyle, getComputedStyle(group).outlineStyle, tile];
  return {
    label: (one.getAttribute("aria-label") || told.textContent).replace(/\\s+/g, " ").trim(),
    shown: outlines.some(style => style !== "none"),
  };
}"""


@dataclass(frozen=True)
class Focus:
    """Where the keyboard is: the words of the field, link or button, and whether one sees that it is there."""

    label: str
    shown: bool


def focus(page: Page) -> Focus:
    """Where the keyboard is now."""
    return Focus(**page.evaluate(_FOCUSED))


def tabs_to(page: Page, label: str, *, back: bool = False) -> None:
    """Press Tab until the focus is on what is labeled so; ``label`` may go on (``Everything`` finds ``Everything:
    $119.12``). Fails with all that was passed if it never comes there."""
    passed = [focus(page).label]
    while not _fits(passed[-1], label.strip()):
        if len(passed) > MOST_TABS:
            raise AssertionError(f"Tab never came to {label!r}; it passed {passed}")
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = focus(page)
        assert here.shown, f"the focus cannot be seen on {here.label!r}"
        passed.append(here.label)


def types_at(page: Page, label: str, value: str) -> None:
    """Tab to a field and type."""
    tabs_to(page, label)
    page.keyboard.type(value)


def enters(page: Page, label: str) -> None:
    """Tab to a link or button, press Enter, and wait for the page that follows."""
    tabs_to(page, label)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _fits(found: str, label: str) -> bool:
    return found == label or found.startswith((f"{label} ", f"{label}:"))
