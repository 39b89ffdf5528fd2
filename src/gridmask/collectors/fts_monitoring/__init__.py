"""FTS' web monitoring: how many transfers ended well or badly on each link, within the last hours.

The form is that of its overview, as the code of fts-monitoring has it: https://gitlab.cern.ch/fts/fts-monitoring.
"""
