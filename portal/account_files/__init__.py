"""What staff read of one account: rooms below each know a part of it, a desk needs them on one page.

Every module is one statement for one part of the page, however much there is; who may see the account was asked
before (``portal.staff.blueprint.guard``). Other accounts and people are named only to those who may see them too.
"""
