"""DIRAC's configuration as a tree, whatever is then made of it: resources (``inventory/dirac``), policies (``policy_import``).

``syntax.py`` reads the text into a tree (``tree.py``), and writes one.
"""
