"""Measurements in the form of our own: a JSON document that any script can write, or send.

The one parser reads it from files and addresses, as the kind of source ``measurements``, and from whoever posts it.
"""
