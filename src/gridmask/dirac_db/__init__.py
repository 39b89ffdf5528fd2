"""DIRAC's status databases, read and put into our words: statuses and histories that are to go on here.

``layout.py`` tells which tables and columns there are, ``source.py`` reads them, ``translate.py`` says what a record means,
``timeline.py`` which records are changes, ``management.py`` does the same for downtimes and occupancy, and ``report.py`` tells
what became of everything.
"""
