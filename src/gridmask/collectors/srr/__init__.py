"""WLCG's Storage Resource Reporting: what a storage service publishes of its shares, in a document of its own.

The form is that of the schema 4.2 of WLCG's accounting task force, as EOS, dCache, DPM and StoRM write it.
"""
