"""Who excluded a queue of PanDA's: HammerCloud by its test jobs, the switcher for a downtime, a person by hand.

The form is put together from what the page of CRIC that shows it has; it was not tried on a live one.
"""
