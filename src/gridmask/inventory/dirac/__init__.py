"""DIRAC's configuration as an inventory: as a file, from the live Configuration service, and from DiracX.

``gridmask.dirac_cfg`` reads the syntax into a tree. ``resources.py`` makes a publication of a tree; each kind of resource has a
file of its own. ``service.py`` and ``diracx.py`` are the two other ways by which a tree comes.
"""
