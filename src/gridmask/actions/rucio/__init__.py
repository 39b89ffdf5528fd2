"""Rucio: whether its storage elements can be read, written and deleted from, as a VO's mask says.

Its REST interface: https://rucio.github.io/documentation/html/rest_api_doc.html.
"""
