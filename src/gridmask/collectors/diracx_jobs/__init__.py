"""DiracX's jobs: how many there are of each site, or whatever else they are grouped by, in each status.

The form is that of its route ``POST /api/jobs/summary``.
"""
