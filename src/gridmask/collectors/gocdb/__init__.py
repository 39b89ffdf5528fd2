"""GOCDB: everything here that knows its formats.

GOCDB answers each of its methods with a ``<results>`` document, in pages if asked so (:mod:`~gridmask.collectors.gocdb.pages`).
``get_site`` and ``get_service_endpoint`` are its inventory (:mod:`~gridmask.collectors.gocdb.topology`),
``get_downtime_nested_services`` its announced outages (:mod:`~gridmask.collectors.gocdb.downtimes`).
"""
