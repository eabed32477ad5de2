"""What a browser calls itself, in the few words by which a person knows their own screen again. Pure."""

from __future__ import annotations

import re

_BROWSERS = (
    ("Edge", r"\bEdgA?/|\bEdgiOS/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Windows", r"\bWindows\b"),
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)
"""The first that fits: most browsers also name the others."""


def browser_of(agent: str) -> str:
    """``Firefox, Windows``; empty where the header says nothing that is known. Never what it says itself."""
    found = (next((name for name, sign in known if re.search(sign, agent)), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))
