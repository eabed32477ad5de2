"""Residents' own sign-ins: an address that a link has proved, a password, passkeys, other providers, sessions."""
