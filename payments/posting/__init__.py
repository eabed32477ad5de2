"""The posting step: the one bridge from money received to the books, the charges and the receipt."""
