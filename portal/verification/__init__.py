"""What ``verify`` asks the books, one module for each part of the house."""
