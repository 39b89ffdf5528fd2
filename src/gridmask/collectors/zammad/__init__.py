"""Zammad, the helpdesk that GGUS became in 2025: how many tickets are open about each site, and for which VO.

The form is that of Zammad's REST API, with the fields that GGUS added to tickets.
"""
