"""DIRAC's workload management system: how many jobs and pilots there are, by the calls of its services over HTTPS.

What the methods take and give is that of DIRAC 8 and 9; they were tried on a double after it, not on a DIRAC.
"""
