"""A city's daily life: files in, through profiles, restartable, with control totals that tie."""
