"""Where the inventory comes from: one file per kind of source, and how what they publish becomes the inventory.

Each source is read into a :class:`~gridmask.inventory.publication.Publication`, which
:func:`~gridmask.inventory.reconcile.reconcile` compares with what is known.
"""
