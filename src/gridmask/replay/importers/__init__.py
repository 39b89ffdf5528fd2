"""Importers: histories that others have, as recordings. A format a file; ``histories.py`` has what they share."""
