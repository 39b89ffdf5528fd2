"""Views that look as DIRAC's tables of statuses do, for those who read these directly.

``shape.py`` says how DIRAC's tables look, ``words.py`` how each database says what is needed for that; ``names.py`` what
elements are called there, and ``naming.py`` the same in SQL; ``present.py`` what the views of the present select, ``past.py``
those of the past; ``script.py`` has the statements, ``marker.py`` knows which views are ours, and ``keeper.py`` makes, renews
and drops them.
"""
