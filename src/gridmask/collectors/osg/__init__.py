"""OSG Topology: everything here that knows its formats.

Topology answers with two XML documents: ``ResourceSummary``, its inventory (:mod:`~gridmask.collectors.osg.topology`), and
``Downtimes``, its announced outages (:mod:`~gridmask.collectors.osg.downtimes`). Their schemas are published beside them as
``rgsummary.xsd`` and ``rgdowntime.xsd``; where answers deviate from these, the module that copes with it says so.
"""
