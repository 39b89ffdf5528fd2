"""DIRAC's status databases, read and put into our words: statuses and histories that are to go on here.

``tables.py`` says which tables there may be, ``layout.py`` which there are, and ``source.py`` reads them; ``translate.py`` says
what a record means, ``timeline.py`` which records are changes, ``present.py`` what rows are now, and ``management.py`` what is
known of downtimes and occupancy; ``report.py`` tells what became of everything.
"""
