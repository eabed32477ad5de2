"""Papers that people send in: checked by what they are, drawn anew where they are photographs, kept once."""
