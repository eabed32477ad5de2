"""How money moves: baskets, checkout on the processor's page, settlement, receipts, webhooks.

``stripe`` is imported in ``payments.gateway`` only, and ``payments.posting`` is the only bridge to the books.
A card number never enters this package.
"""
