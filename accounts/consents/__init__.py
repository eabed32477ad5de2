"""Every agreement of every kind is one record: which text, in which language, by whom, when, and its end."""
