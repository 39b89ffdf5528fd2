"""Notifications: who is told what, when, and by which way.

``items.py`` is what is told, ``plans.py`` to whom and when (``hours.py``); ``grouping.py`` makes messages of it, purely.
``writing.py`` and ``layout.py`` put them into words, ``gathering.py`` keeps all that in the database, ``mail.py`` and
``services.py`` send it, with what ``secrets.py`` reads.
"""
