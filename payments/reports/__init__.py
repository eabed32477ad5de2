"""What the window did, to look at, to take out and to be mailed."""
