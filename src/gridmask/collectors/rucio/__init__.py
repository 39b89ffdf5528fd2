"""Rucio: how much space its storage elements have, as it was told itself, and how transfers between them ended.

The form is that of its REST interface: https://rucio.github.io/documentation/html/rest_api_doc.html.
"""
