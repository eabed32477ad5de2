"""Finding an account as a guest: forgiving to its holder, silent to a guesser."""
