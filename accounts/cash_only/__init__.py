"""Accounts that pay in cash only for a while, because payments of theirs came back."""
