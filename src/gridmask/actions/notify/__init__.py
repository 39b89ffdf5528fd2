"""Notifications: who is told what, when, and by which way.

``items.py`` is what is told, ``plans.py`` to whom and when (``hours.py``), ``grouping.py`` gathers it into messages, purely;
``templates.py`` writes these, ``gathering.py`` keeps all that in the database, ``addresses.py``, ``mail.py`` and ``services.py``
send them.
"""
