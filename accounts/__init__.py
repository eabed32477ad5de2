"""The receivables book: what is owed, by whom, under which rule, and the double entry that proves it.

A module at this level is shared vocabulary; a folder is a feature. Nothing here knows the web, the network
or how money moves: ``payments`` imports ``accounts``, never the other way round.
"""
