"""Credits that are paid back: from the account's credit to what the city owes as refunds."""
