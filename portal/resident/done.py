"""What is said after an act."""

from __future__ import annotations

from flask import flash


def say(words: str, kind: str = "success") -> None:
    """A sentence on the next page: ``success``, ``info``, ``warning`` or ``error``."""
    flash(words, kind)
