"""A sale at the window: a basket of accounts and items, paid by one or several tenders, on one receipt."""
