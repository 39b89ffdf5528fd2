"""Prometheus: what its instant queries answer, as probes or as metrics of elements.

The form is that of its HTTP API, version 1: https://prometheus.io/docs/prometheus/latest/querying/api/.
"""
