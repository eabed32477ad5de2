"""A release of the city, proposed by one person and approved by another."""
