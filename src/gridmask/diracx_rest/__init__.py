"""The door for clients of DiracX: its routes ``/api/rss/...``, with its models, its validators and its errors.

It translates and decides nothing: what is told is the mask that is told through any other door.
"""
