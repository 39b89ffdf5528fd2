"""FTS3: which storage it transfers to and from, as a VO's mask says. After its documented contract; experimental.

Its REST interface: https://fts3-docs.web.cern.ch/fts3-docs/fts-rest/docs/api.html.
"""
