"""What the portal tells people of itself: to whom, by which way, when, in which words; and what comes back."""
