"""What comes from outside, as bytes that nobody chose: ``make fuzz`` looks for the ones that break a parser.

Each target is a module with ``try_bytes``, which raises where a promise is broken, and ``SEEDS`` to begin with. The
tests in ``tests/fuzz`` call the same functions, for seconds instead of minutes.
"""
