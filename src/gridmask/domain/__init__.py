"""The decision core: pure values and functions, no I/O, no clock, no framework.

Read :mod:`~gridmask.domain.step` first: everything else here exists for that function.
"""
