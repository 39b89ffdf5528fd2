"""DIRAC's ``occupancy.json``: a file on the storage itself that tells how much of a storage element is free.

It has ``Total`` and ``Free``, in bytes; DIRAC looks for it at ``/VO/occupancy.json``, or where ``OccupancyLFN`` says.
"""
