"""One supertype for everything a customer holds with the city: utility account, license, citation.

Aliases, charges, pending payments, plans and notes hang on its one real key, whatever the kind.
"""
