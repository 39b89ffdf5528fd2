"""ARGO's topology: the sites and services that it monitors, as an inventory.

The form is that of its web API, version 2, where topologies are: https://argoeu.github.io/argo-web-api/.
"""
