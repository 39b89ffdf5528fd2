"""Conditions that people write, in the Common Expression Language (https://cel.dev): in rules, and on what is told to others.

``text.py`` bounds what may be written, ``messages.py`` says what it can be about, ``engine.py`` is the only one that knows the
library, and ``complaints.py`` puts what the library says into words for administrators. The last three are loaded when a
condition needs them. ``changes.py`` has those on changes.
"""
