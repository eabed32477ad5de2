"""Bills of a posted run on paper: who gets one is frozen when a printing begins, then files are made in parts."""
