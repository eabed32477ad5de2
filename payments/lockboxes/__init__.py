"""Files of the bank's lockbox, posted once."""
