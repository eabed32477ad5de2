"""Money that met the wrong account is moved to the right one, by a linked pair of journals."""
