"""DIRAC's configuration as an inventory: as a file, from the live Configuration service, and from DiracX.

``cfg.py`` reads the syntax into a tree (``tree.py``). ``resources.py`` makes a publication of a tree; each kind of resource
has a file of its own. ``service.py`` and ``diracx.py`` are the two other ways by which a tree comes.
"""
