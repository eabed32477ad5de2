"""How each person wants to be told: by mail or text, in which language, when not; and which addresses are dead."""
