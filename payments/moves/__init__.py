"""Money that met the wrong account, moved to the right one: out and in, as a pair, never by editing."""
