"""What is kept in codes and JSON (evidence, audit, exceptions), said to people in their language."""
