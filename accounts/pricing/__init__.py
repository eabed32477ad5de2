"""One engine of pure rules that prices everything a city prices, and shows its working in every language."""
