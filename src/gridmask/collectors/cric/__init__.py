"""CRIC, the catalogue of what the experiments at CERN's accelerators use: sites, storage endpoints, PanDA's queues.

Each document is a JSON object of records by name, as CRIC's ``/api/NAME/query/?json`` answers it, and AGIS did before.
"""
