"""Policy tests: what a VO's administrators expect of their policies, written as data, and played through the real step.

``tables`` says how they are written, ``reading`` makes a :class:`~gridmask.policies.testing.script.Script` of it, ``playing``
plays that, ``running`` finds files and runs what is in them.
"""
