"""Two records of one person made one, by two people of the city, and made two again if it was a mistake."""
