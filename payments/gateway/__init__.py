"""The one door to the card processor. No type of the vendor's library crosses it."""
