"""Places that the city serves or licenses. Meters, reads and liens stay with the place when people move."""
