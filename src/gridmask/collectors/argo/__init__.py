"""ARGO, which monitors EGI and WLCG: the statuses of services and sites, and their availability day by day.

The form is that of version 3 of its web API: https://argoeu.github.io/argo-web-api/.
"""
