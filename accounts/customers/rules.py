"""Names as a guest may see them: enough for the holder to recognize, too little for anybody else to learn."""

from __future__ import annotations


def masked_name(name: str) -> str:
    """``María López`` → ``M••• L•••``: first letters only; the rest says nothing, not even its length."""
    return " ".join(word[0] + "•••" for word in name.split() if word)
