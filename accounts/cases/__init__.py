"""Cases: whatever somebody asks the city for and somebody has to decide. Nothing here knows what it is about."""
