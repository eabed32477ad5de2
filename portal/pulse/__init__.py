"""How the window is doing: read from the database, judged by rules, said to people and to machines."""
