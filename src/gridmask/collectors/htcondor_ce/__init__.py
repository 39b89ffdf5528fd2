"""HTCondor-CE: how many jobs each computing element has, and whether it lets them run, as its collector knows it.

The form is that of ``condor_ce_status -schedd -json``, by HTCondor's documentation of the attributes of a scheduler; it was not
tried on a live one.
"""
